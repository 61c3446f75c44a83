"""Separates `<think>…</think>` blocks from the answer while a reply streams in."""

from __future__ import annotations

_OPEN = "<think>"
_CLOSE = "</think>"

Piece = tuple[str, str]
"""A piece of answer text and a piece of reasoning; one of them is ""."""


class ThinkSplitter:
    """Takes content as it comes, split anywhere.

    A block at the start of the reply is reasoning right away. A later one only counts once it is closed: an
    unclosed tag, or one after a backtick, is text about the tag.
    """

    def __init__(self) -> None:
        self._held = ""  # trailing text that may begin a tag
        self._inside = False
        self._later: list[str] | None = None  # the text of a later block so far
        self._started = False  # whether any letter of the answer came
        self._last = ""  # the last character of the answer
        self._after_block = False

    def feed(self, text: str) -> list[Piece]:
        """The pieces in this content."""
        pieces: list[Piece] = []
        if "<" not in text and not self._held and not self._inside:  # the usual case
            self._answer(text, pieces)
            return pieces
        text = self._held + text
        found = True
        while found:
            tag = _CLOSE if self._inside else _OPEN
            before, found_tag, text = text.partition(tag)
            found = bool(found_tag)
            if not found:
                at = before.rfind("<", 1 - len(tag))  # trailing text that may begin the tag
                begins = at >= 0 and tag.startswith(before[at:])
                before, self._held = (before[:at], before[at:]) if begins else (before, "")
            if not self._inside:
                self._answer(before, pieces)
            elif self._later is None:
                pieces.append(("", before))
            else:
                self._later.append(before)
            if found:
                self._pass_tag(pieces)
        return pieces

    def finish(self) -> list[Piece]:
        """At the end of the reply: the pieces that were held back."""
        held, self._held = self._held, ""
        if self._later is not None:
            return [(_OPEN + "".join(self._later) + held, "")]
        return [("", held) if self._inside else (held, "")]

    def _pass_tag(self, pieces: list[Piece]) -> None:
        if self._inside:
            self._inside = False
            self._after_block = self._later is None
            pieces.append(("", "".join(self._later or ())))
            self._later = None
        elif self._last == "`":
            self._answer(_OPEN, pieces)
        else:
            self._inside = True
            self._later = [] if self._started else None

    def _answer(self, text: str, pieces: list[Piece]) -> None:
        if self._after_block:  # the empty lines between the block and the answer belong to neither
            text = text.lstrip("\r\n")
        if text:
            self._after_block = False
            self._started = self._started or not text.isspace()
            self._last = text[-1]
            pieces.append((text, ""))
