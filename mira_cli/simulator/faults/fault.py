"""The value that describes one fault."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.simulator.answer import Answer
    from mira_cli.simulator.steps import Steps


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to answer a chat request: its name, what happens in a line, and the steps."""

    name: str
    line: str
    steps: Callable[[Answer], Steps] = field(compare=False, repr=False)
