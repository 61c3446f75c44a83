"""The parts of a reply that can be printed alone: code blocks and JSON."""
