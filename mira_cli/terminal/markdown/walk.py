"""One pass over a tree of blocks: draws its rows, and finds what of an open tree is certain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from rich.text import Text

from mira_cli.terminal.markdown.blocks import fresh_text
from mira_cli.terminal.markdown.closing import LISTS, above_definitions, is_closed
from mira_cli.terminal.markdown.code import CodeState
from mira_cli.terminal.markdown.containers import Frame, gutter, opening_of, placeholders
from mira_cli.terminal.markdown.grammar import HOLD
from mira_cli.terminal.markdown.paragraph import ParagraphState, cut_source, settle
from mira_cli.terminal.markdown.rows import BLANK, without_end

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mira_cli.terminal.markdown.blocks import Base, BlockDrawer, Leaf
    from mira_cli.terminal.markdown.containers import Gutter
    from mira_cli.terminal.markdown.grammar import Block
    from mira_cli.terminal.markdown.rows import Row

Mode: TypeAlias = Literal["commit", "live", "close", "shut"]

_NEW: Final = -1
_NARROWEST: Final = 8  # columns that gutters leave free, on wide screens a quarter of the width
_MOST_BLANK: Final = 2  # blank lines that matter: two end a list behind an empty item
_TEXTS: Final = frozenset({"paragraph", "heading"})


@dataclass(slots=True)
class Position:
    """How far a reply has been drawn: all that is carried from one pass to the next.

    Attributes:
        stand: Placeholder lines for what opened the containers around the open block.
        lines: Complete lines that are not drawn; the first is that of `leaf`, if there is one.
        frames: The open containers.
        leaf: The state of an open block that is drawn in part.
        begun: Whether any row has been drawn.
        owed: Whether an empty row is due above the first row of `leaf`.
    """

    stand: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    leaf: Leaf | None = None
    begun: bool = False
    owed: bool = False

    def copy(self) -> Position:
        """One that may be drawn from without changing this one."""
        frames = [frame.copy() for frame in self.frames]
        leaf = self.leaf.copy() if self.leaf is not None else None
        return Position(self.stand, self.lines, frames, leaf, self.begun, self.owed)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a pass has come to.

    Attributes:
        rows: The rows.
        position: Where the next pass goes on, if only what is certain was drawn.
        cut_paragraph: Whether the last rows are the beginning of an open paragraph.
    """

    rows: list[Row]
    position: Position
    cut_paragraph: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block is in the tree.

    Attributes:
        columns: The width that is free.
        base: The names of the styles around it.
        last: Whether it is the last of the blocks, in containers that are open.
        frame: The frame from which it resumes what is drawn, or _NEW.
    """

    columns: int
    base: Base
    last: bool
    frame: int


class Walk:
    """Draws the blocks of `lines`, which continue `position`. For one use.

    Args:
        drawer: Draws single blocks.
        position: What came before; used up.
        lines: The placeholders and the lines that follow.
        mode: `commit` draws what is certain and stops there, `live` all as it looks so far, `close` all as it
            is at the end of a reply, `shut` the same of a reply that was cut.
        partial: Whether the last line may still grow.
    """

    def __init__(
        self, drawer: BlockDrawer, position: Position, lines: list[str], mode: Mode, *, partial: bool = False
    ) -> None:
        self._rows: list[Row] = []
        self._chain: list[Frame] = []  # the open containers
        self._cut = len(lines)  # the first line that is still needed, behind those of `_keep`
        self._kept: list[str] = []
        self._leaf_state: Leaf | None = None  # of the open block, if it is partly drawn
        self._leaf_start = 0
        self._held = False
        self._begun = position.begun
        self._owed = False  # whether an empty row is due above the next row
        self._owed_leaf = position.owed
        self._drawer = drawer
        self._frames, self._drawn_leaf = position.frames, position.leaf
        self._lines = lines
        self._commit, self._live = mode == "commit", mode == "live"
        inline = drawer.inline
        # How inline text that may be open is drawn.
        self._draw_open = {"live": inline.shut, "shut": inline.cut}.get(mode, inline.lines)
        self._partial = partial
        self._least = _NARROWEST
        self._path: list[Frame] = []
        self._gutters: list[Gutter] = []
        self._covered = len(position.stand)  # the line behind the last block that was drawn
        # A line with a bar may be the header of a table, whatever else it looks like, until the next is here.
        may_be_header = bool(lines) and "|" in lines[-1] and not partial
        self._header = len(lines) - may_be_header

    def run(self, blocks: list[Block], columns: int) -> Drawn:
        """Draw `blocks`, the tree of all the lines."""
        self._least = max(_NARROWEST, columns // 4)
        resumes = bool(self._frames) or self._drawn_leaf is not None
        for index, block in enumerate(blocks):
            frame = 0 if resumes and index == 0 else _NEW
            self._block(block, _Place(columns, (), index == len(blocks) - 1, frame))
        if self._commit and self._cut == len(self._lines):
            self._cut = above_definitions(self._lines, self._cut, self._covered)
        position = self._following() if self._commit else Position(begun=self._begun)
        return Drawn(self._rows, position, isinstance(self._leaf_state, ParagraphState) and bool(self._kept))

    def _following(self) -> Position:
        """The position behind what has been drawn."""
        rest = [*self._kept, *self._lines[self._cut :]]
        chain = self._chain
        if self._leaf_state is not None:
            stand = placeholders(chain, self._leaf_start)
            for frame in chain:
                if not frame.placeholder and frame.line >= self._leaf_start:
                    frame.line = len(stand)
            return Position(stand, rest, chain, self._leaf_state, self._begun, self._owed)
        frames = []
        for frame in chain:
            if frame.line < self._cut:
                frames.append(frame)
                continue
            if frame.before is not None:
                frames.append(frame.before.done())
            break
        while len(rest) > _MOST_BLANK and not any(map(str.strip, rest[-_MOST_BLANK - 1 :])):
            rest.pop()
        return Position(placeholders(frames, self._cut), rest, frames, None, self._begun)

    def _wants_gap(self, kind: str) -> bool:
        """Whether an empty row belongs above a new block at this place."""
        if not self._path:
            return self._begun
        around = self._path[-1]
        return around.begun and (around.quote or kind not in LISTS or around.last != "paragraph")

    def _block(self, block: Block, place: _Place) -> None:
        if self._commit and place.last and place.frame == _NEW and block.start >= self._header:
            self._hold(block)
            return
        is_open = place.last and not is_closed(block, self._lines)
        if block.kind == "blockquote":
            if place.frame == _NEW:
                frame = Frame(quote=True, line=block.start, gap=self._wants_gap(block.kind))
            else:
                frame = self._frames[place.frame]
            self._container(frame, block, place, is_open=is_open)
        elif block.kind in LISTS:
            self._list(block, place, is_open=is_open)
        else:
            around, drawn = self._owed, len(self._rows)
            self._owed |= self._wants_gap(block.kind) if place.frame == _NEW else self._owed_leaf
            self._leaf(block, place, is_open=is_open)
            if len(self._rows) == drawn and self._leaf_state is None:
                self._owed = around
            self._covered = block.end

    def _list(self, block: Block, place: _Place, *, is_open: bool) -> None:
        number = int(block.token.attrs.get("start", 1)) if block.kind == "ordered_list" else -1
        gap = self._wants_gap(block.kind)
        before: Frame | None = None
        for index, item in enumerate(block.children):
            if place.frame != _NEW and index == 0:
                frame, resumes = self._frames[place.frame], place.frame
                number = frame.number
            else:
                frame = Frame(quote=False, line=item.start, number=number, dot=item.token.markup, gap=gap)
                resumes = _NEW
            last = index == len(block.children) - 1
            at = _Place(place.columns, place.base, last, resumes)
            self._container(frame, item, at, is_open=is_open and last, lasting=is_open)
            frame.before = before if last else None
            before, gap = frame, frame.spaced
            number += number >= 0

    def _container(
        self, frame: Frame, block: Block, place: _Place, *, is_open: bool, lasting: bool = False
    ) -> None:
        """Draw a quote or an item. `lasting`: the list that it is in is open."""
        self._path.append(frame)
        if self._commit and place.frame == _NEW and (is_open or lasting):
            frame.opening = opening_of(self._lines[frame.line], frame.line, self._path)
        if is_open:
            self._chain.append(frame)
        if not frame.begun:
            self._owed |= frame.gap
        beside = gutter(frame, self._drawer.look, place.base, place.columns, self._least)
        self._gutters.append(beside)
        children = block.children[1:] if frame.placeholder else block.children
        inner = place.frame
        if inner != _NEW:
            inner += 1
            if inner == len(self._frames) and self._drawn_leaf is None:
                inner = _NEW
        columns = place.columns - beside.columns
        base = (*place.base, "block_quote") if frame.quote else place.base
        for index, child in enumerate(children):
            last = is_open and index == len(children) - 1
            self._block(child, _Place(columns, base, last, _NEW if index else inner))
            if not self._held:
                frame.last = child.kind
        if not children:
            self._empty(frame, block, is_open=is_open)
        elif not frame.begun and not (is_open and self._commit):
            self._emit([BLANK])  # its bullet or bar alone
        self._gutters.pop()
        self._path.pop()

    def _empty(self, frame: Frame, block: Block, *, is_open: bool) -> None:
        """Draw a container with nothing new in it."""
        self._covered = block.start + 1
        if frame.begun:
            return
        if not is_open or not self._commit:
            self._emit([BLANK])
        elif not frame.quote:  # a blank line behind an empty item would end it
            self._cut, self._held = block.start, True

    def _leaf(self, block: Block, place: _Place, *, is_open: bool) -> None:
        leaf = self._drawn_leaf if place.frame != _NEW else None
        columns, base = place.columns, place.base
        if block.kind not in _TEXTS:
            for frame in self._path:
                frame.spaced = True
        inline = self._drawer.inline
        draw = self._draw_open if is_open or (place.last and block.kind == "heading") else inline.lines
        if block.kind == "table" and self._lines[-1].rstrip().endswith("|"):
            draw = inline.lines  # open markup in a cell that is complete stays as written
        if not is_open or not self._commit:
            live = is_open and self._live
            self._emit(self._drawer.rest(block, leaf, columns, base, draw, live=live))
        elif isinstance(leaf, ParagraphState) or block.kind == "paragraph":
            self._open_paragraph(block, leaf, columns, base)
        else:
            state, rows = self._drawer.add(block, leaf, columns, base, draw)
            self._emit(rows)
            if isinstance(state, CodeState) and block.kind == "code_block":
                state.add([""] * (len(self._lines) - block.end), columns)  # the parser leaves them out
            first = block.start + (2 if block.kind == "table" else 1)
            self._keep(block, state, self._lines[block.start : first], len(self._lines))

    def _open_paragraph(self, block: Block, leaf: Leaf | None, columns: int, base: Base) -> None:
        state = leaf if isinstance(leaf, ParagraphState) else None
        text = fresh_text(block, resumed=state is not None)
        found = None
        if state is not None or len(text) > HOLD:
            found = settle(text, self._drawer.inline, base, partial=self._partial)
        if found is not None:
            state = state or ParagraphState()
            cut, lines = found
            kept, following = cut_source(block, self._lines, len(block.text) - len(text) + cut)
            self._emit(state.add(lines, columns))
            self._keep(block, state, [kept], following)
        elif state is not None:
            self._keep(block, state, [], block.start)
        else:
            self._hold(block)

    def _keep(self, block: Block, leaf: Leaf, lines: list[str], following: int) -> None:
        self._leaf_state, self._leaf_start = leaf, block.start
        self._kept, self._cut = lines, following

    def _hold(self, block: Block) -> None:
        """Leave the last block for the next pass, with the definitions right above it in its container."""
        floor = max(self._covered, self._path[-1].line) if self._path else self._covered
        self._cut, self._held = above_definitions(self._lines, block.start, floor), True

    def _emit(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        if self._owed:
            self._owed = False
            self._rows.append(self._empty_row())
        self._begun = True
        if not self._gutters:
            self._rows += rows
            return
        for row in rows:
            out = Text()
            for beside in self._gutters:
                out.append_text(beside.take())
            self._rows.append(without_end(out.append_text(row)))

    def _empty_row(self) -> Row:
        """An empty row above what comes, in those of the containers that have begun."""
        row = Text()
        for beside in self._gutters:
            if not beside.frame.begun:
                break
            row.append_text(beside.rest)
            beside.frame.spaced = True
        return without_end(row)
