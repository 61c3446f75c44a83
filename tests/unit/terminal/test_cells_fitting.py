"""Text that fits: broken between words, cut, columns made narrower."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.terminal.cells import fit, fold, shrunk, width


def test_a_line_is_broken_between_words():
    assert fold("The partial reply stays in the chat.", 20) == "The partial reply\nstays in the chat."
    assert fold("Привет 你好世界 друг", 11) == "Привет\n你好世界\nдруг"


def test_each_line_of_a_text_is_broken():
    assert fold("a name\n  what it does", 8) == "a name\n  what\n  it\n  does"


def test_a_word_that_is_too_long_stays_whole():
    assert fold("see https://platform.vmira.ai for it", 10) == "see\nhttps://platform.vmira.ai\nfor it"


def test_a_line_is_broken_at_any_width():
    assert fold("word " * 40, 100) == "\n".join([" ".join(["word"] * 20)] * 2) + " "


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("words", 5, "words"),
        ("words", 4, "wor…"),
        ("日本語", 5, "日本…"),
        ("日本語", 6, "日本語"),
        ("abc", 1, "…"),
    ],
)
def test_what_does_not_fit_is_cut(text, columns, shown):
    assert fit(text, columns) == shown


@pytest.mark.parametrize(
    ("widths", "room", "narrower"),
    [([3, 5], 10, [3, 5]), ([3, 50], 20, [3, 17]), ([0, 9, 9], 13, [1, 6, 6]), ([5, 5, 5], 6, [0, 0, 0])],
)
def test_the_widest_columns_are_made_narrower(widths, room, narrower):
    assert shrunk(widths, room) == narrower


@settings(max_examples=200, deadline=None)
@given(st.text("ab яж世 ", max_size=120), st.integers(1, 200))
def test_nothing_is_lost_and_no_row_is_too_wide_that_could_be_broken(line, columns):
    line = line.lstrip(" ")
    rows = fold(line, columns).split("\n")
    assert " ".join(rows) == line
    assert all(width(row) <= columns or " " not in row for row in rows)
    assert all(width(f"{row} {below.split(' ')[0]}") > columns for row, below in pairwise(rows))
