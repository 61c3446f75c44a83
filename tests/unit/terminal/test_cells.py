"""Widths, and what terminals disagree about."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcwidth

from mira_cli.terminal.cells import SINGLE, clusters, fit, fold, is_steady, may_join, shrunk, width


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("word", 4),
        ("Привет", 6),
        ("日本", 4),
        ("a日", 3),
        ("e\u0301", 1),
        ("😀", 2),
        ("👩\u200d🚀", 4),
        ("❤\ufe0f", 2),
        ("한국", 4),
        ("हिन्दी", 5),
        ("\u200d", 0),
    ],
)
def test_the_cells_that_a_text_takes(text, cells):
    assert width(text) == cells


def test_what_counts_as_single_is_one_cell_wide_everywhere():
    assert {wcwidth(chr(code)) for code in range(0x10000) if SINGLE.match(chr(code))} == {1}


def test_what_counts_as_steady_takes_one_or_two_cells():
    assert {wcwidth(chr(code)) for code in range(0x10000) if is_steady(chr(code)) and code > 0x7F} == {1, 2}


@pytest.mark.parametrize("text", ["😀", "e\u0301", "ไทย", "हिन्दी", "❤\ufe0f", "\u200d", "ع", "🇺🇦"])
def test_text_that_terminals_measure_differently_is_not_steady(text):
    assert not is_steady(f"word {text}")


@pytest.mark.parametrize("text", ["plain", "Привет, мир", "日本語テキスト", "한국어", "• ▌ … — «x»", "café"])
def test_text_that_all_terminals_measure_alike_is_steady(text):
    assert is_steady(text)


def test_clusters_keep_marks_and_joined_characters_together():
    assert clusters("ae\u0301👩\u200d🚀b") == [(0, 1), (1, 1), (3, 4), (6, 1)]
    assert clusters("ह\u093fन") == [(0, 2), (2, 1)]


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("", "\u0301", False),
        ("e", "\u0301", True),
        ("👩\u200d", "🚀", True),
        ("👩", "\u200d🚀", True),
        ("👍", "🏽", True),
        ("🇺", "🇦", True),
        ("x", "🇦", False),
        ("क\u094d", "ष", True),
        ("ह", "\u093f", True),
        ("क", "ष", False),
        ("ท", "ย", False),
        ("ไ", " and", False),
        ("👍", "", False),
    ],
)
def test_what_may_be_drawn_as_one(before, after, joined):
    assert may_join(before, after) is joined


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
        ("words", 4, "word"),
        ("日本語", 5, "日本"),
        ("日本語", 6, "日本語"),
        ("abc", 1, "a"),
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
