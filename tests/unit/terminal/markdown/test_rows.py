"""Wrapping: every character once and in order, no row too wide, rows that stay as the line grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from mira_cli.terminal.cells import width
from mira_cli.terminal.markdown.rows import LONGEST_WORD, as_wrapped, without_end, wrap

words = st.text(st.sampled_from("ab -.д日本、（e\u0301😀"), max_size=60)
lines = st.lists(st.tuples(words, st.sampled_from(["", "bold", "dim"])), min_size=1, max_size=4).map(
    lambda runs: Text.assemble(*runs)
)


def wrapped(text, columns, longest=LONGEST_WORD):
    return [row.plain for row in wrap(Text(text), columns, longest)]


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        ("", 10, [""]),
        ("some words", 10, ["some words"]),
        ("some words ", 10, ["some words"]),
        ("some words more", 10, ["some words", "more"]),
        ("some   words", 6, ["some", "words"]),
        ("a wordthatistoolong b", 6, ["a", "wordthatistoolong", "b"]),
        ("    indented words", 12, ["    indented", "words"]),
        ("          x y", 4, ["          x", "y"]),
        ("日本語テキスト", 6, ["日本語", "テキス", "ト"]),
        ("日本語、テキスト", 6, ["日本", "語、テ", "キスト"]),
        ("ab 日本 cd", 5, ["ab 日", "本 cd"]),
        ("ab「日本」", 5, ["ab", "「日", "本」"]),
        ("😀😀😀", 4, ["😀😀😀"]),
        ("x😀", 2, ["x😀"]),
        ("日本", 1, ["日", "本"]),
        ("ab 日本longer words", 5, ["ab 日", "本", "longer", "words"]),
        ("日本\u0301語", 2, ["日", "本\u0301", "語"]),
        ("éé éééééé", 4, ["éé", "éééééé"]),
    ],
)
def test_rows_break_between_words_and_ideographs(text, columns, rows):
    assert [row.rstrip() or row for row in wrapped(text, columns)] == [row.rstrip() for row in rows]


def test_a_word_that_is_data_is_cut_where_rows_of_the_screen_end():
    assert wrapped("x" * 25, 4, 10) == ["x" * 8, "x" * 8, "x" * 8, "x"]
    assert wrapped("ж" * 25 + " b", 4, 10) == ["ж" * 8, "ж" * 8, "ж" * 8, "ж b"]
    assert list(map(len, wrapped("x" * 4500, 80))) == [2000, 2000, 500]


@given(line=lines, columns=st.integers(2, 30))
def test_no_row_is_too_wide_and_no_character_is_lost(line, columns):
    rows = wrap(line, columns, columns)
    assert all(width(row.plain) <= max(columns, 4) for row in rows)  # a cluster of 4 cells cannot be torn
    kept = "".join(row.plain for row in rows).replace(" ", "")
    assert kept == line.plain.replace(" ", "")


@given(line=lines, columns=st.integers(2, 30))
def test_a_row_that_is_too_wide_is_one_word(line, columns):
    for row in wrap(line, columns):
        if width(row.plain) > columns:
            assert " " not in row.plain.replace(" \u0301", "").strip(" ")
            assert [part.plain for part in wrap(Text(row.plain.strip(" ")), columns)] == [
                row.plain.strip(" ")
            ]


@given(line=lines, columns=st.integers(4, 30))
def test_a_row_as_a_terminal_wraps_it(line, columns):
    rows = as_wrapped(line, columns)
    assert "".join(row.plain for row in rows) == line.plain
    assert all(width(row.plain) <= columns for row in rows)


@given(line=lines, columns=st.integers(2, 30))
def test_looks_stay_with_their_characters(line, columns):
    def styles(row):
        found = {at: str(style) for start, end, style in row.spans for at in range(start, end)}
        return [(char, found.get(at, "")) for at, char in enumerate(row.plain) if char != " "]

    assert [pair for row in wrap(line, columns) for pair in styles(row)] == styles(line)


@given(before=words, after=words, columns=st.integers(4, 30))
def test_all_rows_but_the_last_stay_when_the_line_grows(before, after, columns):
    stable = wrapped(before, columns)[:-1]
    assert wrapped(before + after, columns)[: len(stable)] == stable


@given(text=st.lists(st.text("abcdefg", min_size=1, max_size=12), min_size=1, max_size=20).map(" ".join))
def test_ordinary_text_is_wrapped_as_rich_does(text):
    rich = [line.plain.rstrip() for line in Text(text).wrap(Console(width=12), 12)]
    assert wrapped(text, 12) == rich


def test_spaces_at_the_end_of_a_row_are_left_out():
    row = Text("a ")
    assert without_end(row).plain == "a"
    assert row.plain == "a "
    assert without_end(Text.assemble("a", (" ", "bold"))).plain == "a"
    assert without_end(Text("\u00a0")).plain == "\u00a0"
