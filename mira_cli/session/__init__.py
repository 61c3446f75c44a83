"""What the commands do: each run, from its settings to its last turn."""
