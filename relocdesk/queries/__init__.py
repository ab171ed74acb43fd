"""Reading: what screens, papers and figures need. Nothing here changes anything."""
