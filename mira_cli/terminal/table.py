"""Tables of our own text on a terminal, laid out by rich."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from mira_cli.terminal.cells import fold, shrunk, width
from mira_cli.terminal.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mira_cli.terminal.streams import Streams

_GAP = 2  # cells between two columns
_TIED = "\u00a0"  # a space at which no line is broken
_INDENT = 2  # of a cell that is below its row
_READABLE = 30  # cells beside the others from which a last cell with long words stays there
_ENDLESS = 100_000  # columns: a word that is too long is left to the terminal to wrap


def aligned(rows: Sequence[Sequence[str]], columns: int, *, wraps: bool = True) -> str:
    """The rows in columns that line up, each ended by a newline.

    They fit the terminal, but for words that are longer than a row: those stay whole, so that an address can
    be copied. Where such a word would leave the others no room, cells stand below each other.

    Args:
        rows: Their cells, as many in each; they are cleaned here.
        columns: The width of the terminal.
        wraps: Continue a cell that does not fit in its column on the next line; else end it with `…`.
    """
    cells = [[clean_line(cell) for cell in row] for row in rows]
    if not cells or not cells[0]:
        return ""
    wanted = [max(map(width, column)) for column in zip(*cells, strict=True)]
    widths = shrunk(wanted, columns - _GAP * (len(wanted) - 1))
    if not any(widths) or (wraps and _tears_words(cells, widths)):
        left = columns - sum(wanted[:-1]) - _GAP * (len(wanted) - 1)
        if left < _READABLE:
            return _below(cells, columns)
        widths = [*wanted[:-1], left]
    return _drawn(cells, widths, wraps=wraps)


def write_table(streams: Streams, rows: Sequence[Sequence[str]], head: Sequence[str] = ()) -> None:
    """Write rows to standard output: on a terminal in columns, below the head; else with tabs between cells.

    Raises:
        OutputError: It cannot be written.
    """
    if streams.out_tty:
        streams.write(aligned([head, *rows] if head else rows, streams.width()))
    else:
        streams.write("".join("\t".join(map(clean_line, row)) + "\n" for row in rows))


def settings_table(settings: Sequence[tuple[str, str, str]], columns: int) -> str:
    """Name, value and source of settings: in three columns, or, where a value is too long for that, in two.

    Then the source follows the value, and a value with words that are too long even so goes below its name.
    """
    rows = [
        (name, clean_line(value) or "not set", source if value or source != "default" else "")
        for name, value, source in settings
    ]
    names, values, sources = zip(*rows, strict=True)
    before = max(map(width, names)) + _GAP
    room = columns - before - _GAP - max(map(width, sources))
    words = values if room < _READABLE else " ".join(values).split(" ")
    if max(map(width, words)) <= room:
        return aligned(rows, columns)
    out = ""
    for name, value, source in rows:
        text = f"{value} ({source.replace(' ', _TIED)})" if source else value
        indent = before
        if max(map(width, text.split(" "))) <= columns - before:
            out += name.ljust(before)
        else:
            indent = _INDENT
            out += f"{name}\n{' ' * indent}"
        rows_of_text = fold(text, columns - indent).replace(_TIED, " ").split("\n")
        out += f"\n{' ' * indent}".join(rows_of_text) + "\n"
    return out


def _tears_words(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> bool:
    return any(
        width(word) > each
        for row in cells
        for cell, each in zip(row, widths, strict=True)
        for word in cell.split(" ")
    )


def _below(cells: Sequence[Sequence[str]], columns: int) -> str:
    """The rows with each cell that does not fit beside the one before it below that, indented."""
    out = []
    for first, *others in cells:
        line = first
        for cell in filter(None, others):
            beside = f"{line}{' ' * _GAP}{cell}"
            if width(beside) <= columns:
                line = beside
            else:
                out.append(fold(line, columns))
                line = " " * _INDENT + cell
        out.append(fold(line, columns))
    return "".join(f"{row}\n" for row in out)


def _drawn(cells: Sequence[Sequence[str]], widths: Sequence[int], *, wraps: bool) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
    for each in widths:
        table.add_column(min_width=each, max_width=None if wraps else each, no_wrap=True)
    for row in cells:
        folded = (fold(cell, each) if wraps else cell for cell, each in zip(row, widths, strict=True))
        table.add_row(*map(Text, folded))
    console = Console(
        file=StringIO(), width=_ENDLESS, color_system=None, force_terminal=False, legacy_windows=False
    )
    lines = console.render_lines(table, pad=False)
    return "".join("".join(segment.text for segment in line).rstrip() + "\n" for line in lines)
