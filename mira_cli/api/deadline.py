"""How long to wait and whom to tell: limits, observer, and the clock that keep-alive comments cannot stop."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

# A server that still sends keep-alive comments is alive: it gets this much more time.
PING_FACTOR = 2.5


class Limits(NamedTuple):
    """How long to wait, in seconds, and how often to try."""

    timeout: float = 120.0  # longest time without data, before the answer or within it
    connect_timeout: float = 10.0  # longest time to connect, name look-up and TLS handshake included
    max_time: float | None = None  # longest time for everything, waits between tries included; None: no limit
    retries: int = 2  # how many further tries


class Observer:
    """Told what happens while a reply is under way. Does nothing itself."""

    def retrying(self, wait: float, attempt: int, of: int, reason: str, *, for_all: bool) -> None:
        """Before each wait: seconds, which retry of how many, and why, in two words.

        `for_all`: other requests would fail the same way, for the server is busy or in trouble.
        """

    def notice(self, kind: str, message: str) -> None:
        """Something a person should know that stops nothing."""

    def log(self, line: str) -> None:
        """A step, for --verbose. Never holds the key."""


class DeadlineExceeded(Exception):
    """A limit was reached: its seconds, the setting, and whether keep-alive comments came, but no data."""

    def __init__(self, seconds: float, setting: str, *, pings: bool = False) -> None:
        super().__init__(f"{setting} of {seconds:g} s")
        self.seconds = seconds
        self.setting = setting
        self.pings = pings


class BrokenBody(Exception):
    """A body that ended early or is not a reply; how, in one word: a key of `network_errors.BROKEN`."""


class Deadline:
    """What is left of the limits: time to connect, without a byte, without data, for the whole request.

    Args:
        limits: Without data, `PING_FACTOR` times the timeout.
        started: When the first try began, on `clock`.
        clock: A monotonic clock in seconds.
    """

    def __init__(self, limits: Limits, started: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._end = started + (math.inf if limits.max_time is None else limits.max_time)
        self._clock = clock
        self._last_byte = self._last_data = clock()
        self._connecting_until = clock() + limits.connect_timeout

    def left(self) -> float:
        """Seconds that may be waited, more than 0.

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
        """There is a connection."""
        self._connecting_until = math.inf

    def got_bytes(self) -> None:
        """Something came, if only a comment. Until `resume` it is being used, and nobody waits for more."""
        self._last_byte = self._clock()

    def resume(self) -> None:
        """More is waited for: the time since `got_bytes` was ours, not the server's silence."""
        now = self._clock()
        self._last_data += now - self._last_byte
        self._last_byte = now

    def got_data(self) -> None:
        """Something of the answer came."""
        self._last_data = self._clock()

    def end_within(self, seconds: float) -> None:
        """End the whole request this many seconds from now, if it would not end sooner."""
        self._end = min(self._end, self._clock() + seconds)
