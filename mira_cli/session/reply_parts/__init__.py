"""What is taken out of a reply, and asked for again if it is not there: code blocks, JSON."""
