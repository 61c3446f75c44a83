"""Rows: lines of rich Text cut where we want them cut.

rich wraps by its own widths, which some terminals do not share, and by its own rules, which need the whole
line. Here the places are found by our widths and so that a growing line keeps its rows; `Text.divide` cuts.

The spans of a row follow one another and never overlap; the style of a Text itself is not used.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from rich.text import Text

from mira_cli.terminal.cells import SINGLE, clusters, may_join, width

if TYPE_CHECKING:
    from collections.abc import Iterable

Row: TypeAlias = Text
"""One row of the screen, or more where the terminal has to wrap it: code, and words longer than the width."""

Line: TypeAlias = Text
"""Text up to a hard break, not yet cut into rows."""

BLANK: Row = Text()
"""An empty row, shared: rows are never changed once they are made."""

LONGEST_WORD = 2000
"""Cells up to which a word that does not fit stays whole; what is longer is data, and is cut."""

# Where a row may end: at spaces, and beside ideographs.
_IDEOGRAPHS = "\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff"
_NOT_FIRST = "、。，．！？：；）」』】》〉〕］｝・ーぁぃぅぇぉっゃゅょァィゥェォッャュョ％"
_NOT_LAST = "（「『【《〈〔［｛"
_SPACE = r"(?<=[^ ]) +(?=[^ ])"
_AT_SPACE = re.compile(_SPACE)
_ANYWHERE = re.compile(
    f"{_SPACE}|(?<=[{_IDEOGRAPHS}])(?<![{_NOT_LAST}])(?=[^ {_NOT_FIRST}])"
    f"|(?<=[^ {_NOT_LAST}])(?=[{_IDEOGRAPHS}])(?![{_NOT_FIRST}])"
)


def without_end(row: Row) -> Row:
    """The row without the spaces at its end."""
    surplus = len(row.plain) - len(row.plain.rstrip(" "))
    if surplus:
        row = row.copy()
        row.right_crop(surplus)
    return row


def wrap(line: Line, columns: int, longest: int = LONGEST_WORD) -> list[Row]:
    """Break a line into rows of at most `columns` cells: at spaces and beside ideographs.

    A word that does not fit starts a new row. One that fits on no row stays whole, for the terminal to wrap,
    up to `longest` cells. Where a row ends depends on nothing behind the first character of the next row, so
    all rows but the last stay as they are when the line grows. Spaces where a row ends are dropped. An empty
    line is one blank row.
    """
    starts = row_starts(line.plain, columns, longest)
    return [without_end(row) for row in line.divide(starts)] if starts else [without_end(line)]


def wrap_all(lines: Iterable[Line], columns: int, longest: int = LONGEST_WORD) -> list[Row]:
    """The rows of several lines, each broken as `wrap` does."""
    return [row for line in lines for row in wrap(line, columns, longest)]


def as_wrapped(row: Row, columns: int) -> list[Row]:
    """The row as a terminal of that width wraps it: cut wherever the width is full."""
    if width(row.plain) <= columns:
        return [row]
    return list(row.divide(_cuts(row.plain, columns)))


def row_starts(plain: str, columns: int, longest: int = LONGEST_WORD) -> list[int]:
    """Where the rows of a line start, except the first; see `wrap`."""
    is_single = plain.isascii() or SINGLE.match(plain) is not None
    if is_single and len(plain) <= columns:
        return []
    most = max(1, longest // columns) * columns  # whole rows of a word that is cut
    gaps = [gap.span() for gap in (_AT_SPACE if is_single else _ANYWHERE).finditer(plain)]
    if not is_single:
        gaps = [(end, at) for end, at in gaps if not may_join(plain[at - 1], plain[at])]
    starts: list[int] = []
    start = at = used = 0  # where the row under way starts, and its next word; the cells up to that
    for end, following in [*gaps, (len(plain.rstrip(" ")), 0)]:
        cells = end - at if is_single else width(plain[at:end])
        if used + cells > columns and at > start:
            starts.append(at)
            start, used = at, 0
        if cells > most:
            cuts = _cuts(plain[at:end], most)
            starts += [at + cut for cut in cuts]
            cells = width(plain[at + cuts[-1] : end]) if cuts else cells
        used += cells + following - end
        at = following
    return starts


def _cuts(text: str, columns: int) -> list[int]:
    """Where to cut text that is as wide as `columns` again and again."""
    if text.isascii():
        return list(range(columns, len(text), columns))
    cuts: list[int] = []
    used = 0
    for at, cells in clusters(text):
        if used and used + cells > columns:
            cuts.append(at)
            used = 0
        used += cells
    return cuts
