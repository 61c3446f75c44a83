"""Fills the gaps `@@NAME@@` of a template, each in a line of its own or within one.

The templates are the files of `templates/`: what a script says whatever commands there are.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_GAP = re.compile(r"@@([A-Z_]+)@@")


def filled(name: str, parts: Mapping[str, str | Iterable[str]]) -> str:
    """The template of that name with its gaps filled. Several lines take on the indent of the gap's line."""

    def fill(line: str) -> str:
        gap = _GAP.fullmatch(line.strip().removesuffix(" \\"))
        if gap is None:
            return _GAP.sub(lambda found: _joined(parts[found[1]]), line)
        indent, _, end = line.partition(gap[0])
        lines = _joined(parts[gap[1]]).split("\n")
        return "\n".join(indent + each if each else "" for each in lines) + end

    template = (Path(__file__).parent / "templates" / name).read_text("utf-8")
    return "\n".join(map(fill, template.split("\n")))


def _joined(part: str | Iterable[str]) -> str:
    return part if isinstance(part, str) else "\n".join(part)
