"""Gutters and placeholders."""

from __future__ import annotations

import pytest

from mira_cli.terminal.markdown.containers import Frame, gutter, opening_of, placeholders
from mira_cli.terminal.markdown.look import Look
from mira_cli.terminal.markdown.rows import BLANK


def take(beside):
    row = beside.take().plain
    beside.frame.begun = True
    return row


def item(line, opening="- "):
    return Frame(quote=False, line=line, opening=opening)


def quote(line, opening="> "):
    return Frame(quote=True, line=line, opening=opening)


@pytest.mark.parametrize(
    ("source", "path", "opening"),
    [
        ("- a", [item(0)], "- "),
        ("12.  a", [item(0)], "12.  "),
        ("-", [item(0)], "- "),
        ("-      code", [item(0)], "- "),
        ("-\ta", [item(0)], "-\t"),
        (">a", [quote(0)], "> "),
        (">  - 1. a", [quote(0), item(0), item(0)], ">  - 1. "),
        (">  - 1. a", [quote(0), item(0)], ">  - "),
        ("   > - a", [item(-1), quote(0)], "   > "),
        ("> - a", [quote(-1), item(0)], "> - "),
    ],
)
def test_opening(source, path, opening):
    assert opening_of(source, 0, path) == opening


def test_a_line_stands_in_for_all_that_it_opened():
    frames = [quote(2), item(2, "> - "), item(5, ">   1. ")]
    assert placeholders(frames, 7) == ["> - #", ">   1. #"]
    assert [(frame.line, frame.placeholder) for frame in frames] == [(0, False), (0, True), (1, True)]


def test_what_opens_later_needs_no_placeholder():
    frames = [quote(2), item(5)]
    assert placeholders(frames, 5) == ["> #"]
    assert [frame.placeholder for frame in frames] == [True, False]


@pytest.mark.parametrize(
    ("number", "first", "rest"), [(-1, " • ", "   "), (1, " 1. ", "    "), (10, " 10. ", "     ")]
)
def test_gutters_of_items(number, first, rest):
    frame = Frame(quote=False, line=0, number=number)
    beside = gutter(frame, Look(color=False), (), 40, 8)
    assert [take(beside), take(beside)] == [first, rest]
    assert beside.columns == len(first)


def test_a_quote_has_a_bar_on_every_row():
    beside = gutter(Frame(quote=True, line=0), Look(color=False), (), 40, 8)
    assert [take(beside), take(beside)] == ["▌ ", "▌ "]
    assert beside.columns == 2


def test_without_room_there_is_no_gutter():
    assert gutter(Frame(quote=False, line=0), Look(color=False), (), 19, 18).take() == BLANK
    assert gutter(Frame(quote=True, line=0), Look(color=False), (), 19, 18).take() == BLANK


def test_a_done_item_does_not_take_in_the_next():
    assert item(0, "  - ").done().opening == "  -    "
