"""All faults that only our own tests need, and all that there are."""

from __future__ import annotations

from mira_cli.simulator import faults
from rig import bodies, cuts, errors, framing, texts

OURS = {
    fault.name: fault
    for fault in (*framing.FAULTS, *cuts.FAULTS, *bodies.FAULTS, *texts.FAULTS, *errors.FAULTS)
}
NAMED = {**OURS, **{fault.name: fault for fault in errors.BY_SHAPE}}
"""What the simulator of the tests is given."""
FAULTS = {**faults.FAULTS, **OURS}


def find(name):
    """The fault of this name. Raises UsageError."""
    return faults.find(name, NAMED)
