"""What is closed: the last block of complete lines, and definitions above a block."""

from __future__ import annotations

import pytest

from mira_cli.terminal.markdown.closing import MOST_DEFINED, above_definitions, is_closed
from mira_cli.terminal.markdown.grammar import Grammar


def closed(text):
    lines = text.split("\n")[:-1]
    return is_closed(Grammar().blocks(text)[-1], lines)


@pytest.mark.parametrize(
    "text",
    ["# a\n", "---\n", "a\n===\n", "a\n\n", "```\nx\n```\n", "~~~\n~~~~\n", "> a\n\n", "<!-- a -->\n", "<div>\n\n", "|a|\n|-|\n\n",
     "<script>\n</script>\n", "    a\n\n[r]: u\n", "- a\n\n[r]: u\n"],
)  # fmt: skip
def test_closed(text):
    assert closed(text)


@pytest.mark.parametrize(
    "text",
    ["a\n", "- a\n", "- a\n\n", "1. a\n\n\n", "```\nx\n", "```\n``\n", "> a\n", "> a\n>\n", "<!-- a\n", "<div>\n", "|a|\n|-|\n",
     "    a\n", "    a\n\n", "<script>\n\n"],
)  # fmt: skip
def test_open(text):
    assert not closed(text)


def test_definitions_stay_with_what_follows():
    assert above_definitions(["a", "", "[b]: c", "[d]: e", "f"], 4, 0) == 2
    assert above_definitions(["a", "[b]: c"], 1, 1) == 1


def test_of_many_definitions_only_the_last_ones_do():
    lines = [f"[{number}]:\n/u".split("\n")[half] for number in range(100) for half in (0, 1)]
    first = above_definitions(lines, len(lines), 0)
    assert 0 < len(lines) - first <= MOST_DEFINED + 1
    assert lines[first].startswith("[")
