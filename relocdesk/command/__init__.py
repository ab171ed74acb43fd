"""What each subcommand does: one module per subject. Arguments are declared in relocdesk/commands.py."""
