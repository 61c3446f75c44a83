"""Answers of a given length and kind, the same in every run."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KINDS = ("mixed", "paragraph", "list", "table", "fence")
TOKEN = 20
"""Characters of a token on average: 1 MB comes in some 52,000 chunks."""

_WORDS = (
    *("the", "a", "model", "of", "learning", "data", "that", "machine", "is", "from", "in", "network"),
    *("weight", "each", "layer", "error", "gradient", "input", "to", "output", "training", "sample"),
    *("test", "loss", "rate", "step", "feature", "value", "vector", "matrix", "sum", "over", "small"),
    *("large", "when", "then"),
)


@cache
def text_of(kind: str, size: int) -> str:
    """Markdown of `size` characters. All but "mixed" are one block that goes on to the end."""
    pieces: list[str] = []
    length = 0
    for piece in _MAKERS[kind](Random(kind)):
        pieces.append(piece)
        length += len(piece)
        if length >= size:
            break
    return "".join(pieces)[:size]


def tokens_of(text: str) -> list[str]:
    """The text in pieces of uneven length, as a model sends it."""
    random = Random(len(text))
    tokens: list[str] = []
    at = 0
    while at < len(text):
        length = random.randint(1, 2 * TOKEN - 1)
        tokens.append(text[at : at + length])
        at += length
    return tokens


def _words(random: Random, count: int) -> str:
    return " ".join(random.choices(_WORDS, k=count))


def _sentence(random: Random) -> str:
    return f"{_words(random, random.randint(5, 14)).capitalize()}. "


def _paragraph(random: Random) -> Iterator[str]:
    while True:
        yield _sentence(random)


def _list(random: Random) -> Iterator[str]:
    while True:
        yield f"- **{_words(random, 2)}**: {_words(random, random.randint(4, 30))}\n"


def _table(random: Random) -> Iterator[str]:
    yield "| name | what | value |\n|---|:--|--:|\n"
    while True:
        yield f"| {_words(random, 1)} | {_words(random, 6)} | {random.randint(0, 9999)} |\n"


def _code_line(random: Random) -> str:
    name = random.choice(_WORDS)
    return f"    {name}_{random.randint(0, 99)} = sum(x * {random.random():.3f} for x in {name}s)  # {name}\n"


def _fence(random: Random) -> Iterator[str]:
    yield "```python\n"
    while True:
        yield f"def {random.choice(_WORDS)}(values: list[float]) -> float:\n"
        yield from (_code_line(random) for _ in range(6))


def _mixed(random: Random) -> Iterator[str]:
    while True:
        yield f"## {_words(random, 4).capitalize()}\n\n"
        for _ in range(2):
            yield f"{_sentence(random) * 2}This is `{_words(random, 1)}`, **{_words(random, 2)}** and *more*. "
            yield f"{_sentence(random)}See [the page](https://example.com/{random.randint(0, 999)}).\n\n"
        items = _list(random)
        yield "".join(next(items) for _ in range(5)) + "\n"
        yield "```python\n" + "".join(_code_line(random) for _ in range(8)) + "```\n\n"
        rows = _table(random)
        yield "".join(next(rows) for _ in range(5)) + "\n"


_MAKERS: dict[str, Callable[[Random], Iterator[str]]] = {
    "mixed": _mixed,
    "paragraph": _paragraph,
    "list": _list,
    "table": _table,
    "fence": _fence,
}
