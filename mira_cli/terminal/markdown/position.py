"""Where in a reply the drawing stands: all that is carried from one pass to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.terminal.markdown.blocks import Leaf
    from mira_cli.terminal.markdown.containers import Frame


@dataclass(slots=True)
class Position:
    """What is open, and what of it has been drawn.

    Attributes:
        stand: Lines that stand in for what opened the containers around the open block.
        lines: Complete lines that are not drawn; the first is that of `leaf`, if there is one.
        frames: The open containers.
        leaf: The state of an open block that is drawn in part.
        gap: Whether a blank row goes before the next block at the top.
        owed: Whether that row is due before the next row of the block that is open.
    """

    stand: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    leaf: Leaf | None = None
    gap: bool = False
    owed: bool = False

    def copy(self) -> Position:
        """One that may be drawn from without changing this one."""
        frames = [frame.copy() for frame in self.frames]
        leaf = self.leaf.copy() if self.leaf is not None else None
        return Position(self.stand, self.lines, frames, leaf, self.gap, self.owed)
