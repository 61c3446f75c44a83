"""Rows of styled text: how runs are wrapped into them, and how they become bytes.

A run is text with one look, a row is the runs of one line of the screen. The look is the escape sequence that
starts it ("" for none), so that turning a row into bytes is one join.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from mira_cli.terminal.markdown.cells import SINGLE, clusters, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Run: TypeAlias = tuple[str, str]
Row: TypeAlias = tuple[Run, ...]
Line: TypeAlias = list[Run]

RESET = "\x1b[0m"
BLANK: Row = ()

# Between these and their neighbours a row may end although no space stands there.
_IDEOGRAPHS = (("\u2e80", "\u9fff"), ("\uf900", "\ufaff"), ("\uff01", "\uff60"), ("\U00020000", "\U0003ffff"))
_NOT_FIRST = frozenset("、。，．！？：；）」』】》〉〕］｝・ーぁぃぅぇぉっゃゅょァィゥェォッャュョ％")
_NOT_LAST = frozenset("（「『【《〈〔［｛")


def row_text(row: Row) -> str:
    """The characters of a row."""
    return row[0][0] if len(row) == 1 else "".join([text for text, _ in row])


def row_width(row: Row) -> int:
    """The cells of a row."""
    return width(row_text(row))


def paint(row: Iterable[Run]) -> str:
    """The bytes that draw a row; the attributes are reset where it ends."""
    return "".join([f"{look}{text}{RESET}" if look else text for text, look in row])


def merged(runs: Iterable[Run]) -> Row:
    """The same row with neighbours of one look joined and empty runs left out."""
    out: list[Run] = []
    texts: list[str] = []
    look = ""
    for text, its_look in runs:
        if not text:
            continue
        if its_look != look and texts:
            out.append(("".join(texts), look))
            texts = []
        texts.append(text)
        look = its_look
    if texts:
        out.append(("".join(texts), look))
    return tuple(out)


def without_end(row: Row, *, all_looks: bool = False) -> Row:
    """The same row without the spaces at its end, if they have no look or `all_looks` are meant."""
    if row and (all_looks or not row[-1][1]):
        text, look = row[-1]
        text = text.rstrip(" ")
        return (*row[:-1], (text, look)) if text else row[:-1]
    return row


def wrap(line: Sequence[Run], columns: int) -> list[Row]:
    """Break a line into rows of at most `columns` cells: at spaces, beside ideographs, in too long a word.

    A word that does not fit starts a new row; one that fits on none is cut there. Where a row ends depends on
    nothing behind the first character of the next row, so all rows but the last stay as they are when the
    line grows. Spaces where a row ends are dropped. An empty line is one blank row.
    """
    plain = line[0][0] if len(line) == 1 else "".join([text for text, _ in line])
    if plain.isascii() or SINGLE.match(plain):
        starts = _break_single(plain, columns) if len(plain) > columns else []
    else:
        starts = _break_mixed(plain, columns)
    if not starts:
        return [_whole(line, plain)]
    starts.append(len(plain))
    rows: list[Row] = []
    if len(line) == 1:
        look = line[0][1]
        start = 0
        for end in starts:
            text = plain[start:end].rstrip(" ")
            rows.append(((text, look),) if text else BLANK)
            start = end
        return rows
    return _slices(line, starts)


def wrap_all(lines: Iterable[Sequence[Run]], columns: int) -> list[Row]:
    """The rows of several lines, each broken as `wrap` does."""
    return [row for line in lines for row in wrap(line, columns)]


def _whole(line: Sequence[Run], plain: str) -> Row:
    """The line as one row."""
    if plain.endswith(" "):
        return _slices(line, [len(plain)])[0]
    return tuple(line) if plain else BLANK


def _slices(line: Sequence[Run], ends: list[int]) -> list[Row]:
    """Cut the line at `ends`, each row without its trailing spaces."""
    rows: list[Row] = []
    row: list[Run] = []
    runs = iter(line)
    text, look = next(runs)
    at = 0  # where in the line `text` starts
    for end in ends:
        while at + len(text) <= end:
            if text:
                row.append((text, look))
            at += len(text)
            text, look = next(runs, ("", ""))
            if not text and at >= ends[-1]:
                break
        if at < end:
            row.append((text[: end - at], look))
            text = text[end - at :]
            at = end
        rows.append(_stripped(row))
        row = []
    return rows


def _stripped(row: list[Run]) -> Row:
    while row:
        text, look = row[-1]
        kept = text.rstrip(" ")
        if kept:
            row[-1] = (kept, look)
            break
        row.pop()
    return tuple(row)


def _break_single(text: str, columns: int) -> list[int]:
    """Where rows start, but for the first, in text of one cell a character."""
    starts: list[int] = []
    start = 0
    end = len(text.rstrip(" "))
    word = len(text) - len(text.lstrip(" "))  # an indent stays with its word
    while end - start > columns:
        cut = text.rfind(" ", start, start + columns + 1)
        if cut > word:
            start = cut + 1
            while text[start] == " ":
                start += 1
        else:
            start += columns
        word = max(word, start)
        starts.append(start)
    return starts


def _break_mixed(text: str, columns: int) -> list[int]:
    """The same for text of any widths."""
    starts: list[int] = []
    start = used = 0
    chance = -1  # the last place where this row may end, and the cells up to it
    used_there = 0
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
        if used + cells > columns and used:
            if chance > start:
                start, used = chance, used - used_there
                starts.append(start)
                chance = -1
            if used + cells > columns and used:
                start, used, chance = at, 0, -1
                starts.append(start)
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
