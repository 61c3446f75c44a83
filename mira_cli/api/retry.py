"""What is worth trying again, and how long to wait before. Pure: time and chance come in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mira_cli.errors import MiraError

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 529, *range(520, 525)})
LONGEST_WAIT = 60.0
_LONGEST_SUM = 120.0
_SHORTEST_WAIT = 0.5
_LONGEST_BACKOFF = 8.0
_LEAST_JITTER = 0.75


class Failed(Exception):  # noqa: N818 - one try of several
    """One try failed.

    Args:
        error: What to say if there is no other try.
        reason: In two words, for the line shown while waiting; "" for what is not worth another try.
        most: How many further tries this failure allows at all; None for as many as are set.
        wait: Seconds that the server asked for, None if it did not.
        for_all: Whether other requests would fare the same: the server is busy, or in trouble.
    """

    def __init__(
        self,
        error: MiraError,
        reason: str = "",
        *,
        most: int | None = None,
        wait: float | None = None,
        for_all: bool = False,
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.reason = reason
        self.most = most if reason else 0
        self.wait = wait
        self.for_all = for_all


def is_worth_it(status: int, headers: Mapping[str, str], *, quota: bool) -> bool:
    """Whether a status is worth another try. `quota`: the server says that money or a quota is used up."""
    told = headers.get("x-should-retry", "").strip().lower()
    if told in {"true", "false"}:
        return told == "true"
    return status in _RETRIED and not quota


def told_wait(headers: Mapping[str, str], now: Callable[[], float]) -> float | None:
    """Seconds that `retry-after-ms` or `Retry-After` (RFC 9110, 10.2.3) asks for, None without either.

    Args:
        headers: By lower-case name.
        now: Seconds since the epoch; asked only for an HTTP date.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return max(_SHORTEST_WAIT, milliseconds / 1000)
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    seconds = _number(value)
    if seconds is None:
        date = _http_date(value)
        seconds = None if date is None else date - now()
    return None if seconds is None else max(_SHORTEST_WAIT, seconds)


def backoff(tries: int, jitter: float) -> float:
    """Seconds to wait after `tries` retries so far. `jitter`: 0 to 1, by chance."""
    return min(_LONGEST_BACKOFF, 0.5 * 2.0**tries) * (_LEAST_JITTER + (1 - _LEAST_JITTER) * jitter)


class Retries:
    """Counts the tries of one request.

    Args:
        most: How many retries there may be.
        random: Gives a number from 0 to 1.
    """

    def __init__(self, most: int, random: Callable[[], float]) -> None:
        self._most = most
        self.done = 0
        self._random = random
        self._waited = 0.0

    def allowed(self, failed: Failed) -> int:
        """How many retries there may be after such a failure."""
        return self._most if failed.most is None else min(self._most, failed.most)

    def next_wait(self, failed: Failed) -> float | None:
        """Seconds to wait before the next try, None when there is none."""
        if self.done >= self.allowed(failed):
            return None
        wait = backoff(self.done, self._random()) if failed.wait is None else failed.wait
        if wait > LONGEST_WAIT or self._waited + wait > _LONGEST_SUM:
            return None
        self.done += 1
        self._waited += wait
        return wait


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _http_date(text: str) -> float | None:
    from email.utils import mktime_tz, parsedate_tz

    parsed = parsedate_tz(text)
    try:
        return None if parsed is None else float(mktime_tz(parsed))
    except (ValueError, OverflowError):
        return None
