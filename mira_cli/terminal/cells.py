"""Widths of text in terminal cells, fitting and folding, and text whose width depends on the terminal.

Widths come from wcwidth, character by character, rounded up so that a row fits on any terminal: joiners make
nothing narrower, because some terminals draw the parts side by side, and marks that take a cell on some
terminals, such as those of Indic scripts, have one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import category, combining

if TYPE_CHECKING:
    from collections.abc import Sequence

_EMOJI_SELECTOR = "\ufe0f"
_JOINER = "\u200d"
_SPACING_MARK = "Mc"
_VIRAMA = 9  # the combining class of the sign that joins Indic consonants
_FLAG_LETTERS = ("\U0001f1e6", "\U0001f1ff")
_READABLE = 3  # minimum average width of columns
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")

_ONE_CELL = (
    "\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u058f\u1e00-\u1eff\u2010-\u2027\u2030-\u205e"
    "\u20a0-\u20c0\u2100-\u214f\u2190-\u22ff\u2500-\u25fc\u25ff\u2800-\u28ff"
)
_TWO_CELLS = (
    "\u3001-\u3029\u3030-\u303e\u3041-\u3096\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60"
)

SINGLE = re.compile(f"[{_ONE_CELL}]*\\Z")
"""Matches text in which every character takes exactly one cell on all terminals."""

_STEADY = f"[{_ONE_CELL}{_TWO_CELLS}]*\\Z"  # compiled where a reply is drawn


def is_steady(text: str) -> bool:
    """Whether all terminals agree on the width; not for emoji, marks, joiners, Indic, Thai."""
    return text.isascii() or re.match(_STEADY, text) is not None


def may_join(before: str, after: str) -> bool:
    """Whether a terminal may draw the last character of one text and the first of the next as one glyph."""
    last, first = before[-1:], after[:1]
    if not last or is_steady(first):
        return False
    if _is_mark(first) or last == _JOINER or _within(first, _SKIN_TONES):
        return True
    return combining(last) == _VIRAMA or (_within(last, _FLAG_LETTERS) and _within(first, _FLAG_LETTERS))


def _within(char: str, ends: tuple[str, str]) -> bool:
    return ends[0] <= char <= ends[1]


@lru_cache(maxsize=8192)
def _char_width(char: str) -> int:
    """Cells of one character: 0, 1 or 2."""
    from wcwidth import wcwidth

    return max(0, wcwidth(char)) or int(category(char) == _SPACING_MARK)


def _is_mark(char: str) -> bool:
    return not _char_width(char) or category(char) == _SPACING_MARK


def width(text: str) -> int:
    """Cells of `text`, which must not contain control characters."""
    if text.isascii() or SINGLE.match(text):
        return len(text)
    return sum(cells for _, cells in clusters(text))


def clusters(text: str) -> list[tuple[int, int]]:
    """The start and width of each cluster, a character with its marks, which must not be split."""
    found: list[tuple[int, int]] = []
    joined = False
    before = 0
    for index, char in enumerate(text):
        cells = _char_width(char)
        mark = _is_mark(char)
        if char == _EMOJI_SELECTOR and before == 1:
            cells = 1  # it asks for the wide picture of a narrow character
        if found and (joined or mark):
            start, so_far = found[-1]
            found[-1] = (start, so_far + cells)
        else:
            found.append((index, cells))
        joined = char == _JOINER
        before = cells
    return found


def fit(text: str, columns: int) -> str:
    """The longest beginning of the text that fits into `columns` cells."""
    if width(text) <= columns:
        return text
    used = 0
    for at, cells in clusters(text):
        used += cells
        if used > columns:
            return text[:at]
    return text


def fold(text: str, columns: int) -> str:
    """The text with each line broken between words, into rows of at most `columns` cells.

    Longer words are left to the terminal to wrap, so that URLs can be copied. Indentation is kept in
    continuation rows.
    """
    if text.isascii() and len(text) <= columns:
        return text
    return "\n".join(_folded_line(line, columns) for line in text.split("\n"))


def _folded_line(line: str, columns: int) -> str:
    if width(line) <= columns:
        return line
    words = line.lstrip(" ").split(" ")
    indent = " " * min(len(line) - len(line.lstrip(" ")), columns // 2)
    rows = [indent + words[0]]
    free = columns - len(indent) - width(words[0])
    for word in words[1:]:
        needed = width(word) + 1
        if needed <= free:
            rows[-1] += f" {word}"
            free -= needed
        else:
            rows.append(indent + word)
            free = columns - len(indent) - needed + 1
    return "\n".join(rows)


def shrunk(widths: Sequence[int], room: int) -> list[int]:
    """Column widths limited to a common maximum, so that they fit into `room` cells.

    All are 0 if there is no room for readable columns. An empty column gets one cell.
    """
    widths = [max(1, cells) for cells in widths]
    if sum(widths) <= room:
        return widths
    if room < _READABLE * len(widths):
        return [0] * len(widths)

    def total(greatest: int) -> int:
        return sum(min(cells, greatest) for cells in widths)

    greatest = bisect_right(range(room), room, key=total) - 1
    spare = room - total(greatest)
    for index, cells in enumerate(widths):
        if cells > greatest:
            widths[index] = greatest + (spare > 0)
            spare -= 1
    return widths
