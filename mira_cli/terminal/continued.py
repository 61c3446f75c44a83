"""Whether the process was stopped and goes on, as after Ctrl-Z and `fg`: others have written meanwhile."""

from __future__ import annotations

import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType


class Continued:
    """Watches for SIGCONT from `watch` to `leave`; who handled it before still does. Nothing on Windows."""

    def __init__(self) -> None:
        self._number = getattr(signal, "SIGCONT", None)
        self._before: Any = None
        self._seen = False

    def watch(self) -> None:
        """Notice it from now on. Does nothing outside the main thread, where no signal comes."""
        if self._number is not None:
            with suppress(ValueError):
                self._before = signal.signal(self._number, self._notice)

    def leave(self) -> None:
        """Give the signal back to who handled it before. Safe to call again."""
        before, self._before = self._before, None
        if before is not None and self._number is not None:
            signal.signal(self._number, before)

    def take(self) -> bool:
        """Whether the process went on after a stop since the last call."""
        seen, self._seen = self._seen, False
        return seen

    def _notice(self, number: int, frame: FrameType | None) -> None:
        self._seen = True
        if callable(self._before):
            self._before(number, frame)
