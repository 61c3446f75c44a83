"""What drawing a reply as Markdown costs, beside rich's own ways and a plain write, in one run.

    python tests/bench/markdown.py              # all tables, about a minute
    python tests/bench/markdown.py growth       # or one: growth, pace, peers
    python tests/bench/markdown.py --rounds 5   # medians of so many runs, 3 if not said

**growth**: CPU for 200 KB and for 1 MB of each kind of text, as fast as it can be fed, with a frame each 30th of a
second of a clock that counts 6,000 characters a frame. The goal is a ratio of at most 5.5, and no frame over 50 ms.

**pace**: 75 tokens of 5 characters a second on a clock that only counts: what a second of streaming costs, the
bytes against the text (at most 4, with colours and without), and how long a frame takes. `word` is the time from
`feed` of the first word to its bytes.

**peers**: 200 KB of mixed text onto a pseudo-terminal of 100 columns that a `cat` reads empty: CPU and bytes, against
the plain write. rich.Live draws the whole again in each frame, so it gets 20 KB, at 10 frames a second of 75 tokens.

CPU is that of this process. Nothing here is a verdict; what CI holds is in tests/unit/terminal/markdown.
"""

from __future__ import annotations

import argparse
import os
import pty
import subprocess
import sys
import time
from itertools import count
from statistics import median, quantiles
from typing import TYPE_CHECKING

from goals import number, table
from texts import text_of

from mira_cli.terminal.markdown.drawing import FRAME, Drawing
from mira_cli.terminal.markdown.engine import Engine
from mira_cli.terminal.markdown.look import Look
from mira_cli.terminal.markdown.painter import as_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

SMALL, LARGE = 200_000, 1_000_000
COLUMNS, LINES = 100, 30
WORDS = "some words that a reply may hold, one after the other "


def repeated(piece: Callable[[int], str], size: int, start: str = "") -> str:
    parts = [start]
    length = len(start)
    for index in count():
        if length >= size:
            return "".join(parts)
        parts.append(piece(index))
        length += len(parts[-1])
    raise AssertionError


KINDS: dict[str, Callable[[int], str]] = {
    "mixed text": lambda size: text_of("mixed", size),
    "one endless paragraph": lambda size: repeated(lambda _: WORDS + "*and more* ", size),
    "one endless list": lambda size: text_of("list", size),
    "one huge table": lambda size: text_of("table", size),
    "one endless fence": lambda size: text_of("fence", size),
    "nested quotes": lambda size: repeated(lambda _: f"{'> ' * 30}{WORDS}\n", size),
    "nested lists": lambda size: repeated(lambda index: f"{'  ' * (index % 20)}- {WORDS}\n", size),
    "a fence in a list": lambda size: repeated(
        lambda _: f"    x = 1  # {WORDS}\n", size, "1. a\n\n   ```py\n"
    ),
    "short blocks": lambda size: repeated(lambda index: f"p {index}\n\n", size),
    "one line, no space": lambda size: "x" * size,
    "brackets": lambda size: "[" * size,
    "blank lines": lambda size: "\n" * size,
}


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Counter:
    """Counts what is written."""

    def __init__(self) -> None:
        self.size = 0

    def __call__(self, text: str) -> None:
        self.size += len(text.encode())


def feed(text: str, size: int, per_frame: int, *, color: bool = True) -> tuple[float, int, list[float]]:
    """CPU seconds, bytes, and the seconds of each feed that drew."""
    clock, counter, frames = Clock(), Counter(), []
    drawing = Drawing(counter, lambda: (COLUMNS, LINES), Look(color=color), clock=clock)
    begun = time.process_time()
    for start in range(0, len(text), size):
        clock.now += FRAME * size / per_frame
        before = time.perf_counter()
        drawing.feed(text[start : start + size])
        after = time.perf_counter()
        if drawing.due() is None:
            frames.append(after - before)
    drawing.close()
    return time.process_time() - begun, counter.size, frames


def growth(rounds: int) -> str:
    rows = []
    for name, make in KINDS.items():
        small, large = make(SMALL), make(LARGE)
        runs = [(feed(small, 20, 6000), feed(large, 20, 6000)) for _ in range(rounds)]
        cpu = [median(run[index][0] for run in runs) for index in (0, 1)]
        ratio = median(run[1][0] / run[0][0] for run in runs)
        slowest = median(max(run[1][2]) for run in runs)
        bytes_ratio = runs[0][1][1] / len(large.encode())
        rows.append([name, ms(cpu[0]), ms(cpu[1]), number(ratio), number(bytes_ratio), ms(slowest)])
    return table(["growth", "200 KB, CPU ms", "1 MB", "ratio", "bytes / text", "slowest frame, ms"], rows)


def pace(rounds: int) -> str:
    rows = []
    for name, color in (("colours", True), ("no colours", False)):
        text = text_of("mixed", 50_000)
        runs = [feed(text, 5, round(375 * FRAME), color=color) for _ in range(rounds)]
        frames = sorted(runs[-1][2])
        steps = quantiles(frames, n=100)
        seconds = len(text) / 375
        cpu = median(run[0] for run in runs)
        word = median(first_word() for _ in range(rounds))
        rows.append(
            [
                name,
                ms(cpu / seconds),
                number(runs[0][1] / len(text.encode())),
                *map(ms, (steps[49], steps[98], frames[-1], word)),
            ]
        )
    return table(
        ["75 tokens a second", "CPU ms a second", "bytes / text", "frame p50, ms", "p99", "worst", "word"],
        rows,
    )


def first_word() -> float:
    drawing = Drawing(lambda _: None, lambda: (COLUMNS, LINES), Look(color=True))
    before = time.perf_counter()
    drawing.feed("Hello")
    return time.perf_counter() - before


class Terminal:
    """A pseudo-terminal that a process of its own reads empty."""

    def __enter__(self) -> Self:
        master, self._slave = pty.openpty()
        self._reader = subprocess.Popen(
            ["cat"], stdin=master, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(master)
        self.size = 0
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._slave)
        self._reader.wait()

    def write(self, text: str) -> int:
        data = text.encode()
        self.size += len(data)
        while data:
            data = data[os.write(self._slave, data) :]
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""


def plain(text: str, terminal: Terminal) -> None:
    for start in range(0, len(text), 20):
        terminal.write(text[start : start + 20])


def ours(text: str, terminal: Terminal) -> None:
    drawing = Drawing(terminal.write, lambda: (COLUMNS, LINES), Look(color=True))
    for start in range(0, len(text), 20):
        drawing.feed(text[start : start + 20])
    drawing.close()


def without_colours(text: str, terminal: Terminal) -> None:
    drawing = Drawing(terminal.write, lambda: (COLUMNS, LINES), Look(color=False))
    for start in range(0, len(text), 20):
        drawing.feed(text[start : start + 20])
    drawing.close()


def into_a_pipe(text: str, terminal: Terminal) -> None:
    engine = Engine(Look(color=True))
    for start in range(0, len(text), 20):
        engine.feed(text[start : start + 20])
        terminal.write(as_lines(engine.certain(COLUMNS)))
    terminal.write(as_lines(engine.close(COLUMNS)))


def at_once(text: str, terminal: Terminal) -> None:
    engine = Engine(Look(color=True))
    engine.feed(text)
    terminal.write(as_lines(engine.close(COLUMNS)))


def rich_once(text: str, terminal: Terminal) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    Console(file=terminal, width=COLUMNS, force_terminal=True).print(Markdown(text, hyperlinks=False))


def rich_live(text: str, terminal: Terminal) -> None:
    from rich.console import Console
    from rich.live import Live
    from rich.markdown import Markdown

    console = Console(file=terminal, width=COLUMNS, height=LINES, force_terminal=True)
    with Live(console=console, auto_refresh=False, vertical_overflow="visible") as live:
        for end in range(38, len(text) + 38, 38):  # 75 tokens of 5 characters a second, 10 frames
            live.update(Markdown(text[:end], hyperlinks=False), refresh=True)


def peers(rounds: int) -> str:
    ways = {
        "a plain write": (plain, SMALL),
        "drawn while it arrives": (ours, SMALL),
        "the same without colours": (without_colours, SMALL),
        "row by row into a pipe": (into_a_pipe, SMALL),
        "all at once": (at_once, SMALL),
        "rich.Markdown, all at once": (rich_once, SMALL),
        "rich.Live, 20 KB": (rich_live, SMALL // 10),
    }
    rows = []
    base = 0.0
    for name, (draw, size) in ways.items():
        text = text_of("mixed", size)
        figures = []
        for _ in range(rounds):
            with Terminal() as terminal:
                begun = time.process_time()
                draw(text, terminal)
                figures.append((time.process_time() - begun, terminal.size))
        cpu = median(seconds for seconds, _ in figures)
        base = base or cpu
        rows.append([name, ms(cpu), number(cpu / base), number(figures[0][1] / len(text.encode()))])
    return table(["200 KB on a terminal", "CPU ms", "against plain", "bytes / text"], rows)


def ms(seconds: float) -> str:
    return number(seconds * 1000)


TABLES = {"growth": growth, "pace": pace, "peers": peers}


def main() -> int:
    parser = argparse.ArgumentParser(description="What drawing Markdown costs.")
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"of {', '.join(TABLES)}")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    feed(text_of("mixed", 20_000), 20, 6000)  # Pygments and its lexers are loaded once
    for name in arguments.tables or TABLES:
        print(TABLES[name](arguments.rounds), end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
