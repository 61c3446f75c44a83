"""The rest of a cut reply joined to it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mira_cli.conversation.history import join


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("", "all of it", "all of it"),
        ("one two", "", "one two"),
        ("one two", " three", "one two three"),
        ("one two three fo", "three four five", "one two three four five"),
        ("Hello wor", "world!", "Hello world!"),
        ("I saw a", "a cat", "I saw a cat"),
        ("I like ban", "ana", "I like banana"),
        ("I like the", "end", "I like theend"),
        ("abcdef", "defghi", "abcdefghi"),
        ("first\n", "\nsecond", "first\n\nsecond"),
        ("Раз, два, тр", "два, три", "Раз, два, три"),
        (
            "A whole reply that was cut of",
            "A whole reply that was cut off here.",
            "A whole reply that was cut off here.",
        ),
        ("x a line of code\n" * 3 + "x a line", "x a line of code\nend", "x a line of code\n" * 4 + "end"),
    ],
)
def test_joins(before, after, joined):
    assert join(before, after) == joined


def test_the_longest_repetition_counts():
    line = "the same line of text\n"
    assert join("start\n" + line * 3, line * 3 + "end") == "start\n" + line * 3 + "end"


@given(st.text("ab \n", max_size=80), st.text("ab \n", max_size=40))
@settings(max_examples=300, deadline=None)
def test_nothing_that_came_is_lost(before, after):
    joined = join(before, after)
    assert joined.startswith(before)
    assert joined.endswith(after)


@given(st.text(min_size=1, max_size=80), st.integers(0, 80), st.integers(0, 80))
@settings(max_examples=300, deadline=None)
def test_a_repeated_end_of_some_length_is_written_once(text, cut, back):
    text = " ".join(f"{index}{char}" for index, char in enumerate(text))
    cut = min(cut, len(text))
    start = text.rfind(" ", 0, max(0, cut - back)) + 1
    assume(cut - start >= 3)
    assert join(text[:cut], text[start:]) == text


def test_a_megabyte_of_one_letter_is_no_trap():
    before = "a" * 500_000 + "b"
    assert join(before, "a" * 500_000) == before + "a" * 500_000
