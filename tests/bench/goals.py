"""What should be reached, and how a figure stands to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rounds import Rounds


@dataclass(frozen=True, slots=True)
class Goal:
    """One row of the list of goals: lower is better."""

    what: str
    figure: float
    reach: float
    beyond: float
    unit: str = ""

    @property
    def standing(self) -> str:
        """How the figure stands to the goal."""
        if self.figure <= self.beyond:
            return "beyond"
        return "reached" if self.figure <= self.reach else "NOT REACHED"


@dataclass(frozen=True, slots=True)
class Section:
    """What one part of the benchmark found."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    goals: Sequence[Goal]
    raw: Rounds
    notes: Sequence[str] = ()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose columns stand under one another."""
    cells = [list(head), *map(list, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    cells.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    )


def number(value: float, unit: str = "") -> str:
    """A figure with as many digits as it is worth."""
    text = f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    return f"{text} {unit}".strip()


def goal_table(goals: Iterable[Goal]) -> str:
    """The table of goals."""
    return table(
        ("what", "figure", "reach", "beyond", "standing"),
        [
            (
                goal.what,
                number(goal.figure, goal.unit),
                f"≤ {goal.reach:g}",
                f"≤ {goal.beyond:g}",
                goal.standing,
            )
            for goal in goals
        ],
    )
