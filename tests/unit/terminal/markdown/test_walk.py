"""Gutters and placeholders."""

from __future__ import annotations

import pytest

from mira_cli.terminal.markdown.look import Look
from mira_cli.terminal.markdown.walk import Container, opening_of, placeholders

REPLY = Container(0, quote=True, columns=40)


def gutters(container, around=REPLY, least=8):
    """The gutters of its first two rows."""
    container.place(around, Look(color=False), least)
    return [container.gutter().plain for _ in range(2)]


def item(line, opening="- "):
    return Container(line, opening=opening)


def quote(line, opening="> "):
    return Container(line, quote=True, opening=opening)


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
def test_the_opening_of_a_line_is_what_its_containers_take(source, path, opening):
    assert opening_of(source, 0, path) == opening


def test_a_line_stands_in_for_all_that_it_opened():
    open_ones = [quote(2), item(2, "> - "), item(5, ">   1. ")]
    assert placeholders(open_ones, 7) == ["> - #", ">   1. #"]
    assert [(each.line, each.placeholder) for each in open_ones] == [(0, False), (0, True), (1, True)]


def test_what_opens_later_needs_no_placeholder():
    open_ones = [quote(2), item(5)]
    assert placeholders(open_ones, 5) == ["> #"]
    assert [each.placeholder for each in open_ones] == [True, False]


@pytest.mark.parametrize(
    ("number", "first", "rest"), [(-1, " • ", "   "), (1, " 1. ", "    "), (10, " 10. ", "     ")]
)
def test_gutters_of_items(number, first, rest):
    container = Container(0, number=number)
    assert gutters(container) == [first, rest]
    assert container.columns == 40 - len(first)


def test_a_quote_has_a_bar_on_every_row():
    container = quote(0)
    assert gutters(container) == ["▌ ", "▌ "]
    assert container.columns == 38


@pytest.mark.parametrize("container", [item(0), quote(0)])
def test_without_room_there_is_no_gutter(container):
    assert gutters(container, Container(0, columns=19), least=18) == ["", ""]
    assert container.columns == 19


def test_a_done_item_does_not_take_in_the_next():
    assert item(0, "  - ").done().opening == "  -    "
