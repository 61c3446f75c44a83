"""All faults in one table, found by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.errors import UsageError
from mira_cli.simulator.faults import bodies, cuts, framing, statuses, texts
from mira_cli.simulator.faults.statuses import SHAPES

if TYPE_CHECKING:
    from mira_cli.simulator.faults.fault import Fault

_MOST_DIGITS = 9

FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (*framing.FAULTS, *cuts.FAULTS, *bodies.FAULTS, *texts.FAULTS, *statuses.FAULTS)
}


def known(name: str) -> Fault | None:
    """The fault of that name, None if there is none."""
    return FAULTS.get(name) or statuses.by_status(name)


def find(name: str) -> Fault:
    """The fault of that name.

    Raises:
        UsageError: There is none; the message names the nearest.
    """
    fault = known(name)
    if fault is None:
        raise UsageError(
            f"There is no fault '{name}'.{_nearest(name)}", hint="All names: mira simulate --faults"
        )
    return fault


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    names = [*FAULTS, *(f"{status}-{shape}" for status in (401, 422, 429, 500) for shape in SHAPES)]
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    return f" Did you mean '{near[0]}'?" if near else ""


def parse(text: str) -> tuple[Fault, int | None]:
    """NAME[:COUNT] as a fault and how many requests meet it, None for all.

    Raises:
        UsageError: Unknown name, or a count that is not a whole number above 0.
    """
    name, colon, count = text.strip().partition(":")
    fault = find(name)
    if not colon:
        return fault, None
    if not (count.isascii() and count.isdigit() and len(count) <= _MOST_DIGITS and int(count) > 0):
        raise UsageError(f"--fail {text}: the count must be a whole number above 0, not '{count}'.")
    return fault, int(count)
