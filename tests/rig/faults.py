"""All faults that only our own tests need, and all that there are."""

from __future__ import annotations

from mira_cli.simulator import faults
from rig import bodies, cuts, errors, framing, texts

OURS = {
    fault.name: fault
    for fault in (*framing.FAULTS, *cuts.FAULTS, *bodies.FAULTS, *texts.FAULTS, *errors.FAULTS)
}
FAULTS = {**faults.FAULTS, **OURS}
NAMED = {**FAULTS, **{fault.name: fault for fault in errors.BY_SHAPE}}
"""What the simulator of the tests is given."""
