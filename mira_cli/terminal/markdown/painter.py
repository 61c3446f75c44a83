"""Rows onto the screen: certain rows once, open rows again and again, of a row only what has changed.

Nothing above the first open row is ever addressed. The cursor rests behind the last open row, or at the start
of a fresh row if none is open. Each frame is one write. A certain row may be longer than the screen is wide:
the terminal wraps it. Open rows fit.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.color import ColorSystem

from mira_cli.terminal.cells import is_steady, may_join, width
from mira_cli.terminal.markdown.rows import BLANK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.style import Style

    from mira_cli.terminal.markdown.rows import Row

_RESET = "\x1b[0m"

# DEC private modes, see xterm's "Control Sequences": 25 the cursor, 7 autowrap, 2026 synchronized output.
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
_ERASE_ROW, _UP = "\x1b[K", "\x1b[1A"
_NEXT_ROW = "\r\n"


@lru_cache(maxsize=1024)
def _escape(style: Style) -> str:
    """The sequence that starts a style."""
    drawn = style.render("x", color_system=ColorSystem.EIGHT_BIT)
    return drawn[: drawn.index("x")]


def to_ansi(row: Row) -> str:
    """The characters that draw a row."""
    plain = row.plain
    parts: list[str] = []
    at, current = 0, ""
    for start, end, style in [*row.spans, (len(plain), len(plain), "")]:
        styled = _escape(style) if end > start else ""
        for text, escape in ((plain[at:start], ""), (plain[start:end], styled)):
            if text and escape != current:
                parts.append((_RESET if current else "") + escape)
                current = escape
            parts.append(text)
        at = end
    return "".join([*parts, _RESET if current else ""])


def as_lines(rows: Iterable[Row]) -> str:
    """The characters that draw rows, each ended by a newline."""
    return "".join([to_ansi(row) + "\n" for row in rows])


class Painter:
    """Draws frames at the end of the terminal's scrollback.

    Args:
        write: Takes the characters of a frame in one call. What it raises goes through.
        crops: Whether a terminal that is made narrower crops the row of the cursor; it wraps the others anew.
    """

    def __init__(self, write: Callable[[str], None], *, crops: bool = False) -> None:
        self._write = write
        self._crops = crops
        self._open: Sequence[Row] = (BLANK,)  # on the screen, the cursor behind the last one
        self._begun = False  # whether the cursor is hidden

    def frame(self, certain: Sequence[Row], open_rows: Sequence[Row], columns: int) -> None:
        """Put `certain` rows in place of the open ones, and `open_rows` below; write only what differs.

        `columns` is the width of the terminal, which wraps certain rows that are longer.
        """
        old, new = self._open, [*certain, *(open_rows or (BLANK,))]
        first, last = 0, len(new) - 1
        while first < min(len(old) - 1, last) and old[first] == new[first]:
            first += 1
        # Old rows from `stay` on are erased: there are no new ones, or a long one will be wrapped over them.
        long_ones = (at for at in range(first, len(new)) if width(new[at].plain) > columns)
        stay = max(first + 1, min(len(old), next(long_ones, len(new))))
        gone, up = len(old) - stay, stay - 1 - first
        moves = bool(gone or up)
        texts = []
        for at in range(first, len(new)):
            before = old[at] if at < stay else BLANK
            behind = at == len(old) - 1 and not moves
            skips = before == new[at] and at < last
            texts.append("" if skips else _changed(before, new[at], columns, behind=behind))
        text = _NEXT_ROW.join(texts)
        if moves:
            text = "\r" + (_ERASE_ROW + _UP) * gone + _UP * up + text
        if moves or texts[0].startswith("\r"):  # else what is erased is written over at once
            text = f"{_BEGIN}{text}{_END}"
        if text:
            self._put(text)
        self._open = new[len(certain) :]

    def resize(self, columns: int, lines: int) -> None:
        """Erase the open rows, which a terminal of `columns` by `lines` has wrapped anew by now."""
        rows = [max(1, -(-width(row.plain) // max(1, columns))) for row in self._open]
        if self._crops:
            rows[-1] = 1
        up = min(sum(rows), lines) - 1
        if up or self._open[-1]:
            # Row by row: if all is erased from the top of the screen on, tmux keeps a copy in its scrollback.
            self._put(f"{_BEGIN}\r{_ERASE_ROW}{(_UP + _ERASE_ROW) * up}{_END}")
        self._open = (BLANK,)

    def lose(self) -> None:
        """Something else has written on the terminal: leave the open rows, go on below."""
        if self._begun:
            self._begun = False
            self._open = (BLANK,)
            self._put(_NEXT_ROW)

    def end(self) -> None:
        """Leave the terminal as it was found, the cursor shown on a fresh row."""
        if self._begun:
            self._put((_NEXT_ROW if self._open[-1] else "") + _SHOW_CURSOR)
        self._open = (BLANK,)
        self._begun = False

    def _put(self, text: str) -> None:
        if not self._begun:
            self._begun = True
            text = _HIDE_CURSOR + text
        self._write(text)


def _changed(old: Row, new: Row, columns: int, *, behind: bool) -> str:
    """What turns one row into another. The cursor is `behind` the old one, or at its start.

    A row about whose width terminals disagree is written whole, and must not be wrapped.
    """
    kept = _alike(old, new)
    is_long = width(new.plain) > columns
    grows = behind and kept == len(old) and not may_join(old.plain, new.plain[kept:])
    if is_long or not (grows or (is_steady(old.plain) and is_steady(new.plain))):
        kept = 0
    rest = new[kept:] if kept else new
    text = to_ansi(rest)
    if not is_long and not is_steady(rest.plain):
        text = f"{_NO_WRAP}{text}{_WRAP}"
    if behind and kept == len(old):
        return text
    column = width(new.plain[:kept])
    move = f"\x1b[{column + 1}G" if column else "\r" * behind
    erases = kept < len(old) and (not kept or width(old.plain) > width(new.plain))
    return move + (_ERASE_ROW if erases else "") + text


def _alike(old: Row, new: Row) -> int:
    """With how many of the same characters, in the same styles, two rows begin."""
    pairs = enumerate(zip(old.plain, new.plain, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))
    for one, other in zip_longest(old.spans, new.spans):
        if one and other and (one.start, one.style) == (other.start, other.style):
            if one.end != other.end:
                return min(same, one.end, other.end)
        else:
            return min([same, *(span.start for span in (one, other) if span)])
    return same
