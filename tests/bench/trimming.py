"""What trimming costs, a turn of a long conversation."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from goals import Goal, Section, number
from rounds import Task, run_rounds

if TYPE_CHECKING:
    from clients import Bench

_SIZES = (1_000, 10_000, 50_000)


def measure(bench: Bench, rounds: int) -> Section:
    """Measure conversations of growing length."""
    found = run_rounds(
        {f"{size:,} messages": partial(_turn, bench, size) for size in _SIZES}, rounds, "trimming"
    )
    names = list(found.figures)
    names.sort(key=lambda name: found.of(name, "messages"))
    rows = [(name, number(found.of(name))) for name in names]
    goals = [Goal("trimming 10,000 messages, a turn, CPU", found.of("10,000 messages"), 5, 1, "ms")]
    return Section("Trimming", ("a conversation of", "CPU ms a turn"), rows, goals, found)


def _turn(bench: Bench, messages: int) -> Task:
    return {"messages": messages, "cpu": float(bench.output(f"trimming {messages}"))}
