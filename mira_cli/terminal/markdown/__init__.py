"""A reply as Markdown, drawn while it arrives, each row once."""
