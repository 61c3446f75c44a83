"""Measures the installed `mira` and prints how it stands to its goals. Never a verdict for CI: it takes times.

    python -m venv bench && bench/bin/pip install .      # an ordinary install, with bytecode
    bench/bin/python tests/bench/run.py                  # everything, 11 rounds
    bench/bin/python tests/bench/run.py start ends       # parts of it
    bench/bin/python tests/bench/run.py --rounds 21 --json figures.json
    bench/bin/python tests/bench/run.py peers            # llm, shell-gpt … as far as they are on PATH
    bench/bin/python tests/bench/run.py live             # 200 KB through rich.Live, 10 s a round

How: `server.py`, a process of its own, holds prepared answers and says when a request is complete and when
the last byte goes out. In each round every client runs once, in random order; ratios are taken inside a round,
then the median over the rounds, so that what else the machine does falls on both sides. CPU is user and system
time of the client as `wait4` reports it; for "to the wire" the client is killed as soon as its request is
complete. A terminal is a pseudo-terminal of 30×100 that a process of its own reads empty. The yardsticks are in
`yardsticks/`: they run under the same interpreter and the same libraries.

Parts: start, ends, tls, pipe, terminal, chat, trimming; not unless named: live, peers.
Beside this file: `markdown.py`, `batch.py` and `completion.py` have tables of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # before any child starts

import chat
import ends
import peers
import start
import stream
import tls
import trimming
from clients import Bench, installed_mira
from goals import Section, goal_table, table
from measure import BenchError, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PARTS: dict[str, Callable[[Bench, int], Section]] = {
    "start": start.measure,
    "ends": ends.measure,
    "tls": tls.measure,
    "pipe": stream.measure_pipe,
    "terminal": stream.measure_terminal,
    "chat": chat.measure,
    "trimming": trimming.measure,
    "live": stream.measure_live,
    "peers": peers.measure,
}
_UNLESS_NAMED = ("live", "peers")


def main(argv: Sequence[str]) -> int:
    """Measure, print, and keep."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=11, help="how many rounds count (default 11)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep every figure of every round")
    wanted = parser.parse_args(argv)
    parts = wanted.parts or [part for part in PARTS if part not in _UNLESS_NAMED]
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.system()},", end=" ")
    print(f"{os.cpu_count()} cores, medians of {wanted.rounds} rounds\n")
    sections: dict[str, Section] = {}
    with TemporaryDirectory() as home, Server() as server:
        bench = Bench(server, home, installed_mira())
        for part in parts:
            sections[part] = section = PARTS[part](bench, wanted.rounds)
            _show(section)
    goals = [goal for section in sections.values() for goal in section.goals]
    if goals:
        print(f"## Goals\n\n{goal_table(goals)}")
    if wanted.json:
        wanted.json.write_text(json.dumps(_kept(sections, wanted.rounds), indent=1) + "\n")
    return 0


def _show(section: Section) -> None:
    print(f"## {section.title}\n\n{table(section.head, section.rows)}\n")
    for note in section.notes:
        print(f"{note}\n")
    sys.stdout.flush()


def _kept(sections: dict[str, Section], rounds: int) -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "rounds": rounds,
        "parts": {
            part: {
                "goals": [
                    {"what": g.what, "figure": g.figure, "reach": g.reach, "beyond": g.beyond, "unit": g.unit}
                    for g in section.goals
                ],
                "figures": section.raw.figures,
            }
            for part, section in sections.items()
        },
    }


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BenchError as error:
        sys.exit(f"bench: {error}")
