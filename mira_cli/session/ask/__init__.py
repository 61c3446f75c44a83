"""`mira ask`: what is wanted, the question gathered, and the answer in its form."""
