"""How long to wait: the clock between data, which keep-alive comments cannot keep from running out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# A server that still sends its keep-alive comments is alive: it gets this much more time.
PING_FACTOR = 2.5
# What every system's socket time-outs can hold. A read that ends then is simply begun again.
_LONGEST_READ = 86_400.0


class DeadlineExceeded(Exception):  # noqa: N818 - a limit was reached, nothing broke
    """A limit was reached.

    Args:
        seconds: The limit.
        setting: The setting that moves it, as its flag is called: "timeout" or "max-time".
    """

    def __init__(self, seconds: float, setting: str) -> None:
        super().__init__(f"{setting} of {seconds:g} s")
        self.seconds = seconds
        self.setting = setting


class Deadline:
    """What is left of three limits: any byte, any data, the whole request. Seconds throughout.

    Args:
        timeout: Longest time without a byte; without data, `PING_FACTOR` times that.
        end: When the whole request must be over, on `clock`; None for never.
        max_time: What `end` was made from, for the message.
        clock: A monotonic clock.
    """

    def __init__(
        self,
        timeout: float,
        clock: Callable[[], float],
        *,
        end: float | None = None,
        max_time: float | None = None,
    ) -> None:
        self._timeout = timeout
        self._clock = clock
        self._end = end
        self._max_time = max_time or 0.0
        self._last_byte = self._last_data = clock()

    def left(self) -> float:
        """Seconds that the next read may take, more than 0.

        Raises:
            DeadlineExceeded: None are left.
        """
        now = self._clock()
        limits = [
            (self._last_byte + self._timeout - now, self._timeout, "timeout"),
            (self._last_data + self._timeout * PING_FACTOR - now, self._timeout * PING_FACTOR, "timeout"),
        ]
        if self._end is not None:
            limits.append((self._end - now, self._max_time, "max-time"))
        left, seconds, setting = min(limits)
        if left <= 0:
            raise DeadlineExceeded(seconds, setting)
        return min(left, _LONGEST_READ)

    def heard(self) -> None:
        """Any byte came, be it a comment."""
        self._last_byte = self._clock()

    def got_data(self) -> None:
        """Something of the answer came."""
        self._last_data = self._clock()

    def end_within(self, seconds: float) -> None:
        """Let the whole request end this soon from now, if it would not end sooner."""
        end = self._clock() + seconds
        if self._end is None or end < self._end:
            self._end = end
