"""Conversations, requests and replies as pure values: the standard library only, no I/O."""
