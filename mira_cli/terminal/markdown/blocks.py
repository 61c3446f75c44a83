"""Leaf blocks, those that hold no blocks: what all kinds of them can do, rules, paragraphs and headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.rule import Rule

from mira_cli.terminal.markdown.grammar import HOLD
from mira_cli.terminal.markdown.rows import BLANK, row_starts, without_end, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mira_cli.terminal.markdown.grammar import Block
    from mira_cli.terminal.markdown.inline import DrawText, InlineDrawer
    from mira_cli.terminal.markdown.rows import Line, Row

LONGEST_OPEN = 8000
"""Characters after which markup that was opened and not closed is taken as plain text."""

_PLACEHOLDER = "x"  # in the source, for the part of a paragraph that is drawn
_LONG_WORD = 120
_LONGEST_ENTITY = 40
_MARGIN = 200


class Leaf:
    """A block that may still grow, and how far it has been drawn. `copy.copy` makes an independent one."""

    gap = False  # whether an empty row belongs above its first row
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

    def commit(
        self, block: Block, lines: Sequence[str], columns: int, *, partial: bool
    ) -> tuple[list[Row], int, list[str]] | None:
        """Take what is certain of a block that is open; None if the block has to be held.

        `lines` is the source of the block. `partial`: its last line may still grow.

        Returns:
            The rows that are certain, the first line that is left, and the source that stays above that line.
        """
        rows = self.add(block, columns, self._inline.lines)
        return rows, len(lines), list(lines[block.start : block.start + self._opening])


class RuleLeaf(Leaf):
    """A line across the screen."""

    def add(self, block: Block, columns: int, draw: DrawText) -> list[Row]:
        """The line."""
        look = self._inline.look
        return look.draw(Rule(characters=look.line, style=look.of((*self._base, "hr"))), columns)


class Paragraph(Leaf):
    """A paragraph or heading. Of one that is open whole rows are drawn; the last row of what came is kept."""

    def __init__(self, block: Block, inline: InlineDrawer, base: tuple[str, ...]) -> None:
        super().__init__(block, inline, (*base, block.token.tag) if block.kind == "heading" else base)
        self._line: Line = BLANK
        self._begun = False  # whether the source begins with the placeholder

    def add(self, block: Block, columns: int, draw: DrawText) -> list[Row]:
        """Take the text; the rows that are certain."""
        return self._take(draw(self._new_text(block), self._base), columns)

    def finish(self, columns: int) -> list[Row]:
        """The rows that are left."""
        return wrap(self._line, columns) if self._line.plain else []

    def commit(
        self, block: Block, lines: Sequence[str], columns: int, *, partial: bool
    ) -> tuple[list[Row], int, list[str]] | None:
        """Take what is certain of the text, once there is enough that it cannot become something else."""
        text = self._new_text(block)
        if not self._begun and len(text) <= HOLD:
            return None
        found = certain(text, self._inline, self._base, partial=partial)
        if found is None:
            return ([], block.start, []) if self._begun else None
        self._begun = True
        cut, drawn = found
        following, above = cut_source(block, lines, len(block.text) - len(text) + cut)
        return self._take(drawn, columns), following, [above]

    def _new_text(self, block: Block) -> str:
        """The inline source without the placeholder."""
        if not self._begun:
            return block.text
        text = block.text[len(_PLACEHOLDER) :]
        return text[1:].lstrip(" \t") if text.startswith("\n") else text[1:]

    def _take(self, lines: Sequence[Line], columns: int) -> list[Row]:
        """Take drawn text, lines that end at hard breaks except the last; the rows that are certain."""
        rows: list[Row] = []
        for index, line in enumerate(lines):
            if index:
                rows += wrap(self._line, columns)
                self._line = line
            else:
                self._line = self._line.copy().append_text(line) if self._line.plain else line
        starts = row_starts(self._line.plain, columns)
        if starts:
            *done, self._line = self._line.divide(starts)
            rows += map(without_end, done)
        return rows


def certain(
    text: str, inline: InlineDrawer, base: tuple[str, ...], *, partial: bool
) -> tuple[int, list[Line]] | None:
    """The longest beginning of an open paragraph that is certain: its length, and how it is drawn.

    The text has at least HOLD characters or was partly drawn before. `partial`: its last line may still grow.
    """
    most = len(text) - 1
    last = text.rfind("\n") + 1
    may_be_header = len(text) - last <= HOLD and (partial or "|" in text[last:])
    if may_be_header:
        most = last
    before_link = text.rfind("[", 0, most)
    for cut in dict.fromkeys(_boundary(text, at) for at in (most, before_link, most - _MARGIN, most // 2)):
        lines = inline.certain(text[:cut], base) if cut > 0 else None
        if lines is not None:
            return cut, lines
    if len(text) > LONGEST_OPEN:
        cut = _boundary(text, most - _MARGIN) or max(1, most - _MARGIN)
        return cut, inline.lines(text[:cut], base)
    return None


def cut_source(block: Block, lines: Sequence[str], cut: int) -> tuple[int, str]:
    """The first line left behind `cut` characters of a paragraph, and the placeholder line above it."""
    content = block.text.split("\n")
    source = lines[block.start].rstrip(" \t")
    opening = source[: len(source) - len(content[0].rstrip(" \t"))]
    line = block.text.count("\n", 0, cut)
    column = cut - (block.text.rfind("\n", 0, cut) + 1)
    if not column:
        return block.start + line, opening + _PLACEHOLDER
    rest = content[line][column:]
    if line == len(content) - 1:  # the parser has trimmed the end, but more may follow there
        source = lines[block.start + line]
        rest += source[len(source.rstrip(" \t")) :]
    return block.start + line + 1, f"{opening}{_PLACEHOLDER} {rest}"


def _boundary(text: str, most: int) -> int:
    """The last place up to `most` where inline markup cannot reach across, 0 if there is none.

    That is the start of a word or a line, or between two letters of a very long word.
    """
    at = min(most, len(text) - 1)
    while at > 0:
        at = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at)) + 1
        if at == 0 or _is_start(text, at):
            break
        at -= 1
    if most - at > _LONG_WORD:
        for inside in range(most, most - _LONG_WORD, -1):
            whole = text[inside - 1].isalnum() and text[inside].isalnum()
            if whole and "&" not in text[max(0, inside - _LONGEST_ENTITY) : inside]:
                return inside
    return at


def _is_start(text: str, at: int) -> bool:
    """Whether a word or a line starts here, and no hard break can be torn."""
    if text[at] in " \n":
        return False
    return text[at - 1] == "\n" or (at > 1 and text[at - 2] not in " \n")
