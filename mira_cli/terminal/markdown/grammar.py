"""The grammar: markdown-it's CommonMark with tables and strikethrough, what we change in it, what is closed.

Nothing that a model wrote is dropped: a pipe between backquotes does not end a cell of a table, and the
surplus cells of a row go into its last cell. Emphasis beside Chinese, Japanese and Korean text works without
spaces, as proposed for CommonMark: https://github.com/tats-u/markdown-cjk-friendly.

Three rules are bounded, so that what is drawn early cannot turn into something else later:

- a setext heading has at most HOLD characters, and so has the header row of a table;
- what is partly drawn already can no longer become either;
- what nests deeper than DEEPEST is a paragraph (markdown-it would drop it).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from unicodedata import category, east_asian_width

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, lheading, paragraph, table
from markdown_it.rules_block.html_block import HTML_SEQUENCES
from markdown_it.rules_inline import StateInline, image, link
from markdown_it.rules_inline.state_inline import Scanned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

HOLD = 800
"""Characters of a paragraph that are held until it is certain that it is one: ten rows of 80 columns."""

DEEPEST = 40
"""Levels of nesting: a quote is one, a list with its item two."""

_DRAWN = "mira_drawn"  # in the environment: the line where a partly drawn block starts

_CODE = re.compile(r"(?<![`\\])(`+)(?!`)[^\n]*?[^`\n]\1(?!`)")
_BAR = re.compile(r"(?<!\\)\|")  # one that ends a cell
_PROTECTED = "\ufdd0"  # a pipe in code; a noncharacter, which the sanitiser lets nobody write

# Wide characters that are pictures, not letters: the rule for Chinese, Japanese and Korean is not for them.
_PICTURE = re.compile("[\u2300-\u2bff\U0001f000-\U0001ffff]")
_SELECTOR = re.compile("[\ufe00-\ufe02\U000e0100-\U000e01ef]")  # for forms of ideographs

LISTS = frozenset({"bullet_list", "ordered_list"})
_AT_ONCE = frozenset({"heading", "hr"})  # what is closed once it is there
MOST_DEFINED = 40

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
        """The tree of blocks of `source`, whole lines.

        `drawn`: the line where a block starts that is partly drawn already and is no table. `trial`: do not
        keep the link definitions, because the source ends in the middle of a line.
        """
        tokens: list[Token] = []
        environment: dict[str, Any] = {"references": {} if trial else self.references, _DRAWN: drawn}
        protects = "|" in source and "`" in source
        if protects:
            source = _CODE.sub(lambda code: _BAR.sub(_PROTECTED, code[0]), source)
        self._markdown.block.parse(source, self._markdown, environment, tokens)
        if protects:
            for token in tokens:
                token.content = token.content.replace(_PROTECTED, "|")
                token.info = token.info.replace(_PROTECTED, "|")
        return _tree(tokens)

    def inline(self, text: str) -> StateInline:
        """The inline parse of `text`: its `tokens`, and in `delimiters` what could not be matched."""
        state = _Inline(text, self._markdown, {"references": self.references}, [])
        inline = self._markdown.inline
        inline.tokenize(state)
        for rule in inline.ruler2.getRules(""):
            rule(state)
        return state


class _Inline(StateInline):
    """Inline text in which markers may stand beside Chinese, Japanese and Korean text as beside spaces."""

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        """Whether a run of markers can open and close emphasis, and its length."""
        found = super().scanDelims(start, canSplitWord)
        source = self.src
        before, after = source[start - 1 : start] or " ", source[start + found.length :][:1] or " "
        if (before.isascii() and after.isascii()) or before.isspace() or after.isspace():
            return found
        by_before, by_after = _is_punctuation(before), _is_punctuation(after)
        ours_before, ours_after = _is_cjk(before), _is_cjk(after)
        left = not by_after or ours_after or by_before or ours_before
        right = not by_before or ours_before or by_after or ours_after
        return Scanned(
            can_open=left and (canSplitWord or not right or by_before),
            can_close=right and (canSplitWord or not left or by_after),
            length=found.length,
        )


def _is_punctuation(char: str) -> bool:
    return category(char)[0] in "PS"


def _is_cjk(char: str) -> bool:
    is_wide = east_asian_width(char) in "WFH" and not _PICTURE.match(char)
    return is_wide or _SELECTOR.match(char) is not None


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
    before = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    cells: list[Token] = []
    for token in state.tokens[before:]:
        if token.type == "tr_open":
            cells = []
        elif token.type == "inline":
            cells.append(token)
        elif token.type == "tr_close" and cells and cells[0].map:
            line = cells[0].map[0]
            source = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
            _add_surplus(cells, source.strip())
    return True


def _add_surplus(cells: list[Token], row: str) -> None:
    """Put the cells of a row that have no column into its last cell; markdown-it leaves them out."""
    if row.count("|") < len(cells):
        return
    texts = _BAR.split(row)
    texts = texts[not texts[0] : len(texts) - (not texts[-1])]
    if len(texts) > len(cells):
        last = " | ".join(text.strip() for text in texts[len(cells) - 1 :])
        cells[-1].content = last.replace("\\|", "|").strip()


def _deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    return state.level >= DEEPEST - 2 and paragraph(state, start, end, silent)


def is_closed(block: Block, lines: Sequence[str]) -> bool:
    """Whether nothing that follows can become part of `block`, the last one in `lines`."""
    behind = lines[block.end :]
    if block.kind in LISTS:
        return bool(behind) and not _is_blank(behind[0])
    if block.kind == "blockquote":  # it may claim the blank line that ended it
        return bool(behind) or not lines[-1].strip(" \t")
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
