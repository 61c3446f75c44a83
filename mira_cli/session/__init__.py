"""What happens: one run, from opening to the last turn."""
