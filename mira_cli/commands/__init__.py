"""What you can type: the commands as rows, and for each a thin function without logic."""
