"""Widths, and what terminals disagree about."""

import pytest
from wcwidth import wcwidth

from mira_cli.terminal.cells import SINGLE, clusters, is_steady, may_join, width


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
def test_width(text, cells):
    assert width(text) == cells


def test_what_counts_as_single_is_one_cell_wide_everywhere():
    assert {wcwidth(chr(code)) for code in range(0x10000) if SINGLE.match(chr(code))} == {1}


def test_what_counts_as_steady_takes_one_or_two_cells():
    assert {wcwidth(chr(code)) for code in range(0x10000) if is_steady(chr(code)) and code > 0x7F} == {1, 2}


@pytest.mark.parametrize("text", ["😀", "e\u0301", "ไทย", "हिन्दी", "❤\ufe0f", "\u200d", "ع", "🇺🇦"])
def test_disputed(text):
    assert not is_steady(f"word {text}")


@pytest.mark.parametrize("text", ["plain", "Привет, мир", "日本語テキスト", "한국어", "• ▌ … — «x»", "café"])
def test_undisputed(text):
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
