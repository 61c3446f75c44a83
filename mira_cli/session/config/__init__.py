"""`mira config`: shows and changes the settings, and checks them and the connection."""
