"""Rows onto the screen: what is certain once, what is open again and again, of a row only what has changed.

Nothing above the first open row is ever addressed. The cursor rests behind the last open row, or at the start
of a fresh row if none is open. Each frame is one write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.terminal.markdown.cells import is_steady, may_join, width
from mira_cli.terminal.markdown.rows import RESET, paint, row_text, row_width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mira_cli.terminal.markdown.rows import Row

# DEC private modes, see xterm's "Control Sequences": 25 the cursor, 7 autowrap, 2026 synchronized output.
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
_ERASE_ROW, _ERASE_BELOW = "\x1b[K", "\x1b[J"
_NEXT_ROW = "\r\n"
_FEW = 2  # rows to go down that cost less as line ends


class Painter:
    """Draws frames at the end of the terminal's scrollback.

    Args:
        write: Takes the characters of a frame in one call. What it raises goes through; the frame then counts
            as torn, and what comes next starts on a fresh row.
        crops: Whether a terminal that is made narrower crops the row of the cursor; it wraps the others anew.
    """

    def __init__(self, write: Callable[[str], None], *, crops: bool = False) -> None:
        self._write = write
        self._crops = crops
        self._open: Sequence[Row] = ()
        self._begun = False
        self._torn = False

    def frame(self, certain: Sequence[Row], open_rows: Sequence[Row]) -> None:
        """Put `certain` rows where the open ones stood, and `open_rows` below; write only what differs."""
        self._mend()
        frame = _Frame(self._open)
        frame.draw([*certain, *open_rows], open_at_end=bool(open_rows))
        text = frame.text()
        if text:
            self._put(text if self._begun else _HIDE_CURSOR + text)
        self._open = open_rows

    def resize(self, columns: int, lines: int) -> None:
        """Erase the open rows, which a terminal of `columns` by `lines` has wrapped anew by now."""
        if not self._open or self._torn:
            return
        rows = [max(1, -(-row_width(row) // max(1, columns))) for row in self._open]
        if self._crops:
            rows[-1] = 1
        up = min(sum(rows), lines) - 1
        # Row by row: if all is erased from the top of the screen on, tmux keeps a copy in its scrollback.
        above = f"\x1b[1A{_ERASE_ROW}" * up
        self._put(f"{_BEGIN}\r{_ERASE_ROW}{above}{_END}")
        self._open = ()

    def lose(self) -> None:
        """Something else has written on the terminal: leave the open rows, go on below."""
        self._torn = self._torn or self._begun
        self._begun = False

    def end(self) -> None:
        """Leave the terminal as it was found, the cursor shown on a fresh row."""
        self._mend()
        if self._begun:
            self._put((_NEXT_ROW if self._open else "") + _SHOW_CURSOR)
        self._open = ()
        self._begun = False

    def _put(self, text: str) -> None:
        self._begun = self._torn = True
        self._write(text)
        self._torn = False

    def _mend(self) -> None:
        """If a frame was cut in the middle, end what it may have begun, and go on below it."""
        if self._torn:
            self._open = ()
            hide = "" if self._begun else _HIDE_CURSOR
            self._put(f"{hide}{_END}{RESET}{_WRAP}{_NEXT_ROW}")


class _Frame:
    """The characters of one frame, and where they leave the cursor. Rows count from the first open one."""

    def __init__(self, old: Sequence[Row]) -> None:
        self._old = old
        self._parts: list[str] = []
        self._row = max(0, len(old) - 1)
        self._behind = bool(old)  # the cursor stands behind the text of its row, else at its start
        self._redraws = False
        self._steady = True

    def draw(self, rows: Sequence[Row], *, open_at_end: bool) -> None:
        """Turn the old rows into `rows`."""
        for index, row in enumerate(rows):
            if index >= len(self._old):
                self._go(index)
                self._append(row)
            elif row != self._old[index]:
                self._change(index, self._old[index], row)
        if len(self._old) > len(rows):
            self._go(len(rows))
            self._parts.append(_ERASE_BELOW)
        if not open_at_end:
            self._go(len(rows))
        elif self._row != len(rows) - 1 or not self._behind:
            self._go(len(rows) - 1, row_width(rows[-1]))
            self._behind = True

    def text(self) -> str:
        """The characters, in synchronized output if a moment in their middle could be seen to flicker.

        It cannot if they only go on from a place in the last row: what stands there is written over at once.
        """
        text = "".join(self._parts)
        if not self._steady:
            text = f"{_NO_WRAP}{text}{_WRAP}"
        return f"{_BEGIN}{text}{_END}" if self._redraws else text

    def _append(self, row: Row) -> None:
        self._steady = self._steady and is_steady(row_text(row))
        self._parts.append(paint(row))
        self._behind = True

    def _change(self, index: int, old: Row, new: Row) -> None:
        kept, gone, rest = _difference(old, new)
        here = self._row == index and self._behind and not gone
        if not (is_steady(row_text(old)) and is_steady(row_text(new))):
            if not here or may_join(row_text(old), row_text(rest)):
                self._go(index)
                self._parts.append(_ERASE_ROW)
                self._redraws = True
                rest = new
            self._steady = False
            self._append(rest)
            return
        if not here:
            self._go(index, kept)
        self._append(rest)
        if gone > row_width(rest):
            self._parts.append(_ERASE_ROW)

    def _go(self, row: int, column: int = 0) -> None:
        """Move to a row, which may be the one below the last, and a column."""
        down = row - self._row
        back = down < 0 or (down == 0 and self._behind)
        if down > _FEW and row < len(self._old):
            self._parts.append(f"\x1b[{down}B")
            back = True
        elif down > 0:
            self._parts.append(_NEXT_ROW * down)
        elif down < 0:
            self._parts.append(f"\x1b[{-down}A")
            self._redraws = True
        if column:
            self._parts.append(f"\x1b[{column + 1}G")
        elif back:
            self._parts.append("\r")
        self._row, self._behind = row, False


def _difference(old: Row, new: Row) -> tuple[int, int, Row]:
    """The cells in which two rows begin alike, the cells of the rest of `old`, the rest of `new`."""
    same = 0
    while same < len(old) and same < len(new) and old[same] == new[same]:
        same += 1
    kept = sum(width(text) for text, _ in new[:same])
    gone, rest = old[same:], new[same:]
    if gone and rest and gone[0][1] == rest[0][1]:
        common = _alike(gone[0][0], rest[0][0])
        kept += width(rest[0][0][:common])
        gone = ((gone[0][0][common:], ""), *gone[1:])
        rest = ((rest[0][0][common:], rest[0][1]), *rest[1:]) if common < len(rest[0][0]) else rest[1:]
    return kept, row_width(gone), rest


def _alike(one: str, other: str) -> int:
    """With how many of the same characters two texts begin."""
    if other.startswith(one):
        return len(one)
    for index, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return index
    return min(len(one), len(other))
