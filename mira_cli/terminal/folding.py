"""Lines on a narrow terminal: broken between words, where the terminal itself would break within one."""

from __future__ import annotations

_USUAL = 80  # columns from which few lines are too long, and a whole one is better found and copied


def folded(line: str, columns: int) -> str:
    """The line in rows of at most `columns` cells; a longer word stays whole. A usual terminal: as is."""
    if columns >= _USUAL or (line.isascii() and len(line) <= columns):
        return line
    from mira_cli.terminal.markdown.cells import width  # noqa: PLC0415 - lines that need it are few

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
