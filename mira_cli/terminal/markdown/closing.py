"""What is closed: whether the last block of a source can still grow, or lines above it belong to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_it.rules_block.html_block import HTML_SEQUENCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mira_cli.terminal.markdown.grammar import Block

_AT_ONCE = frozenset({"heading", "hr"})
MOST_DEFINED = 40
LISTS = frozenset({"bullet_list", "ordered_list"})


def is_closed(block: Block, lines: Sequence[str]) -> bool:
    """Whether nothing that follows can become part of `block`, the last one in `lines`."""
    behind = lines[block.end :]
    if block.kind in LISTS:
        return bool(behind) and not _is_blank(behind[0])
    if block.kind == "blockquote":  # it may claim the blank line that ended it
        return bool(behind) or not lines[-1].strip()
    if block.kind == "code_block":
        return not all(map(_is_blank, behind))
    if behind or block.kind in _AT_ONCE:
        return True
    if block.kind == "fence":  # of its lines, two are no code if the second fence is there
        return block.end - block.start - 2 == block.token.content.count("\n")
    return block.kind == "html_block" and _has_ended(block.token.content)


def above_definitions(lines: Sequence[str], line: int, floor: int) -> int:
    """`line`, or the first of the link definitions right above it: they may be one with what follows.

    Of many only the last MOST_DEFINED lines, from the start of a definition.
    """
    first = line
    while first > floor and not _is_blank(lines[first - 1]):
        first -= 1
        if line - first > MOST_DEFINED:
            while first < line and not lines[first].lstrip(" \t>").startswith("["):
                first += 1
            break
    return first


def _is_blank(line: str) -> bool:
    """Whether a line is blank, in quotes or not."""
    return not line.strip(" \t>")


def _has_ended(html: str) -> bool:
    """Whether the last line of a block of HTML ends it."""
    lines = html.rstrip("\n").split("\n")
    first = lines[0].lstrip()
    for start, end, _ in HTML_SEQUENCES:
        if start.search(first):
            return not end.search("") and end.search(lines[-1]) is not None
    return False
