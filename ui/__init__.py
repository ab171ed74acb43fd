"""The window: PySide6 widgets that show and ask. What is right or due is decided in `relocdesk`, never here."""
