"""Joins the rest of a reply to the part that came before it was cut. Pure."""

from __future__ import annotations

# A model that repeats some text starts again at a word. A short match inside one is chance: "ban" + "ana".
_SURE = 3
_PROBE = 16
# Longer than any answer of the API; keeps a text made to be slow from being so.
_LONGEST = 64_000


def _overlap(before: str, after: str) -> int:
    """How many characters at the start of `after` repeat the end of `before`; the longest such stretch."""
    probe = after[:_PROBE]
    start = len(before) - min(len(before), len(after), _LONGEST)
    while len(probe) == _PROBE and (start := before.find(probe, start)) >= 0:
        if after.startswith(before[start:]):
            return len(before) - start
        start += 1
    for length in range(min(len(before), len(after), _PROBE), 0, -1):
        repeated = after[:length]
        if before.endswith(repeated) and repeated.strip() and (length >= _SURE or _at_word(before, length)):
            return length
    return 0


def join(before: str, after: str) -> str:
    """Both parts as one text, what `after` repeats written once."""
    return before + after[_overlap(before, after) :]


def _at_word(text: str, length: int) -> bool:
    """Whether the last `length` characters begin a word."""
    return len(text) == length or text[-length - 1].isspace()
