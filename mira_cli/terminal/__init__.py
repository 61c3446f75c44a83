"""Reads input and writes output: the terminal, pipes, files.

streams, stdio          the standard streams as one value, when to use colour; descriptors 0, 1 and 2
reading, sanitize       decode text from outside; make it safe to show
cells, table            text widths; tables of our own text
writers, drawn_writers  how a reply is written: as it arrives, as JSON, as Markdown
result                  a complete reply with its metadata
progress, reasoning     shown before the reply: the waiting line, the model's reasoning
prompt, markdown        the input line of a chat; replies drawn while they arrive
"""
