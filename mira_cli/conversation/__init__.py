"""What is said: pure values, the standard library only, no I/O."""
