"""Paragraphs and HTML that may still grow: what of them has been drawn."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from mira_cli.terminal.markdown.code import TAB
from mira_cli.terminal.markdown.rows import BLANK, merged, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mira_cli.terminal.markdown.look import Look
    from mira_cli.terminal.markdown.rows import Line, Row


class ParagraphState:
    """A paragraph of which whole rows have been given out; the last row of what came is kept."""

    def __init__(self) -> None:
        self._line: Line = []

    def copy(self) -> ParagraphState:
        """One that goes its own way from here."""
        twin: ParagraphState = copy(self)
        twin._line = self._line.copy()
        return twin

    def add(self, lines: list[Line], columns: int) -> list[Row]:
        """Take drawn text, lines that end at hard breaks but for the last; the rows that are certain."""
        rows: list[Row] = []
        for index, line in enumerate(lines):
            if index:
                rows += self._flush(columns)
            self._line = list(merged([*self._line, *line]))
        done = wrap(self._line, columns)[:-1] if self._line else []
        if done:
            self._drop(done)
        return rows + done

    def finish(self, columns: int) -> list[Row]:
        """The rows that are left."""
        return self._flush(columns) if self._line else []

    def _flush(self, columns: int) -> list[Row]:
        line, self._line = self._line, []
        return wrap(line, columns)

    def _drop(self, rows: list[Row]) -> None:
        """Take what is in `rows`, and the spaces behind each, out of the line."""
        line = self._line
        at = 0
        offset = 0
        for row in rows:
            for text, _ in row:
                left = len(text)
                while left:
                    step = min(left, len(line[at][0]) - offset)
                    offset += step
                    left -= step
                    if offset == len(line[at][0]):
                        at, offset = at + 1, 0
            while at < len(line):
                text = line[at][0]
                while text.startswith(" ", offset):
                    offset += 1
                if offset < len(text):
                    break
                at, offset = at + 1, 0
        self._line = line[at:]
        if offset:
            self._line[0] = (self._line[0][0][offset:], self._line[0][1])


class VerbatimState:
    """HTML, shown as it was written. Blank lines at its end are left out."""

    def __init__(self, look: Look, base: tuple[str, ...]) -> None:
        self._look = look.of((*base, "html"))
        self._blank = 0

    def copy(self) -> VerbatimState:
        """One that goes its own way from here."""
        return copy(self)

    def add(self, lines: Iterable[str], columns: int) -> list[Row]:
        """Take whole lines; the rows that are certain."""
        rows: list[Row] = []
        for line in lines:
            if not line.strip():
                self._blank += 1
                continue
            rows += [BLANK] * self._blank
            self._blank = 0
            rows += wrap([(line.expandtabs(TAB), self._look)], columns)
        return rows

    def finish(self, columns: int) -> list[Row]:  # noqa: ARG002 - as the other states have it
        """Nothing is held back."""
        return []
