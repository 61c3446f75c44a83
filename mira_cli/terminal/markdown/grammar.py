"""The grammar: markdown-it's CommonMark with tables and strikethrough, and the bounds that a stream needs.

Three rules are bounded, so that what is drawn early cannot turn into something else later:

- a setext heading has at most HOLD characters, and so has the header row of a table;
- what is partly drawn already can no longer become either;
- what nests deeper than DEEPEST is a paragraph (markdown-it would drop it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, lheading, paragraph, table
from markdown_it.rules_inline import StateInline, image, link

if TYPE_CHECKING:
    from markdown_it.token import Token

HOLD = 800
"""Characters of a paragraph that are held until it is certain that it is one: ten rows of 80 columns."""

DEEPEST = 40
"""Levels of nesting: a quote is one, a list with its item two."""

_DRAWN = "mira_drawn"  # in the environment: the line where a partly drawn block starts

_LAST = "mira_last"  # in the environment: an inline source, and where its last bracket closes


class Block:
    """A block with the blocks in it, its first line and the one behind it, and its inline source."""

    __slots__ = ("children", "end", "kind", "start", "text", "token")

    def __init__(self, kind: str, token: Token) -> None:
        self.kind = kind
        self.token = token
        self.children: list[Block] = []
        self.text = ""
        self.start, self.end = token.map or (0, 0)


class Grammar:
    """Parses blocks and inline text; keeps the link definitions that were seen."""

    def __init__(self) -> None:
        self._markdown = MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable(["table", "strikethrough"])
        ruler = self._markdown.block.ruler
        ruler.at("lheading", _heading)
        ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
        ruler.before("table", "deep", _deep)
        self._markdown.inline.ruler.at("link", _link)
        self._markdown.inline.ruler.at("image", _image)
        self.references: dict[str, Any] = {}

    def blocks(self, source: str, *, drawn: int = -1, trial: bool = False) -> list[Block]:
        """The tree of blocks of `source`.

        Args:
            source: Whole lines.
            drawn: The line where a block starts that is partly drawn already and is no table.
            trial: Do not keep the link definitions: the source ends in the middle of a line.
        """
        tokens: list[Token] = []
        environment: dict[str, Any] = {"references": {} if trial else self.references, _DRAWN: drawn}
        self._markdown.block.parse(source, self._markdown, environment, tokens)
        return _tree(tokens)

    def inline(self, text: str) -> StateInline:
        """The inline parse of `text`: its `tokens`, and in `delimiters` what could not be matched."""
        state = StateInline(text, self._markdown, {"references": self.references}, [])
        inline = self._markdown.inline
        inline.tokenize(state)
        for rule in inline.ruler2.getRules(""):
            rule(state)
        return state


def _tree(tokens: list[Token]) -> list[Block]:
    top: list[Block] = []
    open_blocks: list[list[Block]] = [top]
    for token in tokens:
        if token.nesting < 0:
            open_blocks.pop()
        elif token.type == "inline":
            open_blocks[-2][-1].text = token.content
        else:
            block = Block(token.type.removesuffix("_open"), token)
            open_blocks[-1].append(block)
            if token.nesting > 0:
                open_blocks.append(block.children)
    return top


def _link(state: StateInline, silent: bool) -> bool:
    return state.src[state.pos] == "[" and _may_end(state) and link(state, silent)


def _image(state: StateInline, silent: bool) -> bool:
    return state.src[state.pos] == "!" and _may_end(state) and image(state, silent)


def _may_end(state: StateInline) -> bool:
    """Whether a label may end: looking for an end that is not there costs much, once for each bracket."""
    source, last = state.env.get(_LAST, ("", -1))
    if source is not state.src:
        source, last = state.env[_LAST] = (state.src, state.src.rfind("]"))
    return bool(state.pos < last)


def _heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if start == state.env[_DRAWN]:
        return False
    before, parent = len(state.tokens), state.parentType
    if not lheading(state, start, end, silent):
        return False
    if len(state.tokens[before + 1].content) <= HOLD:
        return True
    del state.tokens[before:]
    state.line, state.parentType = start, parent
    return False


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if start == state.env[_DRAWN] or state.eMarks[start] - state.bMarks[start] - state.tShift[start] > HOLD:
        return False
    return table(state, start, end, silent)


def _deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    return state.level >= DEEPEST - 2 and paragraph(state, start, end, silent)
