"""The one facade for the screen, the wall, the command line and the hub: `protocol` says what it can do."""
