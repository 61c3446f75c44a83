"""Rows: lines of rich Text cut where we want them cut.

rich wraps by its own widths, which some terminals do not share, and by its own rules, which need the whole
line. Here the places are found by our widths and so that a growing line keeps its rows; `Text.divide` cuts.

The spans of a row follow one another and never overlap; the style of a Text itself is not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rich.text import Text

from mira_cli.terminal.cells import SINGLE, clusters, width

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

# Between these and their neighbours a row may end although there is no space.
_IDEOGRAPHS = (("\u2e80", "\u9fff"), ("\uf900", "\ufaff"), ("\uff01", "\uff60"), ("\U00020000", "\U0003ffff"))
_NOT_FIRST = frozenset("、。，．！？：；）」』】》〉〕］｝・ーぁぃぅぇぉっゃゅょァィゥェォッャュョ％")
_NOT_LAST = frozenset("（「『【《〈〔［｛")


def row_width(row: Row) -> int:
    """The cells of a row."""
    return width(row.plain)


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
    if row_width(row) <= columns:
        return [row]
    starts = []
    used = 0
    for at, cells in clusters(row.plain):
        if used and used + cells > columns:
            starts.append(at)
            used = 0
        used += cells
    return list(row.divide(starts))


def row_starts(plain: str, columns: int, longest: int = LONGEST_WORD) -> list[int]:
    """Where the rows of a line start, except the first; see `wrap`."""
    most = max(1, longest // columns) * columns  # whole rows of a word that is cut
    if not (plain.isascii() or SINGLE.match(plain)):
        return _break_mixed(plain, columns, most)
    return _break_single(plain, columns, most) if len(plain) > columns else []


def _break_single(text: str, columns: int, most: int) -> list[int]:
    """Where rows start in text of one cell a character."""
    starts: list[int] = []
    start = 0
    end = len(text.rstrip(" "))
    word = len(text) - len(text.lstrip(" "))  # an indent stays with its word
    while end - start > columns:
        at = text.rfind(" ", start, start + columns + 1)
        if at <= word:
            at = text.find(" ", max(start + columns, word), end)
            if (end if at < 0 else at) - start > most:
                at = -1
                start += most
            elif at < 0:
                break
        if at > 0:
            start = at + 1
            while text[start] == " ":
                start += 1
        word = max(word, start)
        starts.append(start)
    return starts


def _break_mixed(text: str, columns: int, most: int) -> list[int]:
    """The same for text of any widths."""
    starts: list[int] = []
    start = used = 0
    chance = used_there = 0  # the last place where this row may end, and the cells up to it
    before = ""
    seen = False  # a word in this row
    pieces = clusters(text)
    ends = [at for at, _ in pieces[1:]] + [len(text)]
    for (at, cells), end in zip(pieces, ends, strict=True):
        char = text[at]
        if text[at:end] == " ":
            used += 1
            before = char
            continue
        if seen and _may_part(before, char):
            chance, used_there = at, used
            if used > columns:  # behind a word that fits on no row
                starts.append(at)
                start, used = at, 0
        if used + cells > columns and chance > start:
            starts.append(chance)
            start, used = chance, used - used_there
        if used and used + cells > most:
            starts.append(at)
            start, used = at, 0
        used += cells
        seen = True
        before = char
    return starts


def _may_part(before: str, char: str) -> bool:
    """Whether a row may end between two characters, the second of which is no space."""
    if before == " ":
        return True
    if char in _NOT_FIRST or before in _NOT_LAST:
        return False
    return _is_ideograph(char) or _is_ideograph(before)


def _is_ideograph(char: str) -> bool:
    return char >= "\u2e80" and any(low <= char <= high for low, high in _IDEOGRAPHS)
