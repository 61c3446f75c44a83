"""`mira chat`: its loop, its turns, its slash commands and its files."""
