"""Everything that is read and shown.

streams, stdio, color   the standard streams as one value; descriptors 0, 1 and 2; when to use colour
reading, sanitize       decode text from outside; make it safe to show
cells, table            text widths; tables of our own text
writers, json_writers, drawn_writers   how a reply is written: as it arrives, for programs, as Markdown
result                  a complete reply with its metadata
progress, reasoning     shown before the reply: the waiting line, the model's reasoning
prompt, markdown        the input line of a chat; replies drawn while they arrive
"""
