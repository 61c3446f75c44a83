"""Where an open paragraph is cut, and the source that stays."""

from __future__ import annotations

import pytest

from mira_cli.terminal.markdown.blocks import certain, cut_source
from mira_cli.terminal.markdown.grammar import HOLD, Grammar
from mira_cli.terminal.markdown.inline import InlineDrawer
from mira_cli.terminal.markdown.look import Look


@pytest.fixture
def drawer():
    return InlineDrawer(Grammar(), Look(color=False))


def cut(text, drawer, *, partial=True):
    found = certain(text, drawer, (), partial=partial)
    return None if found is None else text[: found[0]]


def test_a_long_line_is_cut_before_its_last_word(drawer):
    text = "word " * 300 + "last"
    assert cut(text, drawer) == "word " * 300


def test_a_line_that_may_be_a_header_is_left_whole(drawer):
    text = "x" * (HOLD + 1) + "\nsome words"
    assert cut(text, drawer) == "x" * (HOLD + 1) + "\n"
    assert cut(text, drawer, partial=False) == "x" * (HOLD + 1) + "\nsome "
    assert cut(text + " | more", drawer, partial=False) == "x" * (HOLD + 1) + "\n"


def test_markup_that_is_open_is_not_cut(drawer):
    text = "word " * 200 + "**bold " + "word " * 20
    assert "**" not in cut(text, drawer)
    assert cut("**" + "word " * 300, drawer) is None


@pytest.mark.parametrize("open_end", range(1, 40, 3))
def test_a_text_of_many_links_is_cut_before_the_last_one(drawer, open_end):
    link = "[some words](http://example.com/page.html) "
    text = link * 30
    assert cut(text + link[:open_end], drawer) == text


def test_a_hard_break_is_not_torn(drawer):
    assert cut("x " * 500 + "y  \nz", drawer, partial=False) in {"x " * 500, "x " * 500 + "y  \n"}


def test_a_word_without_end_is_cut_between_letters(drawer):
    assert len(cut("x" * 5000, drawer)) > 4000
    assert cut("-" * 5000, drawer) is None


@pytest.mark.parametrize(
    ("lines", "length", "kept", "following"),
    [
        (["one two three"], 4, "x two three", 1),
        (["- one two", "three"], 4, "- x two", 1),
        (["> one two", "> three four"], 8, "> x", 1),
        (["> one two", "> three four  "], 14, "> x four  ", 2),
    ],
)
def test_the_source_that_stays(lines, length, kept, following):
    block = Grammar().blocks("\n".join(lines) + "\n")[0]
    while block.kind != "paragraph":
        block = block.children[0]
    assert cut_source(block, lines, length) == (following, kept)
