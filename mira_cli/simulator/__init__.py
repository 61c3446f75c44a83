"""Who stands in for Mira: a loopback server that speaks the same wire."""
