"""Takes terminal escape sequences out of text that a pipe or a file brought, in one linear pass. Pure."""

from __future__ import annotations

import re

# ECMA-48 sequences as programs write them. Strings (OSC and the like) end with BEL or ST; one that never does
# is taken up to the end of its line, so that it cannot swallow the text. Of the 8-bit forms only a plain CSI
# is known: the others are what wrongly decoded quotation marks look like.
_SEQUENCE = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|\][^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC: titles, links
    r"|[PX^_](?:[^\x1b\x9c]*(?:\x1b\\|\x9c)|[^\x1b\n]*)"  # DCS, SOS, PM, APC: images
    r"|[ -/]*[0-~]"  # ESC with one letter: character sets, keypad
    r")?"
    r"|\x9b[0-?]*[@-~]"
)


def strip(text: str) -> str:
    """`text` without escape sequences and without any ESC; otherwise unaltered."""
    if "\x1b" not in text and "\x9b" not in text:
        return text
    return _SEQUENCE.sub("", text)
