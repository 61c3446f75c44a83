"""Inline text: from markdown-it's tokens to Text, whether it is certain, and its preview."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from rich.text import Text

from mira_cli.terminal.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    from mira_cli.terminal.markdown.grammar import Grammar
    from mira_cli.terminal.markdown.look import Look
    from mira_cli.terminal.markdown.rows import Line

_MARKUP = re.compile(r"[\n&*<\[\\_`~]")
_SPACES = re.compile(r"[\t\n]")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_PICTURE = "\U0001f306"

# What may still become markup where it is plain text: code, a tag or address, a link's target.
_MAY_OPEN = re.compile(r"`|<[A-Za-z/!?]|\]\(|\]\[")
_BRACKETS = re.compile(r"[\[\]]")
_DEFINITION = re.compile(r"\[[^\]]*\]:")

_TAIL = re.compile(r"(?:[*_~`]+|\\)\Z")
_LINK_TAIL = re.compile(r"(?:(?<=[\s(])|^)!?\[([^\[\]]*)\Z|!?\[([^\[\]]*)\](?:\([^()]*|\[[^\[\]]*)\Z")
_ADDRESS_TAIL = re.compile(r"""\]\(([^\s()<>]+)(?:\s+["'(][^"')]*["')]?)?\Z""")
_TICKS = re.compile(r"`+")

DrawText: TypeAlias = "Callable[[str, tuple[str, ...]], list[Line]]"
"""Turns the source of inline text, with the styles around it, into lines."""


class InlineDrawer:
    """Turns the source of inline text into lines; a line ends at a hard break."""

    def __init__(self, grammar: Grammar, look: Look) -> None:
        self._grammar = grammar
        self.look = look

    def lines(self, source: str, base: tuple[str, ...] = ()) -> list[Line]:
        """The text with the styles of `base`, the elements around it."""
        if _MARKUP.search(source) is None:
            return [Text().append(source.replace("\t", " "), self.look.of(base))]
        return self._draw(self._grammar.inline(source), base)

    def certain(self, source: str, base: tuple[str, ...] = ()) -> list[Line] | None:
        """The same if nothing that may follow can change it, else None. The source ends at a word's end."""
        if _MARKUP.search(source) is None:
            return self.lines(source, base)
        state = self._grammar.inline(source)
        if _open_markers(state) or _may_change(state.tokens) or _DEFINITION.match(source):
            return None
        return self._draw(state, base)

    def preview(self, source: str, base: tuple[str, ...] = (), *, keeps_address: bool = False) -> list[Line]:
        """The text with its open markup closed: `**bo` is bold, `[text](http` is its text."""
        source = source.rstrip()
        if "`" in source and _open_ticks(self._grammar.inline(source).tokens):
            source = source.rstrip("` ")  # other markup within code is plain text
        else:
            if keeps_address:
                source = _ADDRESS_TAIL.sub(r"](\1)", source)
            source = _LINK_TAIL.sub(lambda link: link[1] or link[2] or "", source)
            source = _TAIL.sub("", source).rstrip()
        if _MARKUP.search(source) is None:
            return self.lines(source, base)
        state = self._grammar.inline(source)
        ticks = _open_ticks(state.tokens)
        if ticks:
            state = self._grammar.inline(source + ticks)
        markers = _open_markers(state)
        if markers:
            closers = [marker * (2 if marker == "~" else 1) for marker in reversed(markers)]
            state = self._grammar.inline(source + ticks + "".join(closers))
        return self._draw(state, base)

    def cut(self, source: str, base: tuple[str, ...] = ()) -> list[Line]:
        """The same where a reply was cut off: of a link's address what has come is shown."""
        return self.preview(source, base, keeps_address=True)

    def _draw(self, state: StateInline, base: tuple[str, ...]) -> list[Line]:
        pen = _Pen(self.look, base)
        for token in state.tokens:
            pen.take(token)
        return pen.lines


class _Pen:
    """Turns tokens into lines, with the styles that are open."""

    def __init__(self, look: Look, base: tuple[str, ...]) -> None:
        self.lines: list[Line] = [Text()]
        self._look = look
        self._names = [base]
        self._links: list[tuple[str, int, int]] = []

    def take(self, token: Token) -> None:
        """The next token."""
        if token.type == "text":
            self._put(token.content)
        elif token.nesting > 0:
            self._open(token)
        elif token.nesting < 0:
            self._close(token)
        elif token.type == "code_inline":
            self._put(token.content, "code")
        elif token.type == "image":
            self._put(self._look.shown(f"{_PICTURE} {_plain(token)}"))
            self._put_address(str(token.attrs.get("src", "")))
        elif token.type == "html_inline":
            self._take_html(token.content)
        elif token.type == "hardbreak":
            self.lines.append(Text())
        else:  # a line end in the source, or a character that was escaped or encoded
            self._put(" " if token.type == "softbreak" else self._look.shown(clean(token.content)))

    def _open(self, token: Token) -> None:
        if token.type == "link_open":
            self._links.append((str(token.attrs.get("href", "")), len(self.lines), len(self.lines[-1])))
        names = self._names[-1]
        name = "link" if token.type == "link_open" else token.tag
        # A style that is on already adds nothing: openers that never close would nest by the thousand.
        self._names.append(names if name in names else (*names, name))

    def _close(self, token: Token) -> None:
        self._names.pop()
        if token.type == "link_close":
            address, line, start = self._links.pop()
            shown = self.lines[-1].plain[start:] if line == len(self.lines) else ""
            if address.removeprefix("mailto:") != shown:
                self._put_address(address)

    def _put(self, text: str, name: str = "") -> None:
        text = _SPACES.sub(" ", text)
        if not self.lines[-1] and len(self.lines) > 1 and not name:
            text = text.lstrip(" ")  # as the parser does behind breaks other than `<br>`
        if text:
            names = (*self._names[-1], name) if name else self._names[-1]
            self.lines[-1].append(text, self._look.of(names))

    def _put_address(self, address: str) -> None:
        self._put(" (")
        self._put(clean(address), "link_url")
        self._put(")")

    def _take_html(self, source: str) -> None:
        if _BREAK.fullmatch(source):
            self.lines.append(Text())
        elif source == "<kbd>":
            self._names.append((*self._names[-1], "kbd"))
        elif source == "</kbd>" and self._names[-1][-1:] == ("kbd",):
            self._names.pop()
        else:
            self._put(source, "html")


def _plain(image: Token) -> str:
    """The alternative text of an image, which may hold markup."""
    return "".join(
        [clean(child.content) or " " * (child.type == "softbreak") for child in image.children or []]
    )


def _open_markers(state: StateInline) -> list[str]:
    """The markers of emphasis that are not closed."""
    return [chr(mark.marker) for mark in state.delimiters if mark.open and mark.end < 0]


def _may_change(tokens: list[Token]) -> bool:
    """Whether the text holds something that what follows could turn into markup."""
    depth = 0
    for token in tokens:
        if token.type != "text":
            continue
        if _MAY_OPEN.search(token.content):
            return True
        for bracket in _BRACKETS.findall(token.content):
            depth = depth + 1 if bracket == "[" else max(0, depth - 1)
    return depth > 0


def _open_ticks(tokens: list[Token]) -> str:
    """The first run of backticks that is plain text."""
    found = (_TICKS.search(token.content) for token in tokens if token.type == "text")
    return next((ticks[0] for ticks in found if ticks), "")
