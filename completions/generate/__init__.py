"""Writes the completion scripts, the man page and the tables of README.md: `python completions/generate`.

They are made by walking the Typer application and the settings table, once, here: a TAB starts no Python.
"""
