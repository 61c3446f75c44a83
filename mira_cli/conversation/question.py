"""Composes a question from words, standard input and files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

STDIN = "-"
_STDIN_LABEL = "Standard input:"
_BLOCK = rf"(?:File [^\n]*:|{_STDIN_LABEL})\n(```+)\n(?:.*?\n)??\1(?:\n\n|\Z)"


def compose(words: Sequence[str], piped: str = "", files: Sequence[tuple[str, str]] = ()) -> str:
    """The question: labelled blocks of files and standard input, then the words, as paragraphs.

    Args:
        words: The question on the command line; one word `-` may mark the place of standard input.
        piped: The text on standard input; ignored if it is only white space.
        files: The name and text of each file; the name `-` means standard input.

    Returns:
        The text to send, "" if there is nothing to ask. Without words, standard input is the question itself.
    """
    places = words.count(STDIN)
    blocks = [_block(_label(name), text) for name, text in files if name != STDIN or text.strip()]
    piped = piped if piped.strip() else ""
    at = words.index(STDIN) if places else 0
    before, after = " ".join(words[:at]), " ".join(words[at + places :])
    if not (before + after).strip():
        return "\n\n".join([*blocks, *([piped.rstrip("\r\n")] if piped else [])])
    if piped:
        block = _block(_STDIN_LABEL, piped)
        parts = [before, block, after] if places else [block, after]
    else:
        parts = [" ".join(filter(None, (before, after)))]
    return "\n\n".join([*blocks, *filter(None, parts)])


def own_words(question: str) -> str:
    """A question without its leading blocks; the whole question if that leaves nothing."""
    at, blocks = 0, re.compile(_BLOCK, re.DOTALL)
    while block := blocks.match(question, at):
        at = block.end()
    return question[at:].strip() or question


def _label(name: str) -> str:
    """The label above a file's block, with newlines and invisible characters escaped."""
    if name == STDIN:
        return _STDIN_LABEL
    shown = (char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in name)
    return f"File {''.join(shown)}:"


def _block(label: str, text: str) -> str:
    """A text in a code fence that its contents can't close."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    end = "" if not text or text.endswith("\n") else "\n"
    return f"{label}\n{fence}\n{text}{end}{fence}"
