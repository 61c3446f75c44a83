"""Parts the `<think>…</think>` blocks in a reply's content from the answer. Pure, streaming."""

from __future__ import annotations

_OPEN = "<think>"
_CLOSE = "</think>"

Piece = tuple[str, str]
"""A piece of answer text and a piece of reasoning; one of them is ""."""


class ThinkSplitter:
    """Takes content as it comes, split anywhere.

    A block at the start of the reply is reasoning from its first letter. One further on counts once it is
    closed; if it never is, or if a back-tick stands before it, it was text that speaks of the tag.
    """

    def __init__(self) -> None:
        self._held = ""  # an end that may be the beginning of a tag
        self._inside = False
        self._later: list[str] | None = None  # what came of a block further on
        self._started = False  # whether any letter of the answer came
        self._last = ""  # the last character of the answer
        self._after_block = False

    def passes(self, text: str) -> bool:
        """Whether all of this content is answer text, as nearly all is. If not, `feed` takes it."""
        if self._held or self._inside or self._after_block or "<" in text:
            return False
        self._answer(text, [])
        return True

    def feed(self, text: str) -> list[Piece]:
        """What this content brings."""
        pieces: list[Piece] = []
        text = self._held + text
        found = True
        while found:
            tag = _CLOSE if self._inside else _OPEN
            before, found_tag, text = text.partition(tag)
            found = bool(found_tag)
            if not found:
                before, self._held = _hold_back(before, tag)
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
        """The reply has ended: what was held back."""
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


def _hold_back(text: str, tag: str) -> tuple[str, str]:
    """Part off an end that may be the beginning of `tag`."""
    for length in range(min(len(tag) - 1, len(text)), 0, -1):
        if text.endswith(tag[:length]):
            return text[:-length], text[-length:]
    return text, ""
