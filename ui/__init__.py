"""People and programs: the command line."""
