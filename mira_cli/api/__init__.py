"""How it is sent: the Mira chat API on the wire."""
