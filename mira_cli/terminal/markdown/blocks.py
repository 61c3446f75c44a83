"""Blocks that hold no blocks: how each is drawn, whole, piece by piece, or as a preview while it is open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from rich.rule import Rule

from mira_cli.terminal.markdown.code import CodeState, VerbatimState
from mira_cli.terminal.markdown.inline import InlineDrawer
from mira_cli.terminal.markdown.paragraph import PLACEHOLDER, ParagraphState
from mira_cli.terminal.markdown.rows import wrap_all
from mira_cli.terminal.markdown.table import TableState

if TYPE_CHECKING:
    from mira_cli.terminal.markdown.grammar import Block, Grammar
    from mira_cli.terminal.markdown.inline import DrawText
    from mira_cli.terminal.markdown.look import Look
    from mira_cli.terminal.markdown.rows import Row

LinesState: TypeAlias = CodeState | VerbatimState | TableState
Leaf: TypeAlias = ParagraphState | LinesState
Base: TypeAlias = tuple[str, ...]

_LANGUAGE = re.compile(r"\s*\{?\s*\.?([^\s,{}]+)")  # `py`, `py title="x"`, `{.py}`, `py,ignore`
_TEXTS = frozenset({"heading", "paragraph"})

_PREVIEWED_ROWS = 8
"""Body rows of a table that are shown while it is held."""


class BlockDrawer:
    """Draws leaves of the tree. `base` names the styles around it, `columns` is the free width."""

    def __init__(self, grammar: Grammar, look: Look) -> None:
        self.look = look
        self.inline = InlineDrawer(grammar, look)

    def begin(self, block: Block, base: Base) -> LinesState:
        """The state of a block of lines or rows of which nothing has been drawn."""
        if block.kind == "fence":
            language = _LANGUAGE.match(block.token.info)
            fence = f"{block.token.markup}{block.token.info}".rstrip()
            return CodeState(language[1] if language else "", fence, self.look, base)
        if block.kind == "code_block":
            return CodeState("", "", self.look, base)
        if block.kind == "html_block":
            return VerbatimState(self.look, base)
        return TableState(block, self.inline, self.look, base)

    def add(
        self,
        block: Block,
        state: LinesState,
        columns: int,
        *,
        resumed: bool,
        last_cell: DrawText | None = None,
    ) -> list[Row]:
        """Give `state` all that is new in `block`; the rows that are certain. `last_cell` as in a table."""
        if isinstance(state, TableState):
            return state.add(block, columns, last_cell)
        return state.add(_fresh_lines(block, resumed=resumed), columns)

    def whole(self, block: Block, leaf: Leaf | None, columns: int, base: Base, *, shut: bool) -> list[Row]:
        """What is left of a block that is complete.

        Args:
            block: The block.
            leaf: Its state, if part of it has been drawn.
            columns: The width.
            base: The names of the styles around it.
            shut: Close inline markup that is open: the reply was cut here.
        """
        if block.kind == "hr":
            return self.look.draw(Rule(characters=self.look.line, style=self.look.of((*base, "hr"))), columns)
        if isinstance(leaf, ParagraphState) or block.kind in _TEXTS:
            return self._text(block, leaf, columns, base, self.inline.cut if shut else self.inline.lines)
        state = leaf or self.begin(block, base)
        last_cell = self.inline.cut if shut else None
        rows = self.add(block, state, columns, resumed=leaf is not None, last_cell=last_cell)
        return [*rows, *state.finish(columns)]

    def live(self, block: Block, leaf: Leaf | None, columns: int, base: Base, *, shut: bool) -> list[Row]:
        """The preview of a block that is open. Uses up `leaf`. `shut` as for `whole`."""
        if isinstance(leaf, ParagraphState) or block.kind in _TEXTS:
            return self._text(block, leaf, columns, base, self.inline.shut if shut else self.inline.lines)
        state = leaf or self.begin(block, base)
        last_cell = self.inline.shut if shut else None
        rows = self.add(block, state, columns, resumed=leaf is not None, last_cell=last_cell)
        if isinstance(state, TableState):
            return [*rows, *state.preview(columns, _PREVIEWED_ROWS)]
        if isinstance(state, CodeState):
            return [*rows, *state.held()]
        return rows

    def _text(self, block: Block, leaf: Leaf | None, columns: int, base: Base, draw: DrawText) -> list[Row]:
        """What is left of a heading or a paragraph."""
        if block.kind == "heading":
            return wrap_all(draw(block.text, (*base, block.token.tag)), columns) if block.text else []
        if not isinstance(leaf, ParagraphState):
            return wrap_all(draw(block.text, base), columns)
        drawn = draw(fresh_text(block, resumed=True), base)
        return [*leaf.add(drawn, columns), *leaf.finish(columns)]


def fresh_text(block: Block, *, resumed: bool) -> str:
    """The inline source of a paragraph without the placeholder for its drawn part."""
    if not resumed:
        return block.text
    text = block.text[len(PLACEHOLDER) :]
    return text[1:].lstrip(" \t") if text.startswith("\n") else text[1:]


def _fresh_lines(block: Block, *, resumed: bool) -> list[str]:
    """The new lines of code or HTML, without the placeholder that all but a fence begin with."""
    lines = block.token.content.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines[1:] if resumed and block.kind != "fence" else lines
