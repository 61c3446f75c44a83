"""One pass over a tree of blocks: draws its rows, and finds what of an open tree is certain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from mira_cli.terminal.markdown.blocks import fresh_text
from mira_cli.terminal.markdown.closing import LISTS, above_definitions, is_closed
from mira_cli.terminal.markdown.code import CodeState
from mira_cli.terminal.markdown.containers import Frame, gutter, opening_of
from mira_cli.terminal.markdown.grammar import HOLD
from mira_cli.terminal.markdown.leaves import ParagraphState
from mira_cli.terminal.markdown.paragraph import cut_source, settle
from mira_cli.terminal.markdown.rows import BLANK, merged, without_end

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mira_cli.terminal.markdown.blocks import Base, BlockDrawer, Leaf
    from mira_cli.terminal.markdown.containers import Gutter
    from mira_cli.terminal.markdown.grammar import Block
    from mira_cli.terminal.markdown.position import Position
    from mira_cli.terminal.markdown.rows import Row

Mode: TypeAlias = "Literal['commit', 'live', 'close', 'shut']"

_NEW: Final = -1
_NARROWEST: Final = 8  # columns that gutters leave free, on wide screens a quarter of the width


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block stands.

    Attributes:
        columns: The width that is free.
        base: The looks around it.
        last: Whether it is the last of the blocks, in containers that are open.
        frame: The frame from which it resumes what is drawn, or _NEW.
    """

    columns: int
    base: Base
    last: bool
    frame: int


class Walk:
    """Draws the blocks of `lines`, which continue `position`.

    Args:
        drawer: Draws single blocks.
        position: What came before; used up.
        lines: The stand-ins and the lines that follow.
        mode: `commit` draws what is certain and stops there, `live` all as it looks so far, `close` all as it
            is at the end of a reply, `shut` the same of a reply that was cut.
        partial: Whether the last line may still grow.

    After `run`, for `commit`: `chain` are the open containers, `cut` is the first line that is still needed
    behind `keep`, and `leaf` is the state of the open block, if it is partly drawn; it starts at line
    `leaf_start`. `undrawn` tells that nothing of it is.
    """

    def __init__(
        self, drawer: BlockDrawer, position: Position, lines: list[str], mode: Mode, *, partial: bool = False
    ) -> None:
        self.rows: list[Row] = []
        self.chain: list[Frame] = []
        self.cut = len(lines)
        self.keep: list[str] = []
        self.leaf: Leaf | None = None
        self.leaf_start = 0
        self.undrawn = False
        self.gap, self.owed = position.gap, position.owed
        self._gap_before = position.gap
        self._drawer = drawer
        self._frames, self._drawn_leaf = position.frames, position.leaf
        self._lines = lines
        self._commit, self._live, self._shut = mode == "commit", mode == "live", mode in {"live", "shut"}
        self._partial = partial
        self._least = _NARROWEST
        self._path: list[Frame] = []
        self._gutters: list[Gutter] = []
        self._covered = len(position.stand)  # the line behind the last block that was drawn
        # A line with a bar may be the header of a table, whatever else it looks like, until the next is here.
        may_be_header = bool(lines) and "|" in lines[-1] and not partial
        self._header = len(lines) - may_be_header

    def run(self, blocks: list[Block], columns: int) -> None:
        """Draw `blocks`, the tree of all the lines."""
        self._least = max(_NARROWEST, columns // 4)
        resumes = bool(self._frames) or self._drawn_leaf is not None
        for index, block in enumerate(blocks):
            resumed = resumes and index == 0
            if not resumed:
                self._gap_before = self.owed = self.gap
                self.gap = block.kind != "hr"
            self._block(block, _Place(columns, (), index == len(blocks) - 1, 0 if resumed else _NEW))
        if self._commit and self.cut == len(self._lines):
            self.cut = above_definitions(self._lines, self.cut, self._covered)

    def leave(self) -> None:
        """Forget that the last block at the top was begun: nothing of it was drawn, it will come again."""
        self.gap, self.owed = self._gap_before, False

    def _block(self, block: Block, place: _Place) -> None:
        if self._commit and place.last and place.frame == _NEW and block.start >= self._header:
            self._hold(block)
            return
        is_open = place.last and not is_closed(block, self._lines)
        if block.kind == "blockquote":
            frame = Frame(quote=True, line=block.start) if place.frame == _NEW else self._frames[place.frame]
            self._container(frame, block, place, is_open=is_open)
        elif block.kind in LISTS:
            self._list(block, place, is_open=is_open)
        else:
            self._leaf(block, place, is_open=is_open)
            self._covered = block.end

    def _list(self, block: Block, place: _Place, *, is_open: bool) -> None:
        number = int(block.token.attrs.get("start", 1)) if block.kind == "ordered_list" else -1
        before: Frame | None = None
        for index, item in enumerate(block.children):
            if place.frame != _NEW and index == 0:
                frame, resumes = self._frames[place.frame], place.frame
                number = frame.number
            else:
                frame, resumes = Frame(quote=False, line=item.start, number=number), _NEW
            last = index == len(block.children) - 1
            at = _Place(place.columns, place.base, last, resumes)
            self._container(frame, item, at, is_open=is_open and last, lasting=is_open)
            frame.before = before if last else None
            before = frame
            number += number >= 0

    def _container(
        self, frame: Frame, block: Block, place: _Place, *, is_open: bool, lasting: bool = False
    ) -> None:
        """Draw a quote or an item. `lasting`: the list that it is in is open."""
        self._path.append(frame)
        if self._commit and place.frame == _NEW and (is_open or lasting):
            frame.opening = opening_of(self._lines[frame.line], frame.line, self._path)
        if is_open:
            self.chain.append(frame)
        beside = gutter(frame, self._drawer.look, place.base, place.columns, self._least)
        self._gutters.append(beside)
        children = block.children[1:] if frame.stand_in else block.children
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
        if not children:
            self._empty(frame, block, is_open=is_open)
        self._gutters.pop()
        self._path.pop()

    def _empty(self, frame: Frame, block: Block, *, is_open: bool) -> None:
        """Draw a container in which nothing new stands."""
        self._covered = block.start + 1
        if frame.begun:
            return
        if not is_open or not self._commit:
            self._emit([BLANK])
        elif not frame.quote:  # a blank line behind an empty item would end it
            self.cut, self.undrawn = block.start, True

    def _leaf(self, block: Block, place: _Place, *, is_open: bool) -> None:
        leaf = self._drawn_leaf if place.frame != _NEW else None
        columns, base = place.columns, place.base
        shut = self._shut and (is_open or (place.last and block.kind == "heading"))
        if block.kind == "table":  # what stands open in a cell that is complete stays as it was written
            shut = shut and not self._lines[-1].rstrip().endswith("|")
        if is_open and self._live:
            self._emit(self._drawer.live(block, leaf, columns, base, shut=shut))
        elif not is_open or not self._commit:
            self._emit(self._drawer.whole(block, leaf, columns, base, shut=shut))
        elif isinstance(leaf, ParagraphState) or block.kind == "paragraph":
            self._open_paragraph(block, leaf, columns, base)
        else:
            state = leaf or self._drawer.begin(block, base)
            self._emit(self._drawer.add(block, state, columns, resumed=leaf is not None))
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
        self.leaf, self.leaf_start = leaf, block.start
        self.keep, self.cut = lines, following

    def _hold(self, block: Block) -> None:
        """Leave the last block for the next pass, with the definitions right above it in its container."""
        floor = max(self._covered, self._path[-1].line) if self._path else self._covered
        self.cut, self.undrawn = above_definitions(self._lines, block.start, floor), True

    def _emit(self, rows: Sequence[Row]) -> None:
        if self.owed and rows:
            self.owed = False
            self.rows.append(BLANK)
        if not self._gutters:
            self.rows += rows
            return
        for row in rows:
            beside = [run for each in self._gutters for run in each.take()]
            self.rows.append(without_end(merged((*beside, *row)), all_looks=not row))
