"""Ends a reply at a stop sequence, for servers that ignore `stop`. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class StopCutter:
    """Passes a text on up to the first complete stop sequence, however the text is split.

    Holds back no more than what may be the beginning of a stop sequence.

    Args:
        stops: The sequences; empty ones are ignored.
    """

    def __init__(self, stops: Iterable[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.stopped = False

    def feed(self, text: str) -> str:
        """Take the next piece; returns what certainly comes before any stop sequence, "" once stopped."""
        if self.stopped or not self._stops:
            return "" if self.stopped else text
        text = self._held + text
        # The one that ends first wins, so the result does not depend on how the text is split.
        ends = [(start + len(stop), start) for stop in self._stops if (start := text.find(stop)) >= 0]
        if ends:
            self.stopped = True
            self._held = ""
            return text[: min(ends)[1]]
        safe = min(_beginning(text, stop) for stop in self._stops)
        self._held = text[safe:]
        return text[:safe]

    def finish(self) -> str:
        """The text has ended; returns what was held back, which is no stop sequence."""
        held, self._held = self._held, ""
        return held


def _beginning(text: str, stop: str) -> int:
    """Where the longest end of `text` that begins `stop` starts; `len(text)` if none does."""
    start = text.find(stop[0], max(0, len(text) - len(stop) + 1))
    while start >= 0:
        if stop.startswith(text[start:]):
            return start
        start = text.find(stop[0], start + 1)
    return len(text)
