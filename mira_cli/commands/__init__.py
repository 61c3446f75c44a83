"""The commands: a Typer function for each, without logic. `root.py` registers them."""
