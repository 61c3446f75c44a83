"""Tables: held until complete, because each row affects the widths.

Past MOST_ROWS rows or _MOST_CHARACTERS characters the widths so far are kept, what is held is drawn, and each
further row is drawn as it comes. The cells are padded here: rich's Table counts emoji and Indic letters
narrower than terminals draw them, and takes a second for 2,000 rows.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from rich.text import Text

from mira_cli.terminal.cells import shrunk
from mira_cli.terminal.markdown.rows import BLANK, row_width, without_end, wrap, wrap_all

if TYPE_CHECKING:
    from mira_cli.terminal.markdown.grammar import Block
    from mira_cli.terminal.markdown.inline import DrawText, InlineDrawer
    from mira_cli.terminal.markdown.look import Look
    from mira_cli.terminal.markdown.rows import Line, Row

MOST_ROWS = 2000
_MOST_CHARACTERS = 256_000
_GAP = 2  # cells between two columns
_PREVIEWED = 8  # body rows that are shown while it is held

_Cells = list[list[Text]]
"""The cells of a row, each as lines."""


class TableState:
    """A table that may still grow.

    Args:
        table: The block with its header.
        drawer: Draws the text of cells.
        look: The styles.
        base: The names of the styles around the table.
    """

    def __init__(self, table: Block, drawer: InlineDrawer, look: Look, base: tuple[str, ...]) -> None:
        self._drawer = drawer
        self._look = look
        self._base = base
        header = table.children[0].children[0].children
        self._justify = [_justification(cell) for cell in header]
        self._header = [drawer.lines(cell.text, (*base, "table.header")) for cell in header]
        self._widest = [_widest(cell) for cell in self._header]
        self._rows: list[_Cells] = []
        self._size = 0
        self._begun = False
        self._widths: list[int] = []
        self._columns = 0

    def copy(self) -> TableState:
        """An independent copy."""
        twin: TableState = copy(self)
        twin._rows, twin._widest = self._rows.copy(), self._widest.copy()
        return twin

    def add(self, table: Block, columns: int, draw: DrawText) -> list[Row]:
        """Take the body rows of `table`; the rows that are certain, none below the bound.

        `draw` draws the last cell that has come, which may be open.
        """
        out: list[Row] = []
        rows = [row.children for body in table.children[1:] for row in body.children]
        for row in rows:
            cells = [self._drawer.lines(cell.text, self._base) for cell in row]
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
        fits = any(self._widths)
        out: list[Row] = []
        if not self._begun:
            self._begun = True
            out = self._aligned(self._header, at_bottom=True) if fits else self._listed(self._header)
            if fits:
                total = sum(self._widths) + _GAP * (len(self._widths) - 1)
                style = self._look.of((*self._base, "table.border"))
                out.append(Text().append(self._look.line * total, style))
        draw = self._aligned if fits else self._listed
        return [*out, *(drawn for row in rows for drawn in draw(row))]

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

    def _aligned(self, row: _Cells, *, at_bottom: bool = False) -> list[Row]:
        """The cells beside each other, each wrapped to the width of its column."""
        cells = [wrap_all(cell, most, most) for cell, most in zip(row, self._widths, strict=True)]
        height = max(map(len, cells))
        out = []
        for index in range(height):
            line = Text()
            for cell, most, justify in zip(cells, self._widths, self._justify, strict=True):
                at = index - (height - len(cell) if at_bottom else 0)
                part = cell[at] if 0 <= at < len(cell) else BLANK
                free = most - row_width(part)
                before = free if justify == "right" else free // 2 if justify == "center" else 0
                line.append(" " * before).append_text(part).append(" " * (free - before + _GAP))
            out.append(without_end(line))
        return out

    def _listed(self, row: _Cells) -> list[Row]:
        """Where columns do not fit: the cells one after the other."""
        line = Text("  ").join([part for cell in row for part in cell])
        return wrap(line, max(1, self._columns))


def _justification(cell: Block) -> str:
    """`left`, `right` or `center`; "" where the table does not say."""
    return str(cell.token.attrs.get("style", "")).removeprefix("text-align:")


def _widest(cell: list[Line]) -> int:
    return max(map(row_width, cell))
