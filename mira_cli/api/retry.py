"""Decides what to retry and how long to wait first, and describes waits in words."""

from __future__ import annotations

import math
import time
from random import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.errors import MiraError

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 529, *range(520, 525)})
LONGEST_WAIT = 60.0
_LONGEST_SUM = 120.0
_SHORTEST_WAIT = 0.5
_LONGEST_BACKOFF = 8.0
_LEAST_JITTER = 0.75
_UNITS = ((86400, "days"), (3600, "h"), (60, "min"), (1, "s"))


def is_retryable(status: int, headers: Mapping[str, str], *, quota: bool) -> bool:
    """Whether a status is worth a retry. `quota`: the server says that the balance or a quota is used up."""
    header = headers.get("x-should-retry", "").strip().lower()
    if header in {"true", "false"}:
        return header == "true"
    return status in _RETRIED and not quota


def requested_wait(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds in `retry-after-ms` or `Retry-After` (RFC 9110, 10.2.3), None without either."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return max(_SHORTEST_WAIT, milliseconds / 1000)
    value = headers.get("retry-after", "")
    seconds = _number(value)
    if seconds is None and (date := _http_date(value)) is not None:
        seconds = date - now
    return None if seconds is None else max(_SHORTEST_WAIT, seconds)


def backoff(tries: int, jitter: float) -> float:
    """Seconds to wait after `tries` retries. `jitter`: a random number from 0 to 1."""
    return min(_LONGEST_BACKOFF, 0.5 * 2.0**tries) * (_LEAST_JITTER + (1 - _LEAST_JITTER) * jitter)


class Retries:
    """Counts the retries of one request."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.done = 0
        self._waited = 0.0

    def allowed(self, error: MiraError) -> int:
        """The number of retries allowed after this error."""
        if not error.retry_reason:
            return 0
        return self._most if error.retry_limit is None else min(self._most, error.retry_limit)

    def next_wait(self, error: MiraError) -> float | None:
        """Seconds to wait before the next retry, which is counted; None for no more retries."""
        if self.done >= self.allowed(error):
            return None
        wait = backoff(self.done, random()) if error.retry_after is None else error.retry_after
        if wait > LONGEST_WAIT or self._waited + wait > _LONGEST_SUM:
            return None
        self.done += 1
        self._waited += wait
        return wait


def when(now: float, wait: float) -> str:
    """The local time `wait` seconds after `now` (seconds since the epoch): "at 14:05 (in 40 s)"."""
    try:
        then, today = time.localtime(now + wait), time.localtime(now)
    except (OverflowError, ValueError, OSError):
        return "much later"
    clock = time.strftime("%H:%M", then)
    if then[:3] != today[:3]:
        clock = f"{clock} on {time.strftime('%Y-%m-%d', then)}"
    return f"at {clock} (in {duration(wait)})"


def duration(seconds: float) -> str:
    """A duration in the largest unit that gives at least 2: "90 s", "2 min", "3 h", "4 days"."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= 2 * size or unit == "s")
    return f"{math.ceil(seconds / size)} {unit}"


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _http_date(text: str) -> float | None:
    """An HTTP date in seconds; one without a time zone, as of asctime, is in UTC."""
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=date.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
