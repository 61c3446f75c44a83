"""Blocks of code, line by line: each is coloured once, with Pygments' state carried from line to line.

A line of code is one row, however long: the terminal wraps it, so that what is copied from there is one line.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rich.text import Text

from mira_cli.terminal.markdown.blocks import Leaf
from mira_cli.terminal.markdown.rows import without_end, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygments.lexer import Lexer

    from mira_cli.terminal.markdown.grammar import Block
    from mira_cli.terminal.markdown.inline import DrawText, InlineDrawer
    from mira_cli.terminal.markdown.rows import Row

TAB = 4
LONGEST_COLOURED = 2000  # characters of a line; longer ones are data
LONGEST_HELD = 200  # lines of a comment or string that are held until it ends
_LANGUAGE = re.compile(r"\s*\{?\s*\.?([^\s,{}]+)")  # `py`, `py title="x"`, `{.py}`, `py,ignore`
_SHELLS = frozenset({"bash", "console", "fish", "powershell", "pwsh-session", "batch", "doscon"})
"""Languages in which most has no colour of its own, so that nothing would tell it from text."""

_PAIRS = (("/*", "*/"), ("<!--", "-->"), ('"""', '"""'), ("'''", "'''"), ("{-", "-}"))


class Html(Leaf):
    """Lines that are shown as they were written, each wrapped. Blank lines at the end are left out."""

    def __init__(self, block: Block, inline: InlineDrawer, base: tuple[str, ...]) -> None:
        super().__init__(block, inline, base)
        self._style = inline.look.of((*base, "html"))
        self._begun = False
        self._blank = 0

    def add(self, block: Block, columns: int, draw: DrawText) -> list[Row]:
        """Take whole lines; the rows that are certain."""
        lines = block.token.content.split("\n")
        if not lines[-1]:
            lines.pop()
        if self._begun and block.kind != "fence":  # the first line, which stays in the source
            del lines[:1]
        self._begun = True
        rows: list[Row] = []
        for line in lines:
            if not line.strip():
                self._blank += 1
                continue
            for each in [*[""] * self._blank, line.expandtabs(TAB)]:
                rows += self._draw(each, columns)
            self._blank = 0
        return list(map(without_end, rows))

    def _draw(self, line: str, columns: int) -> list[Row]:
        return wrap(Text().append(line, self._style), columns)


class Code(Html):
    """Lines of code, coloured, each a row, however long.

    A token that Pygments only finds whole, such as a comment over several lines, is held until the line that
    ends it has come, so that what has been given out never changes. Without colours the fences are drawn as
    well, since nothing else would tell code from text.
    """

    def __init__(self, block: Block, inline: InlineDrawer, base: tuple[str, ...]) -> None:
        super().__init__(block, inline, base)
        look = self._look = inline.look
        self._plain = look.of((*base, "code_block"))
        info, marks = block.token.info, block.token.markup or "```"  # indented code has neither
        language = _LANGUAGE.match(info)
        self._lexer = _lexer(language[1]) if language and look.color else None
        self._is_shell = self._lexer is not None and not _SHELLS.isdisjoint(self._lexer.aliases)
        self._stack: list[str] | None = None
        self._held: list[str] = []
        self._closer = ""
        fences = [] if look.color else [f"{marks}{info}".rstrip().expandtabs(TAB), marks]
        self._fences = [Text().append(fence, look.of(base)) for fence in fences]

    def add(self, block: Block, columns: int, draw: DrawText) -> list[Row]:
        """Take whole lines; the rows that are certain."""
        opening = [] if self._begun else self._fences[:1]
        return [*opening, *super().add(block, columns, draw)]

    def commit(
        self, block: Block, lines: Sequence[str], columns: int, *, partial: bool
    ) -> tuple[list[Row], int, list[str]] | None:
        """Take whole lines."""
        committed = super().commit(block, lines, columns, partial=partial)
        if block.kind == "code_block":
            self._blank += len(lines) - block.end  # the parser leaves them out
        return committed

    def finish(self, columns: int) -> list[Row]:
        """The rows that are left."""
        return [*map(without_end, self.flush()), *self._fences[1:]]

    def preview(self, columns: int) -> list[Row]:
        """The lines that are held back."""
        return self.flush()

    def _draw(self, line: str, columns: int) -> list[Row]:
        return self.feed(line)

    def feed(self, line: str) -> list[Row]:
        """Take a line, without its newline; give out the lines that are certain."""
        if self._lexer is None or len(line) > LONGEST_COLOURED:
            return [*self.flush(), Text().append(line, self._plain)]
        closer = self._closer or _closer(self._lexer, line, self._stack)
        self._held = [*self._held, line]
        if closer and (not self._closer or closer not in line) and len(self._held) < LONGEST_HELD:
            self._closer = closer
            return []
        return self.flush()

    def flush(self) -> list[Row]:
        """Give out what is held."""
        lines, self._held, self._closer = self._held, [], ""
        if not lines or self._lexer is None:
            return []
        rows = [Text()]
        tokens, self._stack = _tokens(self._lexer, "\n".join(lines) + "\n", self._stack)
        for token_type, text in tokens:
            style = self._look.code(self._base, token_type)
            if self._is_shell and not style:
                style = self._plain
            first, *others = text.split("\n")
            rows[-1].append(first, style)
            rows.extend(Text().append(other, style) for other in others)
        return rows[: len(lines)]


def _tokens(
    lexer: Lexer, source: str, stack: list[str] | None
) -> tuple[list[tuple[Any, str]], list[str] | None]:
    """The tokens of `source`, lexed from the state `stack`, and the state behind them (None at the start)."""
    from pygments.lexer import ExtendedRegexLexer, LexerContext

    context = LexerContext(source, 0, list(stack) if stack else None)
    try:
        # Any RegexLexer can be run with a context, which has its state at the end.
        tokens = ExtendedRegexLexer.get_tokens_unprocessed(lexer, None, context)
        return [(kind, text) for _, kind, text in tokens], context.stack
    except (AttributeError, TypeError, KeyError):  # a lexer of another make: each line for itself
        return [(kind, text) for _, kind, text in lexer.get_tokens_unprocessed(source)], None


@lru_cache(maxsize=32)
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return None
    return None if lexer.aliases[:1] == ["text"] else lexer


def _closer(lexer: Lexer, line: str, stack: list[str] | None) -> str:
    """What ends a comment or string that `line` leaves open and that is one token for Pygments, or ""."""
    for start, close in _PAIRS:
        if start in line:
            for kind, text in _tokens(lexer, f"{line}\n{close}\n", stack)[0]:
                is_loose = kind[:1] != ("Comment",) and kind[:2] != ("Literal", "String")
                if not is_loose and text.startswith(start) and text.endswith(f"\n{close}"):
                    return close
    return ""
