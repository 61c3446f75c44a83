"""Rows in aligned columns, for a person on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.terminal.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = "  "
_NARROWEST = 8  # columns to which the widest column may shrink


def aligned(rows: Sequence[Sequence[str]], width: int) -> str:
    """The rows, a line each, cells cleaned; the widest column is cut where a line would exceed `width`."""
    cells = [[clean_line(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    if not widths:
        return ""
    widest = widths.index(max(widths))
    surplus = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    if surplus > 0:
        widths[widest] = max(widths[widest] - surplus, _NARROWEST)
    lines = (
        _GAP.join(_fitted(cell, columns) for cell, columns in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )
    return "".join(f"{line}\n" for line in lines)


def _fitted(cell: str, columns: int) -> str:
    if _width(cell) > columns:
        cell = cell[: columns - 1]  # a character takes one column at least
        while _width(cell) > columns - 1:
            cell = cell[:-1]
        cell += "…"
    return cell + " " * (columns - _width(cell))


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)
