"""Paired rounds: every client once a round, in random order; ratios inside a round; medians over the rounds."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from random import Random
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Task = dict[str, float]
"""What one client was measured at in one round, by name of the figure."""


@dataclass(slots=True)
class Rounds:
    """The figures of all clients in all rounds, in the rounds' order: `figures[client][figure]`."""

    figures: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def of(self, client: str, figure: str = "cpu") -> float:
        """The median of a figure."""
        return median(self.figures[client][figure])

    def ratio(self, client: str, other: str, figure: str = "cpu") -> float:
        """The median of the ratios of two clients inside a round."""
        pairs = zip(self.figures[client][figure], self.figures[other][figure], strict=True)
        return median([one / two for one, two in pairs])


def run_rounds(clients: Mapping[str, Callable[[], Task]], rounds: int, title: str) -> Rounds:
    """Run all clients so many times, after one round that does not count."""
    result = Rounds()
    random = Random()
    names = list(clients)
    for number in range(rounds + 1):
        _say(f"\r\x1b[K{title}: round {number} of {rounds}")
        random.shuffle(names)
        for name in names:
            figures = clients[name]()
            if number:
                for figure, value in figures.items():
                    result.figures.setdefault(name, {}).setdefault(figure, []).append(value)
    _say("\r\x1b[K")
    return result


def _say(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(text)
        sys.stderr.flush()
