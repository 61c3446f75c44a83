"""Everything that can go wrong on the wire, by name: a table of small step sequences, split by kind."""
