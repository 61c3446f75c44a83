"""Markdown that arrives in pieces, turned into rows: those that are certain, once, and those that are open.

Pure: no clock, no input or output. Complete lines are parsed from the start of the block that is open; what
is certain of it is drawn and cut from the source, so each line is parsed a bounded number of times.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.text import Text

from mira_cli.terminal.markdown.blocks import Paragraph
from mira_cli.terminal.markdown.code import TAB
from mira_cli.terminal.markdown.grammar import HOLD, Grammar
from mira_cli.terminal.markdown.inline import InlineDrawer
from mira_cli.terminal.markdown.rows import as_wrapped, wrap_all
from mira_cli.terminal.markdown.table import TableLeaf
from mira_cli.terminal.markdown.walk import Position, Walk

if TYPE_CHECKING:
    from mira_cli.terminal.markdown.look import Look
    from mira_cli.terminal.markdown.rows import Row
    from mira_cli.terminal.markdown.walk import Mode

BATCH = 16_000
"""Characters of complete lines that are parsed in one go."""

_PREVIEWED = 12_000
"""Characters of an open block that are parsed for the preview; longer ones show their end as written."""

_TAIL = 1000
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# A line that so far holds nothing but what may become a marker: shown when it is clear what it is.
_OPENINGS = r"(?:[ \t>]|[-+*][ \t]|\d{1,9}[.)][ \t])*"
_MARKS = re.compile(_OPENINGS + r"[-+*=_`~#|:\\ \t]*\Z")
_NUMBER = re.compile(_OPENINGS + r"\d{1,9}[.)]?[ \t]*\Z")


class Engine:
    """Rows of Markdown text that is fed in pieces.

    `feed` and `step` may be called at any rate; for any pieces and any steps the rows given out by `step` and
    `close` are, joined, those of the whole text fed at once.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._grammar = Grammar()
        self._inline = InlineDrawer(self._grammar, look)
        self._position = Position()
        self._parts: list[str] = []
        self._lines: list[str] = []
        self._partial: list[str] = []
        self._partial_size = 0
        self._try_at = 0  # size of the partial line at which to look for certain rows in it again

    def feed(self, text: str) -> None:
        """Take the next piece of text. Controls other than tab and newline become U+FFFD."""
        self._parts.append(text)

    def define(self, text: str) -> None:
        """Take note of the link definitions in `text`, so that references before them resolve too."""
        if "]:" in text:
            self._grammar.blocks(self._safe(text))

    def step(self, width: int, region: int) -> tuple[list[Row], list[Row]]:
        """The rows that have become certain since the last call, and those still open, at most `region`."""
        return self.certain(width), self._open_rows(width, region)

    def certain(self, width: int) -> list[Row]:
        """The same rows as the first of `step`; the open ones are not drawn."""
        self._split()
        rows: list[Row] = []
        while self._lines:
            batch = self._position.source
            room = max(BATCH, 2 * sum(map(len, batch)))
            taken = 0
            while room > 0 and taken < len(self._lines):
                room -= len(self._lines[taken]) + 1
                taken += 1
            drawn, self._position = self._walk([*batch, *self._lines[:taken]], width, "commit")
            rows += drawn
            del self._lines[:taken]
        if self._partial_size > max(HOLD, self._try_at):
            rows += self._certain_of_partial(width)
        return rows

    def close(self, width: int, *, cut: bool = False) -> list[Row]:
        """The rows that are left. `cut`: the text was cut off here; close the inline markup that is open."""
        rows = self.certain(width)
        lines = [*self._position.source, "".join(self._partial)]
        return rows + self._walk(lines, width, "cut" if cut else "close")[0]

    def _split(self) -> None:
        """Split what was fed into lines."""
        if not self._parts:
            return
        text = self._safe("".join(self._parts))
        self._parts.clear()
        first, *others = text.split("\n")
        self._partial.append(first)
        self._partial_size += len(first)
        if others:
            self._lines += ["".join(self._partial), *others[:-1]]
            self._partial, self._partial_size = [others[-1]], len(others[-1])
            self._try_at = 0

    def _safe(self, text: str) -> str:
        """The text without controls, as the terminal shows it."""
        if _CONTROLS.search(text):
            text = _CONTROLS.sub("\ufffd", text)
        return self._look.shown(text)

    def _certain_of_partial(self, width: int) -> list[Row]:
        """Rows of a long paragraph that are certain in the middle of a line."""
        source = [*self._position.source, "".join(self._partial)]
        rows, position = self._walk(source, width, "commit", partial=True)
        is_cut = isinstance(position.leaf, Paragraph) and position.source != source
        if is_cut:
            self._position = position
            partial = position.lines.pop()
            self._partial, self._partial_size = [partial], len(partial)
        self._try_at = self._partial_size + self._partial_size // 4
        return rows if is_cut else []

    def _walk(
        self, lines: list[str], width: int, mode: Mode, *, partial: bool = False
    ) -> tuple[list[Row], Position]:
        """The rows of `lines`, which continue the position, and the position behind them."""
        position = self._position.copy()
        is_drawn = position.leaf is not None and not isinstance(position.leaf, TableLeaf)
        drawn = len(position.placeholders) if is_drawn else -1
        trial = partial or mode == "preview"
        blocks = self._grammar.blocks("\n".join(lines) + "\n", drawn=drawn, trial=trial)
        return Walk(self._inline, position, lines, mode, partial=partial).run(blocks, width)

    def _open_rows(self, width: int, region: int) -> list[Row]:
        """The open rows as they look so far, the last ones if there are too many."""
        size = self._partial_size + sum(len(line) + 1 for line in self._position.lines)
        if not size:
            return []
        is_long = size > _PREVIEWED
        if is_long:
            rows = self._end_of_source(width, size)
        else:
            lines = self._position.source
            partial = "".join(self._partial)
            if not _MARKS.match(partial) and not (lines and _NUMBER.match(partial)):
                lines.append(partial)
            drawn, _ = self._walk(lines, width, "preview")
            rows = [part for row in drawn for part in as_wrapped(row, width)]
        if len(rows) <= region and not is_long:
            return rows
        # The rows move up by most of a region at a time: each move is a redraw of those that stay.
        step = max(1, region * 2 // 3)
        above = max(0, -(-(len(rows) - region + 1) // step) * step)
        count = "more" if is_long else above  # what is not wrapped cannot be counted
        note = Text().append(self._look.shown(f"… {count} rows above"), self._look.of(("note",)))
        return [as_wrapped(note, width)[0], *rows[above:]] if region > 1 else rows[-1:]

    def _end_of_source(self, width: int, size: int) -> list[Row]:
        """The end of a source that is too long to be parsed for the preview, as written."""
        source = "\n".join([*self._position.lines, "".join(self._partial)])
        start = size - _TAIL - size % (_TAIL // 2)  # the same place for a while
        style = self._look.of(("note",))
        lines = source[start:].expandtabs(TAB).split("\n")
        return wrap_all((Text().append(line, style) for line in lines), width, width)
