"""Tables, drawn by rich: held until complete, because each row affects the widths.

Past MOST_ROWS rows or _MOST_CHARACTERS characters the widths so far are kept, what is held is drawn, and each
further row is drawn as it comes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD, Box
from rich.table import Table
from rich.text import Text

from mira_cli.terminal.cells import is_steady, shrunk, width
from mira_cli.terminal.markdown.blocks import Leaf
from mira_cli.terminal.markdown.rows import wrap, wrap_all

if TYPE_CHECKING:
    from rich.console import JustifyMethod

    from mira_cli.terminal.markdown.grammar import Block
    from mira_cli.terminal.markdown.inline import DrawText, InlineDrawer
    from mira_cli.terminal.markdown.rows import Line, Row

MOST_ROWS = 2000
_MOST_CHARACTERS = 256_000
_GAP = 2  # cells between two columns
_PRIVATE = 0xF0000  # the first code point of two planes of private use: all of them take one cell
_PREVIEWED = 8  # body rows that are shown while it is held
_FILLER = "\U0010fffd"
_REPLACED = re.compile(f"[{chr(_PRIVATE)}-\U0010fffc]{_FILLER}*")

_Cells = list[list[Text]]
"""The cells of a row, each as lines."""


class TableLeaf(Leaf):
    """A table that may still grow."""

    _opening = 2

    def __init__(self, block: Block, inline: InlineDrawer, base: tuple[str, ...]) -> None:
        super().__init__(block, inline, base)
        self._look = inline.look
        header = block.children[0].children[0].children
        self._justify = [_justification(cell) for cell in header]
        self._header = [inline.lines(cell.text, (*base, "table.header")) for cell in header]
        self._widest = [_widest(cell) for cell in self._header]
        self._rows: list[_Cells] = []
        self._size = 0
        self._begun = False
        self._widths: list[int] = []
        self._columns = 0

    def add(self, block: Block, columns: int, draw: DrawText) -> list[Row]:
        """Take the body rows; the rows that are certain, none below the bound.

        `draw` draws the last cell that has come, which may be open.
        """
        out: list[Row] = []
        rows = [row.children for body in block.children[1:] for row in body.children]
        self._rows = self._rows.copy()
        for row in rows:
            cells = [self._inline.lines(cell.text, self._base) for cell in row]
            if row is rows[-1]:
                last = max((index for index, cell in enumerate(row) if cell.text), default=0)
                cells[last] = draw(row[last].text, self._base)
            self._rows.append(cells)
            if not self._begun:
                self._widest = list(map(max, self._widest, map(_widest, cells)))
                self._size += sum(len(cell.text) for cell in row)
                if len(self._rows) >= MOST_ROWS or self._size >= _MOST_CHARACTERS:
                    out += self.finish(columns)
        return [*out, *self.finish(columns)] if self._begun else out

    def finish(self, columns: int) -> list[Row]:
        """The rows held, below the header if that has not been drawn; from then on the widths stay."""
        if columns != self._columns:
            self._columns = columns
            self._widths = shrunk(self._widest, columns - _GAP * (len(self._widest) - 1))
        rows, self._rows = self._rows, []
        header, self._begun = not self._begun, True
        if not any(self._widths):
            return [part for row in ([self._header] if header else []) + rows for part in self._listed(row)]
        if not rows and not header:
            return []
        pictures: dict[str, Text] = {}
        table = Table(
            box=Box(str(SIMPLE_HEAD).replace("─", self._look.line), ascii=True),
            show_edge=False,
            show_header=header,
            pad_edge=False,
            collapse_padding=True,
            border_style=self._look.of((*self._base, "table.border")),
            header_style="",
        )
        for cell, cells, justify in zip(
            self._wrapped(self._header, pictures), self._widths, self._justify, strict=True
        ):
            table.add_column(cell, width=cells, justify=justify, no_wrap=True)
        for row in rows:
            table.add_row(*self._wrapped(row, pictures))
        drawn = self._look.draw(table, sum(self._widths) + _GAP * (len(self._widths) - 1))
        return [_restored(row, pictures) for row in drawn] if pictures else drawn

    def preview(self, columns: int) -> list[Row]:
        """The last rows of what is held, under a line that says what is to come."""
        if self._begun:
            return []
        step = max(1, _PREVIEWED * 2 // 3)  # a row more does not move those that are shown
        above = -(-max(0, len(self._rows) - _PREVIEWED) // step) * step
        self._rows = self._rows[above:]
        note = f"table… {above} rows above" if above else "table…"
        title = Text().append(self._look.shown(note), self._look.of(("note",)))
        return [title, *self.finish(columns)]

    def _wrapped(self, row: _Cells, pictures: dict[str, Text]) -> list[Text]:
        """The cells as rich gets them, in rows of their column's width; all of the header at the bottom."""
        cells = [wrap_all(cell, most, most) for cell, most in zip(row, self._widths, strict=True)]
        height = max(map(len, cells)) if row is self._header else 0
        return [_joined([_replaced(line, pictures) for line in cell], height) for cell in cells]

    def _listed(self, row: _Cells) -> list[Row]:
        """Where columns do not fit: the cells one after the other."""
        line = Text("  ").join([part for cell in row for part in cell])
        return wrap(line, max(1, self._columns))


def _justification(cell: Block) -> JustifyMethod:
    style = str(cell.token.attrs.get("style", "")).removeprefix("text-align:")
    return "right" if style == "right" else "center" if style == "center" else "left"


def _widest(cell: list[Line]) -> int:
    return max(width(line.plain) for line in cell)


def _joined(lines: list[Text], height: int) -> Text:
    """The lines as one text, at the bottom of `height` lines."""
    if len(lines) == 1 and height <= 1:
        return lines[0]
    return Text("\n").join([*[Text()] * (height - len(lines)), *lines])


def _replaced(line: Text, pictures: dict[str, Text]) -> Text:
    """The line, or if its width is in dispute a text that rich measures as we do."""
    cells = width(line.plain)
    if is_steady(line.plain) or not cells:
        return line
    known = chr(_PRIVATE + len(pictures))
    pictures[known] = line
    return Text(known + _FILLER * (cells - 1))


def _restored(row: Row, pictures: dict[str, Text]) -> Row:
    """The row with what was replaced put back."""
    edges = [edge for found in _REPLACED.finditer(row.plain) for edge in found.span()]
    return Text().join([pictures.get(part.plain[:1], part) for part in row.divide(edges)])
