"""Wrapping: every character once and in order, no row too wide, rows that stay as the line grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from mira_cli.terminal.markdown.rows import merged, paint, row_text, row_width, without_end, wrap

words = st.text(st.sampled_from("ab -.д日本、（e\u0301😀"), max_size=60)
lines = st.lists(st.tuples(words, st.sampled_from(["", "\x1b[1m", "\x1b[2m"])), min_size=1, max_size=4)


def wrapped(text, columns):
    return [row_text(row) for row in wrap([(text, "")], columns)]


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        ("", 10, [""]),
        ("some words", 10, ["some words"]),
        ("some words ", 10, ["some words"]),
        ("some words more", 10, ["some words", "more"]),
        ("some   words", 6, ["some", "words"]),
        ("a wordthatistoolong b", 6, ["a", "wordth", "atisto", "olong", "b"]),
        ("    indented words", 12, ["    indented", "words"]),
        ("          x", 4, ["    ", "    ", "  x"]),
        ("日本語テキスト", 6, ["日本語", "テキス", "ト"]),
        ("日本語、テキスト", 6, ["日本", "語、テ", "キスト"]),
        ("ab 日本 cd", 5, ["ab 日", "本 cd"]),
        ("ab「日本」", 5, ["ab", "「日", "本」"]),
        ("😀😀😀", 4, ["😀😀", "😀"]),
        ("x😀", 2, ["x", "😀"]),
        ("日本", 1, ["日", "本"]),
    ],
)
def test_wrap(text, columns, rows):
    assert [row.rstrip() or row for row in wrapped(text, columns)] == [row.rstrip() for row in rows]


@given(line=lines, columns=st.integers(2, 30))
def test_no_row_is_too_wide_and_no_character_is_lost(line, columns):
    rows = wrap(line, columns)
    assert all(row_width(row) <= max(columns, 4) for row in rows)  # a cluster of 4 cells cannot be torn
    kept = "".join(row_text(row) for row in rows).replace(" ", "")
    assert kept == "".join(text for text, _ in line).replace(" ", "")


@given(line=lines, columns=st.integers(2, 30))
def test_looks_stay_with_their_characters(line, columns):
    def looks(runs):
        return [(char, look) for text, look in runs for char in text if char != " "]

    assert looks(run for row in wrap(line, columns) for run in row) == looks(line)


@given(before=words, after=words, columns=st.integers(4, 30))
def test_all_rows_but_the_last_stay_when_the_line_grows(before, after, columns):
    stable = wrapped(before, columns)[:-1]
    assert wrapped(before + after, columns)[: len(stable)] == stable


@given(text=st.lists(st.text("abcdefg", min_size=1, max_size=12), min_size=1, max_size=20).map(" ".join))
def test_ordinary_text_is_wrapped_as_rich_does(text):
    rich = [line.plain.rstrip() for line in Text(text).wrap(Console(width=12), 12)]
    assert wrapped(text, 12) == rich


def test_paint_resets_each_look():
    assert paint((("a", ""), ("b", "\x1b[1m"), ("c", ""))) == "a\x1b[1mb\x1b[0mc"


def test_merged_joins_neighbours_and_drops_nothing():
    assert merged([("a", "x"), ("", "y"), ("b", "x"), ("c", "")]) == (("ab", "x"), ("c", ""))
    assert merged([]) == ()


def test_without_end():
    assert without_end((("a ", ""),)) == (("a", ""),)
    assert without_end((("a", ""), ("  ", ""))) == (("a", ""),)
    assert without_end((("a ", "x"),)) == (("a ", "x"),)
    assert without_end((("a ", "x"),), all_looks=True) == (("a", "x"),)
