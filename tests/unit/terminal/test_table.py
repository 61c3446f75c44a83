"""Rows in columns that line up, whatever the text is."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from mira_cli.terminal.table import aligned


def test_columns_line_up():
    assert aligned([("a", "long", "x"), ("bcd", "", "y")], 80) == "a    long  x\nbcd        y\n"


def test_no_rows():
    assert aligned([], 80) == ""


def test_wide_characters_count_double():
    assert aligned([("漢字", "x"), ("abc", "y")], 80) == "漢字  x\nabc   y\n"


def test_the_widest_column_is_cut():
    assert aligned([("name", "v" * 50, "src")], 30) == "name  " + "v" * 18 + "…  src\n"


def test_what_is_too_narrow_is_not_made_narrower_than_can_be_read():
    assert aligned([("name", "v" * 50, "src")], 3) == "name  vvvvvvv…  src\n"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.text("abc", max_size=9), st.text(max_size=60)), min_size=1, max_size=4),
    st.integers(20, 60),
)
def test_a_line_a_row_and_none_wider_than_the_terminal(rows, width):
    table = aligned(rows, width)
    lines = table.split("\n")
    assert len(lines) == len(rows) + 1
    assert "Cc" not in {unicodedata.category(character) for line in lines for character in line}
    assert all(wcswidth(line) <= width for line in lines)
