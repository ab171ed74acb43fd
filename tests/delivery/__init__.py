"""Setting up, bundling, what is handed out."""
