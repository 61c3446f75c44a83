"""A command-line chat tool for the Mira API."""

__version__ = "0.2.0"
