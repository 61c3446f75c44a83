"""Quotes and list items that are open: their gutters, and the placeholder lines for what is drawn of them.

What has been drawn is cut from the source. For the parser to see what follows inside the same quotes and
items, each line that opened one is replaced by its markers and an empty heading: `12. > #`. Columns stay as
they were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.text import Text

from mira_cli.terminal.markdown.rows import BLANK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mira_cli.terminal.markdown.look import Look
    from mira_cli.terminal.markdown.rows import Row

_PLACEHOLDER = "#"
_QUOTE = re.compile(r"[ \t]*>")
_ITEM = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])")
_SPACES = re.compile(r"[ \t]*")
_TAB = 4
_MOST_INDENT = 4  # columns behind a marker; more is a marker and indented code


@dataclass(slots=True)
class Frame:
    """An open quote or list item.

    Attributes:
        quote: A quote, else an item.
        line: The line of the current source that opens it.
        opening: That line through the marker, and the spaces that belong to the marker.
        number: The number of an item in an ordered list as it is drawn, -1 in another.
        dot: What is written behind that number.
        begun: Whether a row has been drawn, so that the bullet is not drawn again.
        gap: Whether an empty row is due above the first one.
        spaced: Whether the next item wants an empty row above it: there is one in this item, or code.
        last: The kind of the last block in it that has been drawn.
        placeholder: Whether its first child is the empty heading of a placeholder.
        before: The item before it, from which the list is continued.
    """

    quote: bool
    line: int
    opening: str = ""
    number: int = -1
    dot: str = "."
    begun: bool = False
    gap: bool = False
    spaced: bool = False
    last: str = ""
    placeholder: bool = False
    before: Frame | None = None

    def copy(self) -> Frame:
        """An independent copy."""
        return replace(self, before=None)

    def done(self) -> Frame:
        """The item once another has begun: its content moves so far right that the other is not in it."""
        self.opening = self.opening.rstrip(" \t") + " " * _MOST_INDENT
        return self


@dataclass(slots=True)
class Gutter:
    """The text in front of the rows of a frame, and the columns that it takes."""

    frame: Frame
    first: Row
    rest: Row
    columns: int

    def take(self) -> Row:
        """The gutter of the next row."""
        if self.frame.begun:
            return self.rest
        self.frame.begun = True
        return self.first


def gutter(frame: Frame, look: Look, base: tuple[str, ...], columns: int, least: int) -> Gutter:
    """The gutter of `frame` when `columns` are free; none if less than `least` would be left.

    The width of a number depends on that number only: the last one of the list is not known yet.
    """
    if frame.quote:
        text, name = look.shown("▌ "), "block_quote"
    elif frame.number < 0:
        text, name = look.shown(" • "), "item.bullet"
    else:
        text, name = f" {frame.number}{frame.dot} ", "item.number"
    if columns - len(text) < least:
        return Gutter(frame, BLANK, BLANK, 0)
    first = Text().append(text, look.of((*base, name)))
    return Gutter(frame, first, first if frame.quote else Text(" " * len(text)), len(text))


def opening_of(source: str, line: int, path: Sequence[Frame]) -> str:
    """The part of `source`, line `line`, that opens the last frame of `path`."""
    end = 0
    for frame in path:
        if frame.quote:
            found = _QUOTE.match(source, end)
        elif frame.line == line:
            found = _ITEM.match(source, end)
        else:
            continue
        if found is None:
            return source[:end]  # cannot be: the parser has just seen it
        end = found.end()
    spaces = _SPACES.match(source, end)
    after = spaces.end() if spaces else end
    indent = len(source[:after].expandtabs(_TAB)) - len(source[:end].expandtabs(_TAB))
    if path[-1].quote or after == len(source) or indent > _MOST_INDENT or not indent:
        return source[:end] + " "
    return source[:after]


def placeholders(frames: Sequence[Frame], before: int) -> list[str]:
    """Placeholder lines for the frames opened above line `before`; renumbers the frames."""
    lines: list[str] = []
    opened = -1
    for frame in frames:
        if frame.line >= before:
            break
        if frame.line != opened:
            opened = frame.line
            lines.append("")
        lines[-1] = frame.opening + _PLACEHOLDER
        frame.line = len(lines) - 1
    for index, frame in enumerate(frames):
        following = frames[index + 1].line if index + 1 < len(frames) else -1
        frame.placeholder = frame.line < len(lines) and following != frame.line
    return lines
