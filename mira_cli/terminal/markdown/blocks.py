"""Leaf blocks, those that hold no blocks: what all kinds of them can do, and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mira_cli.terminal.markdown.grammar import Block
    from mira_cli.terminal.markdown.inline import DrawText, InlineDrawer
    from mira_cli.terminal.markdown.rows import Row


class Leaf:
    """A block that may still grow, and how far it has been drawn. `copy.copy` makes an independent one.

    Attributes:
        gap: Whether an empty row is due above its first row.
    """

    gap = False
    _opening = 1  # lines that stay in the source while the block is open, so that it is parsed as what it is

    def __init__(self, block: Block, inline: InlineDrawer, base: tuple[str, ...]) -> None:
        """Begin with `block`, of which nothing has been drawn. `base`: the names of the styles around it."""
        self._inline = inline
        self._base = base

    def add(self, block: Block, columns: int, draw: DrawText) -> list[Row]:
        """Take all that is new in `block`; the rows that are certain. `draw` draws text that may be open."""
        raise NotImplementedError

    def finish(self, columns: int) -> list[Row]:
        """The rows that are left of the block, which is complete."""
        return []

    def preview(self, columns: int) -> list[Row]:
        """The rows that are left as they look so far. Used up by it, as by `finish`."""
        return self.finish(columns)

    def settle(
        self, block: Block, lines: Sequence[str], columns: int, *, partial: bool
    ) -> tuple[list[Row], list[str], int] | None:
        """Take what is certain of a block that is open; None if the block has to be held.

        Args:
            block: The block.
            lines: The source that it was parsed from.
            columns: The width.
            partial: Whether the last line may still grow.

        Returns:
            The rows that are certain, the source that stays of the lines they came from, and the line behind.
        """
        rows = self.add(block, columns, self._inline.lines)
        return rows, list(lines[block.start : block.start + self._opening]), len(lines)


class RuleLeaf(Leaf):
    """A line across the screen."""

    def add(self, block: Block, columns: int, draw: DrawText) -> list[Row]:
        """The line."""
        look = self._inline.look
        return look.draw(Rule(characters=look.line, style=look.of((*self._base, "hr"))), columns)
