"""Rows onto the screen: what is certain once, what is open again and again, of a row only what has changed.

Nothing above the first open row is ever addressed. The cursor rests behind the last open row, or at the start
of a fresh row if none is open. Each frame is one write. A certain row may be longer than the screen is wide:
the terminal wraps it. Open rows fit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rich.color import ColorSystem

from mira_cli.terminal.cells import is_steady, may_join, width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.style import Style

    from mira_cli.terminal.markdown.rows import Row

Run: TypeAlias = tuple[str, str]
"""Text of one style, and the escape sequence that starts that style, "" for none."""


RESET = "\x1b[0m"

# DEC private modes, see xterm's "Control Sequences": 25 the cursor, 7 autowrap, 2026 synchronized output.
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
_ERASE_ROW, _ERASE_BELOW = "\x1b[K", "\x1b[J"
_ERASE_ABOVE = "\x1b[1A" + _ERASE_ROW
_NEXT_ROW = "\r\n"


@lru_cache(maxsize=1024)
def _escape(style: Style) -> str:
    """The sequence that starts a style."""
    drawn = style.render("x", color_system=ColorSystem.EIGHT_BIT)
    return drawn[: drawn.index("x")]


def painted(row: Row) -> tuple[Run, ...]:
    """The runs of a row, neighbours of one style joined."""
    plain = row.plain
    runs: list[Run] = []
    at = 0
    for start, end, style in [*row.spans, (len(plain), len(plain), "")]:
        styled = _escape(style) if end > start else ""
        for text, escape in ((plain[at:start], ""), (plain[start:end], styled)):
            if text and runs and runs[-1][1] == escape:
                runs[-1] = (runs[-1][0] + text, escape)
            elif text:
                runs.append((text, escape))
        at = end
    return tuple(runs)


def to_ansi(runs: Iterable[Run]) -> str:
    """The characters that draw runs; the attributes are reset where each ends."""
    return "".join([f"{escape}{text}{RESET}" if escape else text for text, escape in runs])


def as_lines(rows: Iterable[Row]) -> str:
    """The characters that draw rows, each ended by a newline."""
    return "".join([to_ansi(painted(row)) + "\n" for row in rows])


class _Painted(NamedTuple):
    """A row, or the rest of one."""

    text: str
    runs: tuple[Run, ...]

    def after(self, start: int) -> _Painted:
        """What follows the first `start` characters."""
        rest = []
        at = 0
        for text, escape in self.runs:
            if at + len(text) > start:
                rest.append((text[max(0, start - at) :], escape))
            at += len(text)
        return _Painted(self.text[start:], tuple(rest))


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
        self._open: Sequence[_Painted] = ()
        self._begun = False
        self._torn = False

    def frame(self, certain: Sequence[Row], open_rows: Sequence[Row], columns: int) -> None:
        """Put `certain` rows where the open ones stood, and `open_rows` below; write only what differs.

        `columns` is the width of the terminal, which wraps certain rows that are longer.
        """
        self._mend()
        rows = [_Painted(row.plain, painted(row)) for row in (*certain, *open_rows)]
        frame = _Frame(self._open, columns)
        frame.draw(rows, open_at_end=bool(open_rows))
        text = frame.text()
        if text:
            self._put(text if self._begun else _HIDE_CURSOR + text)
        self._open = rows[len(certain) :]

    def resize(self, columns: int, lines: int) -> None:
        """Erase the open rows, which a terminal of `columns` by `lines` has wrapped anew by now."""
        if not self._open or self._torn:
            return
        rows = [max(1, -(-width(row.text) // max(1, columns))) for row in self._open]
        if self._crops:
            rows[-1] = 1
        up = min(sum(rows), lines) - 1
        # Row by row: if all is erased from the top of the screen on, tmux keeps a copy in its scrollback.
        self._put(f"{_BEGIN}\r{_ERASE_ROW}{_ERASE_ABOVE * up}{_END}")
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

    def __init__(self, old: Sequence[_Painted], columns: int) -> None:
        self._old = old
        self._columns = columns
        self._parts: list[str] = []
        self._row = max(0, len(old) - 1)
        self._behind = bool(old)  # the cursor is behind the text of its row, else at its start
        self._redraws = False

    def draw(self, rows: Sequence[_Painted], *, open_at_end: bool) -> None:
        """Turn the old rows into `rows`."""
        for index, row in enumerate(rows):
            if index < len(self._old) and self._is_long(row):
                self._erase_from(index)
            if index >= len(self._old):
                self._go(index)
                self._append(row)
            elif row != self._old[index]:
                self._change(index, self._old[index], row)
        if len(self._old) > len(rows):
            self._erase_from(len(rows))
        if not open_at_end:
            self._go(len(rows))
        elif self._row != len(rows) - 1 or not self._behind:
            self._go(len(rows) - 1, width(rows[-1].text))
            self._behind = True

    def _erase_from(self, index: int) -> None:
        """Leave nothing of the old rows from `index` on: what follows is written onto an empty screen."""
        if index:
            self._go(index)
            self._parts.append(_ERASE_BELOW)
        else:  # it may be the top of the screen: what is erased from there on, tmux keeps in its scrollback
            self._go(len(self._old) - 1)
            self._parts.append(_ERASE_ROW + _ERASE_ABOVE * (len(self._old) - 1))
            self._row = 0
        self._old = self._old[:index]
        self._redraws = True

    def text(self) -> str:
        """The characters, in synchronized output if a moment in their middle could be seen to flicker.

        It cannot if they only go on from a place in the last row: what is there is overwritten at once.
        """
        text = "".join(self._parts).replace(_WRAP + _NEXT_ROW + _NO_WRAP, _NEXT_ROW)
        return f"{_BEGIN}{text}{_END}" if self._redraws else text

    def _append(self, row: _Painted) -> None:
        """Write a row, or the rest of one. If terminals disagree about its width it must not be wrapped."""
        text = to_ansi(row.runs)
        unsteady = not is_steady(row.text) and not self._is_long(row)
        self._parts.append(f"{_NO_WRAP}{text}{_WRAP}" if unsteady else text)
        self._behind = True

    def _is_long(self, row: _Painted) -> bool:
        return width(row.text) > self._columns

    def _change(self, index: int, old: _Painted, new: _Painted) -> None:
        same = _alike(old, new)
        gone, rest = old.text[same:], new.after(same)
        here = self._row == index and self._behind and not gone
        if not (is_steady(old.text) and is_steady(new.text)):
            if not here or may_join(old.text, rest.text):
                self._go(index)
                self._parts.append(_ERASE_ROW)
                self._redraws = True
                rest = new
            self._append(rest)
            return
        if not here:
            self._go(index, width(new.text[:same]))
        self._append(rest)
        if width(gone) > width(rest.text):
            self._parts.append(_ERASE_ROW)

    def _go(self, row: int, column: int = 0) -> None:
        """Move to a row, which may be the one below the last, and a column."""
        down = row - self._row
        back = down < 0 or (down == 0 and self._behind)
        if down > 0:
            self._parts.append(_NEXT_ROW * down)
        elif down < 0:
            self._parts.append(f"\x1b[{-down}A")
            self._redraws = True
        if column:
            self._parts.append(f"\x1b[{column + 1}G")
        elif back:
            self._parts.append("\r")
        self._row, self._behind = row, False


def _alike(old: _Painted, new: _Painted) -> int:
    """With how many of the same characters, in the same styles, two rows begin."""
    same = 0
    for (one, escape), (other, its_escape) in zip(old.runs, new.runs, strict=False):
        if escape != its_escape:
            break
        pairs = enumerate(zip(one, other, strict=False))
        common = next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))
        same += common
        if not common == len(one) == len(other):
            break
    return same
