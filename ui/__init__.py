"""People and programs: the command line and a chat page."""
