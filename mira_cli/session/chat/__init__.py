"""`mira chat`: a session that goes on, its input line, its files and its slash commands."""
