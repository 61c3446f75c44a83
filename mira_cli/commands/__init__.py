"""What you can type: thin Typer functions, no logic."""
