"""Paces the requests of a batch: a maximum per minute, and none while the server asks to wait."""

from __future__ import annotations

import time
from collections import deque
from threading import Lock, local
from typing import TYPE_CHECKING

from mira_cli.api.retry import LONGEST_WAIT
from mira_cli.session.batch.workers import Halted
from mira_cli.session.opening import TurnObserver

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from mira_cli.terminal.streams import Streams
    from mira_cli.terminal.writers import Writer

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
        self._per_minute = per_minute
        self.stopping = stopping
        self._streams = streams
        self._clock = clock
        self._sent: deque[float] = deque()
        self._held_until = float("-inf")
        self._lock = Lock()
        self._mine = local()

    def take(self) -> float:
        """0 if a request can be sent now, which counts it; else the seconds to wait before asking again."""
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
        """Hold the requests of all workers for this long, a minute at most."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock() + min(seconds, LONGEST_WAIT))

    @property
    def held(self) -> float:
        """Seconds until requests are no longer held, 0 if they aren't."""
        return max(self._held_until - self._clock(), 0.0)

    @property
    def waited(self) -> float:
        """Seconds that this thread's last turn was held up before its requests."""
        return float(self._mine.waited)

    def begin(self, writer: Writer) -> None:
        """A turn begins in this thread."""
        self._mine.waited = 0.0

    def sending(self) -> None:
        """Wait until a request can be sent."""
        begun = self._clock()
        self._pause(0)
        while wait := self.take():
            self._pause(wait)
        self._mine.waited += self._clock() - begun

    def sleep(self, seconds: float) -> None:
        """Wait before a retry, then until it can be sent like any request."""
        self._pause(seconds)
        self.sending()

    def _pause(self, seconds: float) -> None:
        if self.stopping.wait(seconds):
            raise Halted

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
