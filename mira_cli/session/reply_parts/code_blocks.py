"""The fenced code blocks of a reply (README: code), found as CommonMark finds them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mira_cli.errors import MismatchError

if TYPE_CHECKING:
    from markdown_it.token import Token

_DEEPEST = 100  # a list in a list takes two levels
_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
# `python`, `{.python .numberLines}`, `{ .python }`, `{r, echo=FALSE}`, `js{1,3}`
_LANGUAGE = re.compile(r"(?:\{\s*)?\.?([^\s{},]*)")


class CodeBlock(NamedTuple):
    """A fenced block."""

    language: str  # as written, or ""
    body: str  # empty, or ends with a newline


def find_code(reply: str, language: str = "", *, every: bool = False) -> str:
    """The body of the first block, or of `every` block, separated by empty lines.

    With a language, whose leading dot is ignored, only blocks in it count.

    Raises:
        MismatchError: There is none.
    """
    blocks = code_blocks(reply)
    if language:
        names = same_language(language.removeprefix("."))
        blocks = [block for block in blocks if block.language.casefold() in names]
    if not blocks:
        kind = f"code block in {language}" if language else "code block"
        raise MismatchError(
            f"The reply has no {kind}.",
            hint="Without -x, --lang and --code-all the whole reply is shown.",
            partial=reply,
        )
    if not every:
        return blocks[0].body
    return "\n".join(block.body for block in blocks if block.body)


def code_blocks(reply: str) -> list[CodeBlock]:
    """All fenced blocks in order; indented code doesn't count, an unclosed block ends with the reply."""
    from markdown_it import MarkdownIt
    from markdown_it.common.utils import unescapeAll

    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).disable("inline")
    lines = _LINE.findall(reply)  # each with its own end
    return [
        CodeBlock(_language(unescapeAll(token.info)), _body(token, lines))
        for token in parser.parse(reply)
        if token.type == "fence"
    ]


def same_language(language: str) -> set[str]:
    """All names of a language in lower case: the given one, and those of the Pygments lexers for it."""
    from pygments.lexers import get_all_lexers

    wanted = language.casefold()
    same = {wanted}
    for name, aliases, _files, _types in get_all_lexers(plugins=False):
        names = {name.casefold(), *map(str.casefold, aliases)}
        if wanted in names:
            same |= names
    return same


def _language(info: str) -> str:
    """The first word of an info string, without braces and a leading dot."""
    found = _LANGUAGE.match(info.strip())
    return found[1] if found else ""


def _body(token: Token, lines: list[tuple[str, str]]) -> str:
    """The block's lines exactly as in the reply; the parser changes NULs and line ends."""
    if not token.content:
        return ""
    shown = token.content.removesuffix("\n").split("\n")
    first = (token.map or [0])[0] + 1
    body = ""
    for content, (line, end) in zip(shown, lines[first : first + len(shown)], strict=True):
        # Where a container ends within a tab, the rest of the tab is spaces that the reply does not have.
        own = content if line.replace("\0", "\ufffd").endswith(content) else content.lstrip(" ")
        body += content[: len(content) - len(own)] + line[len(line) - len(own) :] + end
    return body if body.endswith("\n") else body + "\n"
