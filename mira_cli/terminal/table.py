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
_NO_BREAK = "\u00a0"  # a space that doesn't break
_INDENT = 2  # of a cell below its row
_READABLE = 30  # minimum cells for a readable column of setting values


def aligned(rows: Sequence[Sequence[str]], columns: int, *, wraps: bool = True) -> str:
    """The rows in aligned columns, each with a newline.

    Words are never split, so that URLs can be copied. If they don't fit, only the cells before the last one
    are aligned, or only the first, and the rest goes below its row if its words are too long. Without `wraps`
    a cell that does not fit in its column ends with `…`. The cells are sanitised here.
    """
    cells = [[clean_line(cell) for cell in row] for row in rows]
    if not cells or not cells[0]:
        return ""
    wanted = [max(map(width, column)) for column in zip(*cells, strict=True)]
    widths = shrunk(wanted, columns - _GAP * (len(wanted) - 1))
    torn = wraps and any(
        _longest_word(cell) > each for row in cells for cell, each in zip(row, widths, strict=True)
    )
    if any(widths) and not torn:
        return _drawn(cells, widths, wraps=wraps)
    gap, at = " " * _GAP, len(wanted) - 1
    if sum(wanted[:at]) + _GAP * at >= columns:
        at = 1
    starts = [(gap.join(map(_padded, row[:at], wanted)), gap.join(filter(None, row[at:]))) for row in cells]
    return hanging(starts, columns)


def write_table(streams: Streams, rows: Sequence[Sequence[str]], head: Sequence[str] = ()) -> None:
    """Write rows to standard output: on a terminal in columns with a header, else tab-separated.

    Raises:
        OutputError: It cannot be written.
    """
    if streams.out_tty:
        streams.write(aligned([head, *rows] if head else rows, streams.width()))
    else:
        streams.write("".join("\t".join(map(clean_line, row)) + "\n" for row in rows))


def settings_table(settings: Sequence[tuple[str, str, str]], columns: int) -> str:
    """Name, value and source of settings, in three columns, or in two if a value is too long for that.

    With two columns the source follows the value, and values with too long words go below their names.
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
    texts = [f"{value} ({source.replace(' ', _NO_BREAK)})" if source else value for _, value, source in rows]
    return hanging(list(zip(names, texts, strict=True)), columns).replace(_NO_BREAK, " ")


def _longest_word(text: str) -> int:
    """The width of the longest word."""
    return max(map(width, text.split(" ")))


def _padded(text: str, cells: int) -> str:
    return text + " " * (cells - width(text))


def hanging(rows: Sequence[tuple[str, str]], columns: int) -> str:
    """Rows of a start and a wrapped text beside it, or below it if the text has too long words."""
    before = max(width(start) for start, _ in rows) + _GAP
    out = []
    for start, text in rows:
        beside = not text or _longest_word(text) <= columns - before
        indent = before if beside else _INDENT
        lines = [" " * indent + line.strip() for line in fold(text, columns - indent).split("\n")]
        if beside:
            lines[0] = _padded(start, before) + lines[0].lstrip()
        else:
            out.append(fold(start, columns))
        out += lines
    return "".join(f"{line.rstrip()}\n" for line in out)


def _drawn(cells: Sequence[Sequence[str]], widths: Sequence[int], *, wraps: bool) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
    for each in widths:
        table.add_column(width=each, no_wrap=True)
    for row in cells:
        folded = (fold(cell, each) if wraps else cell for cell, each in zip(row, widths, strict=True))
        table.add_row(*map(Text, folded))
    out, total = StringIO(), sum(widths) + _GAP * (len(widths) - 1)
    Console(file=out, width=total, color_system=None, force_terminal=False, legacy_windows=False).print(table)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().removesuffix("\n").split("\n"))
