"""Lines on a narrow terminal: broken between words, nothing lost."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.terminal.cells import width
from mira_cli.terminal.folding import folded


def test_a_line_is_broken_between_words():
    assert folded("The partial reply stays in the chat.", 20) == "The partial reply\nstays in the chat."
    assert folded("Привет 你好世界 друг", 11) == "Привет\n你好世界\nдруг"


def test_each_line_of_a_text_is_broken():
    assert folded("a name\n  what it does", 8) == "a name\n  what\nit does"


def test_a_word_that_is_too_long_stays_whole():
    assert folded("see https://platform.vmira.ai for it", 10) == "see\nhttps://platform.vmira.ai\nfor it"


def test_a_usual_terminal_gets_lines_whole():
    assert folded("word " * 100, 80) == "word " * 100


@settings(max_examples=200, deadline=None)
@given(st.text("ab яж世 ", max_size=120), st.integers(1, 79))
def test_nothing_is_lost_and_no_row_is_too_wide_that_could_be_broken(line, columns):
    rows = folded(line, columns).split("\n")
    assert " ".join(rows) == line
    assert all(width(row) <= columns or " " not in row for row in rows)
    assert all(width(f"{row} {below.split(' ')[0]}") > columns for row, below in pairwise(rows))
