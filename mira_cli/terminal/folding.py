"""Lines on a narrow terminal: broken between words, where the terminal itself would break within one."""

from __future__ import annotations

_USUAL = 80  # columns from which few lines are too long, and a whole one is better found and copied


def folded(text: str, columns: int) -> str:
    """The text in rows of at most `columns` cells; a longer word stays whole. A usual terminal: as is."""
    if columns >= _USUAL or (text.isascii() and len(text) <= columns):
        return text
    return "\n".join(_folded_line(line, columns) for line in text.split("\n"))


def _folded_line(line: str, columns: int) -> str:
    from mira_cli.terminal.cells import width

    rows: list[str] = []
    free = 0
    for word in line.split(" "):
        needed = width(word) + 1
        if rows and needed <= free:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
            free = columns + 1
        free -= needed
    return "\n".join(rows)
