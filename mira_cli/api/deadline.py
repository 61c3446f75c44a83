"""Time limits of a request, and the observer of its retries and notices."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

# A server that sends keep-alive comments but no data gets this many times the timeout.
PING_FACTOR = 2.5


class Limits(NamedTuple):
    """How long to wait, in seconds, and how often to try."""

    timeout: float = 120.0  # longest time without data, before the answer or within it
    connect_timeout: float = 10.0  # longest time to connect, name look-up and TLS handshake included
    max_time: float | None = None  # longest time for everything, waits between tries included; None: no limit
    retries: int = 2  # after the first try


class Observer:
    """Receives the events of a request. These methods do nothing."""

    def retrying(self, wait: float, attempt: int, of: int, reason: str, *, for_all: bool) -> None:
        """A retry follows in `wait` seconds: number `attempt` of `of`; `reason` is two words.

        `for_all`: other requests would fail the same way, because the server is busy or failing.
        """

    def notice(self, kind: str, message: str) -> None:
        """Something a person should know that doesn't stop the request."""

    def log(self, line: str) -> None:
        """A step, for --verbose. Never holds the key."""


class DeadlineExceeded(Exception):
    """A time limit was reached. `pings`: keep-alive comments arrived, but no data."""

    def __init__(self, seconds: float, setting: str, *, pings: bool = False) -> None:
        self.seconds = seconds
        self.setting = setting
        self.pings = pings


class BrokenBody(Exception):
    """A body that ended early or is not a reply. Its argument is a key of `network_errors.BROKEN`."""


class Deadline:
    """The time left until a limit: to connect, without a byte, without data, for the whole request.

    `started` is when the first try began, on `clock`, which counts seconds and never goes back.
    """

    def __init__(self, limits: Limits, started: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._end = started + (math.inf if limits.max_time is None else limits.max_time)
        self._clock = clock
        self._last_byte = self._last_data = clock()
        self._connecting_until = clock() + limits.connect_timeout

    def left(self) -> float:
        """Seconds until the next limit, more than 0.

        Raises:
            DeadlineExceeded: None are left.
        """
        now, timeout = self._clock(), self.limits.timeout
        without_data = timeout * PING_FACTOR
        until, seconds, setting, pings = min(
            (self._last_byte + timeout, timeout, "timeout", False),
            (self._last_data + without_data, without_data, "timeout", True),
            (self._connecting_until, self.limits.connect_timeout, "connect_timeout", False),
            (self._end, self.limits.max_time or 0.0, "max-time", False),
        )
        if until <= now:
            raise DeadlineExceeded(seconds, setting, pings=pings)
        return until - now

    def connected(self) -> None:
        """The connection is made."""
        self._connecting_until = math.inf

    def got_bytes(self) -> None:
        """Bytes arrived, perhaps only a comment. No silence is counted until `resume`."""
        self._last_byte = self._clock()

    def resume(self) -> None:
        """We wait for more bytes. The time since `got_bytes` doesn't count as silence."""
        now = self._clock()
        self._last_data += now - self._last_byte
        self._last_byte = now

    def got_data(self) -> None:
        """A part of the answer arrived."""
        self._last_data = self._clock()

    def end_within(self, seconds: float) -> None:
        """Limit the rest of the request to this many seconds."""
        self._end = min(self._end, self._clock() + seconds)
