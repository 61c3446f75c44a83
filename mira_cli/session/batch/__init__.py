"""`mira batch`: rows in, rows out, a few at a time, and where it stopped."""
