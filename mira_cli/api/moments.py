"""A moment as people say it: "at 14:05 (in 40 s)". Pure."""

from __future__ import annotations

import time

_MINUTE = 60
_HOUR = 3600
_DAY = 86400


def when(now: float, wait: float) -> str:
    """The local time `wait` seconds after `now` (seconds since the epoch), and how far off that is."""
    try:
        then, today = time.localtime(now + wait), time.localtime(now)
    except (OverflowError, ValueError, OSError):
        return "much later"
    clock = time.strftime("%H:%M", then)
    if then[:3] != today[:3]:
        clock = f"{clock} on {time.strftime('%Y-%m-%d', then)}"
    return f"at {clock} (in {span(wait)})"


def span(seconds: float) -> str:
    """A length of time in its two largest units."""
    whole = int(seconds) + (seconds > int(seconds))
    if whole < 2 * _MINUTE:
        return f"{whole} s"
    if whole < 2 * _HOUR:
        return f"{-(-whole // _MINUTE)} min"
    if whole < 2 * _DAY:
        return f"{-(-whole // _HOUR)} h"
    return f"{-(-whole // _DAY)} days"
