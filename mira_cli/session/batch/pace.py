"""Paces the requests of a batch: a maximum per minute, and none while the server asks to wait."""

from __future__ import annotations

import time
from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

from mira_cli.api.retry import LONGEST_WAIT
from mira_cli.session.batch.workers import Halted
from mira_cli.session.opening import TurnObserver

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from mira_cli.terminal.streams import Streams

MINUTE = 60.0


class Pace(TurnObserver):
    """Observes the turns of all workers, and blocks them before requests and between retries.

    Args:
        per_minute: Maximum requests in any minute, 0 for no limit.
        stopping: Set when the run ends; workers that wait then raise Halted.
        streams: Get the log lines.
        clock: A monotonic clock in seconds.
    """

    def __init__(
        self,
        per_minute: int,
        stopping: Event,
        streams: Streams,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stopping = stopping
        self._streams = streams
        self._clock = clock
        self._sent: deque[float] = deque(maxlen=per_minute)  # when the last requests were sent
        self._held_until = float("-inf")
        self._lock = Lock()

    def take(self) -> float:
        """0 if a request can be sent now, which counts it; else the seconds to wait before asking again."""
        with self._lock:
            now, ready = self._clock(), self._held_until
            if self._sent and len(self._sent) == self._sent.maxlen:
                ready = max(ready, self._sent[0] + MINUTE)
            if ready <= now:
                self._sent.append(now)
            return max(ready - now, 0.0)

    def hold(self, seconds: float) -> None:
        """Hold the requests of all workers for this long, a minute at most."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock() + min(seconds, LONGEST_WAIT))

    @property
    def held(self) -> float:
        """Seconds until requests are no longer held, 0 if they aren't."""
        return max(self._held_until - self._clock(), 0.0)

    def sending(self) -> None:
        """Wait until a request can be sent."""
        self.sleep(0)

    def sleep(self, seconds: float) -> None:
        """Wait before a retry, then until it can be sent like any request. Raises Halted if the run ends."""
        wait = seconds
        while True:
            if self._stopping.wait(wait):
                raise Halted
            wait = self.take()
            if not wait:
                return

    def retrying(self, wait: float, attempt: int, of: int, reason: str, *, for_all: bool) -> None:
        """Hold all workers if their requests would fail too."""
        if for_all:
            self.hold(wait)

    def notice(self, kind: str, message: str) -> None:
        """Only log it, since it doesn't say which row it is about."""
        self._streams.log(message)

    def log(self, line: str) -> None:
        """Log a step."""
        self._streams.log(line)
