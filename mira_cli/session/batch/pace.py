"""When the requests of a batch may go: so many a minute, and none while the server asks to wait."""

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
    """Observes the turns of all workers, and lets them wait: for their turn, and between two tries.

    Args:
        per_minute: Requests within any minute at most, 0 for no such limit.
        stopping: Set when the run ends; then whoever waits raises Halted.
        streams: Where the log goes.
        clock: A monotonic clock in seconds.

    Attributes:
        stopping: As the argument.
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
        """Let no request go for so long, a minute at most: what one worker is told holds all of them."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock() + min(seconds, LONGEST_WAIT))

    @property
    def held(self) -> float:
        """Seconds for which requests are still held, 0 if they are not."""
        return max(self._held_until - self._clock(), 0.0)

    @property
    def waited(self) -> float:
        """Seconds that the last turn of this thread had to wait until its requests might go."""
        return float(self._mine.waited)

    def begin(self, writer: Writer) -> None:
        """A turn of this thread begins."""
        self._mine.waited = 0.0

    def sending(self) -> None:
        """Wait until a request may go."""
        begun = self._clock()
        self._pause(0)
        while wait := self.take():
            self._pause(wait)
        self._mine.waited += self._clock() - begun

    def sleep(self, seconds: float) -> None:
        """Wait between two tries, then for the turn of the next, which is a request too."""
        self._pause(seconds)
        self.sending()

    def _pause(self, seconds: float) -> None:
        if self.stopping.wait(seconds):
            raise Halted

    def retrying(self, wait: float, attempt: int, of: int, reason: str, *, for_all: bool) -> None:
        """Hold all workers when their requests would fail too."""
        if for_all:
            self.hold(wait)

    def notice(self, kind: str, message: str) -> None:
        """Only with --verbose: no reply says which row it was about."""
        self._streams.log(message)

    def log(self, line: str) -> None:
        """A step, with --verbose."""
        self._streams.log(line)
