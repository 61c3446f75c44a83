"""Escape sequences leave piped text; everything else stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.terminal.reading import strip_escapes


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[38:2::255:0:0mcolons\x1b[m", "colons"),
        ("\x1b[?25l\x1b[2J\x1b[1;1Hx\x1b[?2026h", "x"),
        ("\x1b[4 qx", "x"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;https://a.b/\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never closed", ""),
        ("\x1b]0;never closed\nnext line", "\nnext line"),
        ("\x1b]0;never closed\x1b[1mx", "x"),
        ("\x1bPq#0;2\n#1~~\x1b\\x", "x"),
        ("\x1bPnever closed\nnext", "\nnext"),
        ("\x1b_Gf=100;AAAA\x1b\\x\x1b^pm\x1b\\y\x1bXsos\x1b\\z", "xyz"),
        ("\x1b(Bx\x1b)0\x1b=y\x1b>z\x1b7\x1b8\x1bM", "xyz"),
        ("\x1b#8x", "x"),
        ("end\x1b", "end"),
        ("end\x1b[31", "end"),
        ("a\x1b\nb", "a\nb"),
        ("a\x1b[31é", "aé"),
        ("\x1b\x1b[31m[32m", "[32m"),
        ("\x9b31mx\x9b0m", "x"),
        ("Ð\x9bÐ¾ Ð\x9b word â€\x9dquotedâ€\x9d", "Ð\x9bÐ¾ Ð\x9b word â€\x9dquotedâ€\x9d"),
        ("plain\r\n\ttext\x07\x08\u200b\ufeff [31m ]0;", "plain\r\n\ttext\x07\x08\u200b\ufeff [31m ]0;"),
    ],
)
def test_sequences(text, left):
    assert strip_escapes(text) == left


@given(
    st.text(
        st.one_of(st.sampled_from("\x1b\x1b\x1b[]PX^_\\;0m\x07\n \x9b\x9c("), st.characters()), max_size=50
    )
)
@settings(max_examples=400, deadline=None)
def test_no_escape_is_left_and_no_text_is_invented(text):
    left = strip_escapes(text)
    assert "\x1b" not in left
    rest = iter(text)
    assert all(char in rest for char in left)
    assert left == text or "\x1b" in text or "\x9b" in text


@pytest.mark.parametrize(
    "unit", ["\x1b[", "\x1b]", "\x1bP", "\x1b[0", "\x1b]\x1bP", "\x1b", "\x1b( ", "\x9b"]
)
def test_much_of_the_same_is_no_trouble(unit):
    """A pass that were not linear would take hours here, and meet the time limit of all tests."""
    left = strip_escapes(unit * 500_000 + "\n.")
    assert left.endswith(".")
    assert "\x1b" not in left
