"""One pass over a tree of blocks: draws rows in quotes and items, finds what of an open tree is certain."""

from __future__ import annotations

import re
from collections import deque
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from rich.text import Text

from mira_cli.terminal.markdown.blocks import Leaf, Paragraph, RuleLeaf
from mira_cli.terminal.markdown.code import Code, Html
from mira_cli.terminal.markdown.grammar import LISTS, above_definitions, is_closed
from mira_cli.terminal.markdown.rows import BLANK, without_end
from mira_cli.terminal.markdown.table import TableLeaf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mira_cli.terminal.markdown.grammar import Block
    from mira_cli.terminal.markdown.inline import DrawText, InlineDrawer
    from mira_cli.terminal.markdown.look import Look
    from mira_cli.terminal.markdown.rows import Row

Mode: TypeAlias = Literal["commit", "preview", "close", "cut"]

_NARROWEST: Final = 8  # columns that gutters leave free, on wide screens a quarter of the width
_TAB: Final = 4
_MOST_INDENT: Final = 4  # columns behind a marker; more is a marker and indented code
_PLACEHOLDER: Final = "#"
_QUOTE: Final = r"[ \t]*>"
_ITEM: Final = r"[ \t]*(?:[-+*]|\d{1,9}[.)])"
_MOST_BLANK: Final = 2  # blank lines that matter: two end a list behind an empty item
_LEAVES: Final[dict[str, type[Leaf]]] = {
    "paragraph": Paragraph,
    "heading": Paragraph,
    "hr": RuleLeaf,
    "fence": Code,
    "code_block": Code,
    "html_block": Html,
    "table": TableLeaf,
}


@dataclass(slots=True)
class Container:
    """A quote or list item that may still grow, and how far it has been drawn.

    What has been drawn is cut from the source. For the parser to see what follows inside the same quotes and
    items, each line that opened one is replaced by its markers and an empty heading: `12. > #`. Columns stay
    as they were.
    """

    line: int  # of the current source, which opens it
    quote: bool = False  # else an item
    opening: str = ""  # that line through the marker, and the spaces that belong to the marker
    number: int = -1  # as it is drawn, -1 if the list is not ordered
    dot: str = "."  # behind the number
    begun: bool = False  # whether a row has been drawn, so that the bullet is not drawn again
    gap: bool = False  # whether an empty row belongs above the first one
    spaced: bool = False  # whether the next item wants an empty row above: there is one in this item, or code
    last: str = ""  # the kind of the last block in it that has been drawn
    placeholder: bool = False  # whether its first child is the empty heading of a placeholder
    before: Container | None = None  # the item from which the list is continued
    columns: int = 0  # the width that is free in it
    base: tuple[str, ...] = ()  # the names of the styles in it
    first: Row = field(default_factory=Text)  # the gutter of its first row
    rest: Row = field(default_factory=Text)  # the gutter of the others

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


@dataclass(slots=True)
class Position:
    """How far a reply has been drawn: all that is carried from one pass to the next."""

    placeholders: list[str] = field(default_factory=list)  # for what opened the containers
    lines: list[str] = field(default_factory=list)  # complete, not drawn; the first is the leaf's, if any
    containers: list[Container] = field(default_factory=list)  # those that are open
    leaf: Leaf | None = None  # an open block that is drawn in part
    begun: bool = False  # whether any row has been drawn

    @property
    def source(self) -> list[str]:
        """All lines that the next pass begins with."""
        return [*self.placeholders, *self.lines]

    def copy(self) -> Position:
        """One that may be drawn from without changing this one."""
        return replace(self, containers=list(map(copy, self.containers)), leaf=copy(self.leaf))


class _Rest(NamedTuple):
    """What is left of the last block for the next pass."""

    line: int  # the first line that is not drawn
    above: Sequence[str] = ()  # stays above it in the source, so that the block is parsed as what it is
    leaf: Leaf | None = None  # the block, if it is drawn in part
    start: int = 0  # where it starts


class Walk:
    """Draws the blocks of `lines`, which continue `position`. For one use.

    Args:
        inline: Draws inline text.
        position: What came before; used up.
        lines: The placeholders and the lines that follow.
        mode: `commit` draws what is certain and stops there, `preview` all as it looks so far, `close` all as
            it is at the end of a reply, `cut` the same of a reply that was cut off.
        partial: Whether the last line may still grow.
    """

    def __init__(
        self, inline: InlineDrawer, position: Position, lines: list[str], mode: Mode, *, partial: bool = False
    ) -> None:
        self._inline = inline
        self._lines = lines
        self._mode = mode
        self._partial = partial
        # How inline text that may be open is drawn.
        self._draw_open = {"preview": inline.preview, "cut": inline.cut}.get(mode, inline.lines)
        # What is drawn in part comes first of all, from the outside in.
        self._resumed = deque(position.containers)
        self._resumed_leaf = position.leaf
        self._drawn_to = len(position.placeholders)  # the line behind the last block that was drawn
        # The containers around the next block; the outermost is the reply.
        self._path = [Container(0, quote=True, begun=position.begun)]
        self._open: list[Container] = []
        self._rows: list[Row] = []
        self._wants_gap = False  # whether an empty row belongs above the next row

    def run(self, blocks: list[Block], columns: int) -> tuple[list[Row], Position]:
        """Draw `blocks`, the tree of all the lines; the rows, and for `commit` the position behind them."""
        self._path[0].columns = columns
        rest = self._blocks(blocks, is_open=True)
        if self._mode != "commit":
            return self._rows, Position()
        lines = self._lines
        return self._rows, self._after(rest or _Rest(above_definitions(lines, len(lines), self._drawn_to)))

    def _after(self, rest: _Rest) -> Position:
        """The position behind what has been drawn."""
        begun, containers = self._path[0].begun, self._open
        lines = [*rest.above, *self._lines[rest.line :]]
        if rest.leaf is not None:
            above = placeholders(containers, rest.start)
            for container in containers:
                if not container.placeholder and container.line >= rest.start:
                    container.line = len(above)
            return Position(above, lines, containers, rest.leaf, begun)
        containers = [container for container in self._open if container.line < rest.line]
        following = self._open[len(containers) : len(containers) + 1]
        containers += [held.before.done() for held in following if held.before is not None]
        while len(lines) > _MOST_BLANK and not any(map(str.strip, lines[-_MOST_BLANK - 1 :])):
            lines.pop()
        return Position(placeholders(containers, rest.line), lines, containers, None, begun)

    def _blocks(self, blocks: Sequence[Block], *, is_open: bool) -> _Rest | None:
        """Draw the blocks in the last container of the path; what is open of the last one."""
        rest = None
        for block in blocks:
            rest = self._block(block, last=is_open and block is blocks[-1])
            if rest is None or rest.leaf is not None:
                self._path[-1].last = block.kind
        return rest

    def _block(self, block: Block, *, last: bool) -> _Rest | None:
        """Draw a block. `last`: it is the last of all, in containers that are open."""
        is_new = not self._resumed and self._resumed_leaf is None
        # The last line may yet become the header of a table if it has a bar.
        may_be_header = "|" in self._lines[-1] and not self._partial
        if self._mode == "commit" and last and is_new and block.start >= len(self._lines) - may_be_header:
            return self._hold(block)
        is_open = last and not is_closed(block, self._lines)
        if block.kind in LISTS:
            return self._list(block, is_open=is_open)
        if block.kind != "blockquote":
            return self._leaf(block, last=last, is_open=is_open)
        quote = Container(block.start, quote=True, gap=self._is_gap_above(block.kind))
        return self._container(self._resumed.popleft() if self._resumed else quote, block, is_open=is_open)

    def _is_gap_above(self, kind: str) -> bool:
        """Whether an empty row belongs above a new block at this place."""
        around = self._path[-1]
        return around.begun and (around.quote or kind not in LISTS or around.last != "paragraph")

    def _list(self, block: Block, *, is_open: bool) -> _Rest | None:
        number = int(block.token.attrs.get("start", 1)) if block.kind == "ordered_list" else -1
        gap = self._is_gap_above(block.kind)
        before = rest = None
        for child in block.children:
            last = child is block.children[-1]
            item = Container(child.start, number=number, dot=child.token.markup, gap=gap)
            if self._resumed:
                item = self._resumed.popleft()
            rest = self._container(item, child, is_open=is_open and last, lasting=is_open)
            item.before = before if last else None
            before, gap = item, item.spaced
            number = item.number + (item.number >= 0)
        return rest

    def _container(
        self, container: Container, block: Block, *, is_open: bool, lasting: bool = False
    ) -> _Rest | None:
        """Draw a quote or an item. `lasting`: the list that it is in is open."""
        around = self._path[-1]
        self._path.append(container)
        if self._mode == "commit" and not container.opening and (is_open or lasting):
            container.opening = opening_of(self._lines[container.line], container.line, self._path[1:])
        if is_open:
            self._open.append(container)
        if not container.begun:
            self._wants_gap |= container.gap
        container.place(around, self._inline.look, max(_NARROWEST, self._path[0].columns // 4))
        children = block.children[1:] if container.placeholder else block.children
        rest = self._blocks(children, is_open=is_open)
        is_drawn = not (is_open and self._mode == "commit")
        if not children:
            self._drawn_to = block.start + 1
        if not container.begun and is_drawn:
            self._add([BLANK])  # its bullet or bar alone
        elif not container.begun and not children and not container.quote:
            rest = _Rest(block.start)  # a blank line behind an empty item would end it
        self._path.pop()
        return rest

    def _leaf(self, block: Block, *, last: bool, is_open: bool) -> _Rest | None:
        resumed, self._resumed_leaf = self._resumed_leaf, None
        gap_around, drawn = self._wants_gap, len(self._rows)
        self._wants_gap |= resumed.gap if resumed is not None else self._is_gap_above(block.kind)
        if _LEAVES[block.kind] is not Paragraph:
            for container in self._path:
                container.spaced = True
        leaf = resumed or _LEAVES[block.kind](block, self._inline, self._path[-1].base)
        columns = self._path[-1].columns
        rest = None
        if is_open and self._mode == "commit":
            committed = leaf.commit(block, self._lines, columns, partial=self._partial)
            if committed is None:
                rest = self._hold(block)
            else:
                rows, following, above = committed
                self._add(rows)
                rest = _Rest(following, above, leaf, block.start)
        else:
            rows = leaf.add(block, columns, self._draw_text(block, last=last, is_open=is_open))
            is_preview = is_open and self._mode == "preview"
            self._add([*rows, *(leaf.preview(columns) if is_preview else leaf.finish(columns))])
        if rest is not None and rest.leaf is not None:
            leaf.gap = self._wants_gap
        elif len(self._rows) == drawn:
            self._wants_gap = gap_around
        self._drawn_to = block.end
        return rest

    def _draw_text(self, block: Block, *, last: bool, is_open: bool) -> DrawText:
        """How the text of a block is drawn that may end in the middle of markup."""
        if block.kind == "table" and self._lines[-1].rstrip().endswith("|"):
            return self._inline.lines  # open markup in a cell that is complete stays as written
        return self._draw_open if is_open or (last and block.kind == "heading") else self._inline.lines

    def _hold(self, block: Block) -> _Rest:
        """Leave the last block for the next pass, with the definitions right above it in its container."""
        return _Rest(above_definitions(self._lines, block.start, max(self._drawn_to, self._path[-1].line)))

    def _add(self, rows: Sequence[Row]) -> None:
        """Put rows into the containers around them, below an empty row if one belongs there."""
        if not rows:
            return
        if self._wants_gap:
            self._wants_gap = False
            self._rows.append(self._empty_row())
        for row in rows:
            gutters = [container.gutter() for container in self._path]
            self._rows.append(without_end(Text().join([*gutters, row])) if len(gutters) > 1 else row)

    def _empty_row(self) -> Row:
        """An empty row above what comes, in those of the containers that have begun."""
        row = Text()
        for container in self._path:
            if not container.begun:
                break
            row.append_text(container.rest)
            container.spaced = True
        return without_end(row)


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
