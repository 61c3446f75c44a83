"""What the tests of this directory share: the one pass to compare with, a stream, a terminal, texts."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pyte
import pytest
from rich.text import Text

from mira_cli.terminal.markdown.drawing import Drawing
from mira_cli.terminal.markdown.engine import Engine
from mira_cli.terminal.markdown.grammar import Grammar
from mira_cli.terminal.markdown.inline import InlineDrawer
from mira_cli.terminal.markdown.look import Look
from mira_cli.terminal.markdown.walk import Position, Walk
from rig.drawing import for_pyte

LATE_DEFINITION = re.compile(r"\[[^\]]+\]:")


def normal(row):
    """The row with neighbouring spans of one style joined: how often it was cut and joined does not matter."""
    out = Text()
    spans = []
    for start, end, style in row.spans:
        if style and spans and spans[-1][1] == start and spans[-1][2] == style:
            spans[-1] = (spans[-1][0], end, style)
        elif style and end > start:
            spans.append((start, end, style))
    out.append(row.plain)
    for start, end, style in spans:
        out.stylize(style, start, end)
    return out


@pytest.fixture(scope="session")
def look():
    return Look(color=True)


@pytest.fixture(scope="session")
def whole(look):
    """The rows of a text that is parsed and drawn in one pass, without any of what a stream needs."""

    def draw(text, width=80):
        grammar = Grammar()
        lines = text.split("\n")
        walk = Walk(InlineDrawer(grammar, look), Position(), lines, "close")
        rows, _ = walk.run(grammar.blocks("\n".join(lines) + "\n"), width)
        return list(map(normal, rows))

    return draw


@pytest.fixture(scope="session")
def stream(look):
    """The rows of a text that comes in pieces, with a step after each or some of them."""

    def draw(text, width=80, pieces=(5,), region=10, steps=1, *, define=False):
        engine = Engine(look)
        if define:
            engine.define(text)
        rows = []
        at = turn = 0
        while at < len(text):
            size = pieces[turn % len(pieces)]
            engine.feed(text[at : at + size])
            at += size
            turn += 1
            if turn % steps == 0:
                certain, still_open = engine.step(width, region)
                assert len(still_open) <= region
                rows += certain
        return list(map(normal, rows + engine.close(width)))

    return draw


class Terminal:
    """A terminal with its scrollback, which also keeps the characters that it got."""

    def __init__(self, columns=80, lines=24):
        self.screen = pyte.HistoryScreen(columns, lines, history=100_000, ratio=0.5)
        self._stream = pyte.Stream(self.screen)
        self.writes = []

    def write(self, text):
        self.writes.append(text)
        self._stream.feed(for_pyte(text))

    def size(self):
        return self.screen.columns, self.screen.lines

    def cells(self):
        """Each row as (character, colours and attributes) without the blanks at its end."""
        rows = [*self.screen.history.top, *(self.screen.buffer[line] for line in range(self.screen.lines))]
        cells = [[row[column] for column in range(self.screen.columns)] for row in rows]
        for row in cells:
            while row and row[-1] == self.screen.default_char:
                row.pop()
        while cells and not cells[-1]:
            cells.pop()
        return cells

    def rows(self):
        return ["".join(cell.data for cell in row).rstrip() for row in self.cells()]

    @property
    def output(self):
        return "".join(self.writes)


@pytest.fixture(scope="session")
def new_terminal():
    return Terminal


@pytest.fixture(scope="session")
def play():
    """Draw a text on a terminal in random pieces at random times."""

    def run(text, terminal, seed=0, most=12, check=None):
        chance = random.Random(seed)
        now = [0.0]
        drawing = Drawing(terminal.write, terminal.size, Look(color=True), clock=lambda: now[0])
        at = 0
        while at < len(text):
            size = chance.randint(1, most)
            drawing.feed(text[at : at + size])
            at += size
            now[0] += chance.choice((0, 0.01, 0.04))
            if check is not None:
                check(terminal)
        drawing.close()
        return terminal

    return run


@pytest.fixture(scope="session")
def examples():
    """The sources of CommonMark's examples."""
    path = Path(__file__).with_name("commonmark.json")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def timeless(examples):
    """Those without link definitions, which may be joined: a definition would change what stands before it."""
    return [example for example in examples if not LATE_DEFINITION.search(example)]


@pytest.fixture(scope="session")
def documents():
    """Thirty long texts, as replies are, put together from the parts in parts.md."""
    parts = Path(__file__).with_name("parts.md").read_text(encoding="utf-8").split("%%%%\n")
    made = []
    for seed in range(30):
        chance = random.Random(seed)
        made.append("".join(chance.choices(parts, k=30)).rstrip("\n" if seed % 2 else ""))
    return made
