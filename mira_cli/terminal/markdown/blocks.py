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

LinesState: TypeAlias = VerbatimState | TableState
Leaf: TypeAlias = ParagraphState | LinesState
Base: TypeAlias = tuple[str, ...]

_LANGUAGE = re.compile(r"\s*\{?\s*\.?([^\s,{}]+)")  # `py`, `py title="x"`, `{.py}`, `py,ignore`
_TEXTS = frozenset({"heading", "paragraph"})


class BlockDrawer:
    """Draws leaves of the tree. `base` names the styles around it, `columns` is the free width."""

    def __init__(self, grammar: Grammar, look: Look) -> None:
        self.look = look
        self.inline = InlineDrawer(grammar, look)

    def add(
        self, block: Block, leaf: LinesState | None, columns: int, base: Base, draw: DrawText
    ) -> tuple[LinesState, list[Row]]:
        """Give `leaf`, the state of a block of lines or rows, all that is new; the rows that are certain."""
        state = leaf or self._begin(block, base)
        if isinstance(state, TableState):
            return state, state.add(block, columns, draw)
        return state, state.add(_fresh_lines(block, resumed=leaf is not None), columns)

    def rest(
        self, block: Block, leaf: Leaf | None, columns: int, base: Base, draw: DrawText, *, live: bool = False
    ) -> list[Row]:
        """What is left of a block.

        Args:
            block: The block.
            leaf: Its state, if part of it has been drawn; used up.
            columns: The width.
            base: The names of the styles around it.
            draw: Draws the inline text that may be open.
            live: Draw the preview of a block that may still grow.
        """
        if block.kind == "hr":
            return self.look.draw(Rule(characters=self.look.line, style=self.look.of((*base, "hr"))), columns)
        if isinstance(leaf, ParagraphState) or block.kind in _TEXTS:
            return self._text(block, leaf, columns, base, draw)
        state, rows = self.add(block, leaf, columns, base, draw)
        if isinstance(state, TableState):
            return [*rows, *(state.preview(columns) if live else state.finish(columns))]
        return [*rows, *(state.preview() if live else state.finish())]

    def _begin(self, block: Block, base: Base) -> LinesState:
        """The state of a block of which nothing has been drawn."""
        if block.kind == "fence":
            language = _LANGUAGE.match(block.token.info)
            fence = f"{block.token.markup}{block.token.info}".rstrip()
            return CodeState(language[1] if language else "", fence, self.look, base)
        if block.kind == "code_block":
            return CodeState("", "", self.look, base)
        if block.kind == "html_block":
            return VerbatimState(self.look.of((*base, "html")))
        return TableState(block, self.inline, self.look, base)

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
