"""What is read and shown."""
