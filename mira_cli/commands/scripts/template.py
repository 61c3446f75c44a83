"""Fills the gaps `@@NAME@@` of a script's template, each in a line of its own or within one (pure)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_GAP = re.compile(r"@@([A-Z_]+)@@")
_WIDTH = 88


def filled(template: str, parts: Mapping[str, str | Iterable[str]]) -> str:
    """The template with its gaps filled. Several lines take on the indent of the gap's line."""

    def fill(line: str) -> str:
        gap = _GAP.fullmatch(line.strip())
        if gap is None:
            return _GAP.sub(lambda found: _joined(parts[found[1]], "\n"), line)
        indent = line[: line.index("@")]
        text = _joined(parts[gap[1]], "\n")
        return "\n".join(indent + each if each else "" for each in text.split("\n"))

    return "\n".join(map(fill, template.split("\n")))


def wrapped(start: str, words: Iterable[str], end: str = "") -> str:
    r"""A command and its words, continued over several lines by `\` where they are too long for one."""
    lines = [start]
    for word in words:
        if len(lines[-1]) + len(word) >= _WIDTH:
            lines[-1] += " \\"
            lines.append(" " * 4 + word)
        else:
            lines[-1] += f" {word}"
    return "\n".join(lines) + end


def _joined(part: str | Iterable[str], by: str) -> str:
    return part if isinstance(part, str) else by.join(part)
