"""`mira batch`: asks the questions in a file, a few at a time, and resumes where it left off."""
