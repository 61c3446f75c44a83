"""Quotes and list items: their gutters, and the placeholder lines for what is drawn of those that are open.

What has been drawn is cut from the source. For the parser to see what follows inside the same quotes and
items, each line that opened one is replaced by its markers and an empty heading: `12. > #`. Columns stay as
they were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.text import Text

from mira_cli.terminal.markdown.rows import BLANK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mira_cli.terminal.markdown.look import Look
    from mira_cli.terminal.markdown.rows import Row

_PLACEHOLDER = "#"
_QUOTE = r"[ \t]*>"
_ITEM = r"[ \t]*(?:[-+*]|\d{1,9}[.)])"
_TAB = 4
_MOST_INDENT = 4  # columns behind a marker; more is a marker and indented code


@dataclass(slots=True)
class Container:
    """A quote or list item that may still grow, and how far it has been drawn.

    Attributes:
        line: The line of the current source that opens it.
        quote: A quote, else an item.
        opening: That line through the marker, and the spaces that belong to the marker.
        number: The number of an item in an ordered list as it is drawn, -1 in another.
        dot: What is written behind that number.
        begun: Whether a row has been drawn, so that the bullet is not drawn again.
        gap: Whether an empty row is due above the first one.
        spaced: Whether the next item wants an empty row above it: there is one in this item, or code.
        last: The kind of the last block in it that has been drawn.
        placeholder: Whether its first child is the empty heading of a placeholder.
        before: The item before it, from which the list is continued.
        columns: The width that is free in it.
        base: The names of the styles in it.
        first: The gutter of its first row.
        rest: The gutter of the others.
    """

    line: int
    quote: bool = False
    opening: str = ""
    number: int = -1
    dot: str = "."
    begun: bool = False
    gap: bool = False
    spaced: bool = False
    last: str = ""
    placeholder: bool = False
    before: Container | None = None
    columns: int = 0
    base: tuple[str, ...] = ()
    first: Row = field(default_factory=Text)
    rest: Row = field(default_factory=Text)

    def done(self) -> Container:
        """The item once another has begun: its content moves so far right that the other is not in it."""
        self.opening = self.opening.rstrip(" \t") + " " * _MOST_INDENT
        return self

    def place(self, around: Container, look: Look, least: int) -> None:
        """Give it a gutter and the width that is left, none if less than `least` columns would be.

        The width of a number depends on that number only: the last one of the list is not known yet.
        """
        if self.quote:
            text, name = look.shown("▌ "), "block_quote"
        elif self.number < 0:
            text, name = look.shown(" • "), "item.bullet"
        else:
            text, name = f" {self.number}{self.dot} ", "item.number"
        self.base = (*around.base, "block_quote") if self.quote else around.base
        self.columns = around.columns - len(text)
        if self.columns < least:
            self.columns, self.first, self.rest = around.columns, BLANK, BLANK
            return
        self.first = Text().append(text, look.of((*around.base, name)))
        self.rest = self.first if self.quote else Text(" " * len(text))

    def gutter(self) -> Row:
        """The gutter of the next row."""
        begun, self.begun = self.begun, True
        return self.rest if begun else self.first


def opening_of(source: str, line: int, path: Sequence[Container]) -> str:
    """The part of `source`, line `line`, that opens the last container of `path`."""
    marks = [
        _QUOTE if container.quote else _ITEM
        for container in path
        if container.quote or container.line == line
    ]
    found = re.match("".join(marks), source)
    end = found.end() if found else 0
    after = len(source) - len(source[end:].lstrip(" \t"))
    indent = len(source[:after].expandtabs(_TAB)) - len(source[:end].expandtabs(_TAB))
    if path[-1].quote or after == len(source) or not 0 < indent <= _MOST_INDENT:
        return source[:end] + " "
    return source[:after]


def placeholders(containers: Sequence[Container], before: int) -> list[str]:
    """Placeholder lines for the containers opened above line `before`; numbers their lines anew."""
    lines: list[str] = []
    opened = -1
    for container in containers:
        if container.line >= before:
            break
        if container.line != opened:
            opened = container.line
            lines.append("")
        lines[-1] = container.opening + _PLACEHOLDER
        container.line = len(lines) - 1
    for index, container in enumerate(containers):
        following = containers[index + 1].line if index + 1 < len(containers) else -1
        container.placeholder = container.line < len(lines) and following != container.line
    return lines
