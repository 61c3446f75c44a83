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
        self._held = ""
        self._inside = False
        self._later: list[str] | None = None
        self._started = False
        self._last = ""
        self._after_block = False

    def passes(self, text: str) -> bool:
        """Whether all of this content is answer text, as nearly all is. If not, `feed` takes it."""
        if self._held or self._inside or self._after_block or "<" in text:
            return False
        self._note(text)
        return True

    def feed(self, text: str) -> list[Piece]:
        """What this content brings."""
        pieces: list[Piece] = []
        text = self._held + text
        self._held = ""
        while text:
            text = self._in_block(text, pieces) if self._inside else self._in_answer(text, pieces)
        return pieces

    def finish(self) -> list[Piece]:
        """The reply has ended: what was held back."""
        held, self._held = self._held, ""
        if self._later is not None:
            return [(_OPEN + "".join(self._later) + held, "")]
        return [("", held) if self._inside else (held, "")]

    def _in_block(self, text: str, pieces: list[Piece]) -> str:
        end = text.find(_CLOSE)
        if end < 0:
            text, self._held = _hold_back(text, _CLOSE)
            self._reason(text, pieces)
            return ""
        self._reason(text[:end], pieces)
        self._inside = False
        if self._later is None:
            self._after_block = True
        else:
            pieces.append(("", "".join(self._later)))
            self._later = None
        return text[end + len(_CLOSE) :]

    def _reason(self, text: str, pieces: list[Piece]) -> None:
        if self._later is None:
            pieces.append(("", text))
        else:
            self._later.append(text)

    def _in_answer(self, text: str, pieces: list[Piece]) -> str:
        if self._after_block:
            # The empty lines between the block and the answer belong to neither.
            text = text.lstrip("\r\n")
            if not text:
                return ""
            self._after_block = False
        start = text.find(_OPEN)
        if start < 0:
            text, self._held = _hold_back(text, _OPEN)
            self._answer(text, pieces)
            return ""
        self._answer(text[:start], pieces)
        if self._last == "`":
            self._answer(_OPEN, pieces)
        else:
            self._inside = True
            self._later = [] if self._started else None
        return text[start + len(_OPEN) :]

    def _answer(self, text: str, pieces: list[Piece]) -> None:
        pieces.append((text, ""))
        self._note(text)

    def _note(self, text: str) -> None:
        if text:
            self._started = self._started or not text.isspace()
            self._last = text[-1]


def _hold_back(text: str, tag: str) -> tuple[str, str]:
    """Part off an end that may be the beginning of `tag`."""
    for length in range(min(len(tag) - 1, len(text)), 0, -1):
        if text.endswith(tag[:length]):
            return text[:-length], text[-length:]
    return text, ""
