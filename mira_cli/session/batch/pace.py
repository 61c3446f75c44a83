"""When the next request of a batch may go: so many a minute, and none while the server asks to wait."""

from __future__ import annotations

import time
from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = 60.0


class Pace:
    """Counts the requests of all workers. Waits for nothing itself. Safe to use from several threads.

    Args:
        per_minute: Requests within any minute at most, 0 for no such limit.
        clock: A monotonic clock in seconds.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._sent: deque[float] = deque()
        self._held_until = float("-inf")
        self._lock = Lock()

    def take(self) -> float:
        """0 when a request may go now, which is counted then; else the seconds after which to ask again."""
        with self._lock:
            now = self._clock()
            ready = self._held_until
            if self._per_minute:
                while self._sent and self._sent[0] + MINUTE <= now:
                    self._sent.popleft()
                if len(self._sent) >= self._per_minute:
                    ready = max(ready, self._sent[0] + MINUTE)
                elif ready <= now:
                    self._sent.append(now)
            return max(ready - now, 0.0)

    def hold(self, seconds: float) -> None:
        """Let no request go for so long: a server that asks one worker to wait means all of them."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock() + seconds)

    @property
    def held(self) -> float:
        """Seconds for which requests are still held, 0 if they are not."""
        return max(self._held_until - self._clock(), 0.0)
