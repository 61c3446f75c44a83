"""What can be typed: a Typer function a file, without logic. `root.py` puts them together."""
