"""Tables, drawn as rich draws them: held until complete, because each row has a say in the widths.

Past MOST_ROWS rows or _MOST_CHARACTERS characters the widths so far are kept, what is held is drawn, and each
further row is drawn as it comes.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from mira_cli.terminal.markdown.cells import width
from mira_cli.terminal.markdown.rows import BLANK, merged, row_width, without_end, wrap, wrap_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mira_cli.terminal.markdown.grammar import Block
    from mira_cli.terminal.markdown.inline import DrawText, InlineDrawer
    from mira_cli.terminal.markdown.look import Look
    from mira_cli.terminal.markdown.rows import Line, Row

MOST_ROWS = 2000
_MOST_CHARACTERS = 256_000
_GAP = 2  # cells between two columns
_NARROWEST = 3  # cells a column needs on average for a table to be worth it


class TableState:
    """A table that may still grow.

    Args:
        table: The block with its header.
        drawer: Draws the text of cells.
        look: The looks.
        base: The looks around the table.
    """

    def __init__(self, table: Block, drawer: InlineDrawer, look: Look, base: tuple[str, ...]) -> None:
        self._drawer = drawer
        self._look = look
        self._base = base
        header = table.children[0].children[0].children
        self._justify = [_justification(cell) for cell in header]
        self._header = [drawer.lines(cell.text, (*base, "table.header")) for cell in header]
        self._widest = [_widest(cell) for cell in self._header]
        self._rows: list[list[list[Line]]] = []
        self._size = 0
        self._fixed = False
        self._widths: list[int] = []
        self._columns = 0

    def copy(self) -> TableState:
        """One that goes its own way from here."""
        twin: TableState = copy(self)
        twin._rows, twin._widest = self._rows.copy(), self._widest.copy()
        return twin

    def add(self, table: Block, columns: int, last_cell: DrawText | None = None) -> list[Row]:
        """Take the body rows of `table`; the rows that are certain, none below the bound.

        `last_cell` draws the last cell that has come, if it is open: another way than the complete ones.
        """
        out: list[Row] = []
        rows = [row.children for body in table.children[1:] for row in body.children]
        for row in rows:
            cells = [self._drawer.lines(cell.text, self._base) for cell in row]
            if last_cell is not None and row is rows[-1]:
                last = max((index for index, cell in enumerate(row) if cell.text), default=0)
                cells[last] = last_cell(row[last].text, self._base)
            self._rows.append(cells)
            if not self._fixed:
                self._widest = list(map(max, self._widest, map(_widest, cells)))
                self._size += sum(len(cell.text) for cell in row)
                if len(self._rows) >= MOST_ROWS or self._size >= _MOST_CHARACTERS:
                    out += self._begin(columns)
        return [*out, *self._body(columns)] if self._fixed else out

    def finish(self, columns: int) -> list[Row]:
        """The rows that close the table."""
        rows = [] if self._fixed else self._begin(columns)
        return [*rows, *self._body(columns), BLANK]

    def preview(self, columns: int, most: int) -> list[Row]:
        """The last rows of what is held, at most `most`, under a line that says what is to come."""
        if self._fixed:
            return []
        step = max(1, most * 2 // 3)  # a row more does not move those that are shown
        above = -(-max(0, len(self._rows) - most) // step) * step
        self._rows = self._rows[above:]
        note = f" table… {above} rows above" if above else " table…"
        title: Row = ((self._look.shown(note), self._look.of(("note",))),)
        return [title, *self._begin(columns)[1:], *self._body(columns)]

    def _begin(self, columns: int) -> list[Row]:
        """Fix the widths; the rows above the body."""
        self._fixed = True
        self._fit(columns)
        header = self._drawn([self._header], at_bottom=True)
        line = self._look.shown("─") * (sum(self._widths) + _GAP * (len(self._header) - 1))
        return [BLANK, *header, ((" ", ""), (line[: max(1, columns - 1)], self._border()))]

    def _border(self) -> str:
        return self._look.of((*self._base, "table.border"))

    def _body(self, columns: int) -> list[Row]:
        if columns != self._columns:
            self._fit(columns)
        rows, self._rows = self._rows, []
        return self._drawn(rows)

    def _fit(self, columns: int) -> None:
        self._columns = columns
        self._widths = _shrunk(self._widest, columns - 2 - _GAP * (len(self._widest) - 1))

    def _drawn(self, rows: Iterable[list[list[Line]]], *, at_bottom: bool = False) -> list[Row]:
        out: list[Row] = []
        widths = self._widths
        for row in rows:
            if not any(widths):
                out += self._listed(row)
                continue
            cells = [wrap_all(cell, columns) for cell, columns in zip(row, widths, strict=True)]
            height = max(len(cell) for cell in cells)
            for index in range(height):
                line = [(" ", "")]
                for cell, columns, justify in zip(cells, widths, self._justify, strict=True):
                    at = index - height + len(cell) if at_bottom else index
                    line += _justified(cell[at] if 0 <= at < len(cell) else BLANK, columns, justify)
                    line.append((" " * _GAP, ""))
                out.append(without_end(merged(line)))
        return out

    def _listed(self, row: list[list[Line]]) -> list[Row]:
        """Where there is no room for columns: the cells one after the other."""
        line: Line = []
        for cell in row:
            for part in cell:
                line += [*part, ("  ", "")]
        return wrap(line, max(1, self._columns))


def _justification(cell: Block) -> str:
    return str(cell.token.attrs.get("style", "")).removeprefix("text-align:")


def _widest(cell: list[Line]) -> int:
    return max(sum(width(text) for text, _ in line) for line in cell)


def _shrunk(widths: Sequence[int], room: int) -> list[int]:
    """The widths cut to a common greatest one, so that they fit into `room` cells; 0 each if nothing does."""
    if sum(widths) <= room:
        return [max(1, cells) for cells in widths]
    if room < _NARROWEST * len(widths):
        return [0] * len(widths)
    rest, fixed = room, 0
    ordered = sorted(widths)
    for index, cells in enumerate(ordered):
        share = (rest - fixed) // (len(ordered) - index)
        if cells > share:
            spare = rest - fixed - share * (len(ordered) - index)
            out = []
            for wanted in widths:
                extra = 1 if wanted > share and spare > 0 else 0
                spare -= extra
                out.append(max(1, min(wanted, share + extra)))
            return out
        fixed += cells
    return list(widths)


def _justified(row: Row, columns: int, justify: str) -> list[tuple[str, str]]:
    space = columns - row_width(row)
    left = space if justify == "right" else space // 2 if justify == "center" else 0
    return [(" " * left, ""), *row, (" " * (space - left), "")]
