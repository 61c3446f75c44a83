"""`mira config`: the settings as a person reads and changes them, and the check of all of it."""
