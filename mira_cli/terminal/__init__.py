"""What is read and shown.

streams, stdio, color   the standard streams as one value; descriptors 0, 1 and 2; where colour may be used
reading, sanitize       text from outside: decoded; made safe to show
cells, table            how many cells text takes; tables of our own text
writers, json_writers, drawn_writers   how a reply is put out: as it comes, for programs, as Markdown
result                  a complete reply with the facts about it
progress, reasoning     what is shown before the reply: the waiting line, the model's reasoning
prompt, markdown        the input line of a chat; replies drawn while they arrive
"""
