"""The table of what may reach a terminal, code point by code point, and the rules that hold for any text."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.terminal.sanitize import Sanitizer, clean, clean_line, clean_paste

FLAG = "\U0001f3f4"
END = "\U000e007f"
SCOTLAND = FLAG + "".join(chr(0xE0000 + ord(c)) for c in "gbsct") + END

INVISIBLE = {
    *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x200B, 0x200E, 0x200F, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x180B, 0x1810),
    *range(0x2060, 0x2066),
    *range(0x206A, 0x2070),
    *range(0xFFF0, 0xFFFC),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE0080),
    *range(0xE0100, 0xE01F0),
    *range(0xFE00, 0xFE10),
}
BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}


def expected(code: int) -> str:
    """What the table says of a character that stands after a space."""
    char = chr(code)
    if char in "\r\u2028\u2029":
        return "\n"
    if code < 0x20 or code == 0x7F:
        return char if char in "\t\n" else "^" + chr((code + 64) % 128)
    if 0x80 <= code <= 0x9F or code in BIDI:
        return f"<U+{code:04X}>"
    if 0xD800 <= code <= 0xDFFF or 0xFDD0 <= code <= 0xFDEF or code % 0x10000 in {0xFFFE, 0xFFFF}:
        return "\ufffd"
    return "" if code in INVISIBLE else char


def test_every_code_point_of_unicode():
    wrong = []
    for code in range(0x110000):
        sanitizer = Sanitizer()
        shown = sanitizer.feed(" " + chr(code))
        sanitizer.finish()
        want = expected(code)
        if (shown, sanitizer.dropped) != (" " + want, int(want == "")):
            wrong.append((hex(code), shown, sanitizer.dropped))
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x00\x1b\x1f\x7f", "^@^[^_^?"),
        ("\x1b]0;title\x07after", "^[]0;title^Gafter"),
        ("\x1b[2J", "^[[2J"),
        ("\x9b31m", "<U+009B>31m"),
        ("\x85", "<U+0085>"),
        ("a\r\nb\rc\u2028d\u2029e\n\rf", "a\nb\nc\nd\ne\n\nf"),
        ("\r\r\n\n", "\n\n\n"),
        ("abc\u202edef", "abc<U+202E>def"),
        ("\ud83d!", "\ufffd!"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_what_acts_on_a_terminal_is_replaced_visibly(text, shown):
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("text", "shown", "dropped"),
    [
        ("❤\ufe0f", "❤\ufe0f", 0),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3", 0),
        ("👍🏽\ufe0f", "👍🏽\ufe0f", 0),
        ("❤\ufe0f\ufe0f", "❤\ufe0f", 1),
        ("❤\ufe0e\ufe0f", "❤\ufe0e", 1),
        ("\ufe0f", "", 1),
        (" \ufe0f", " ", 1),
        ("\u3000\ufe0f", "\u3000", 1),
        ("\n\ufe0f", "\n", 1),
        ("\u200d\ufe0f", "\u200d", 1),
        ("a\u200b\ufe0f", "a", 2),
        ("\uffff\ufe0f", "\ufffd", 1),
        ("\U0002ffff\ufe0f", "\ufffd", 1),
        ("葛\U000e0100", "葛\U000e0100", 0),
        ("𠮟\U000e0101", "𠮟\U000e0101", 0),
        ("葛\U000e0100\U000e0101", "葛\U000e0100", 1),
        ("葛\ufe00\U000e0100", "葛\ufe00", 1),
        ("葛\U000e0100\ufe00", "葛\U000e0100", 1),
        ("か\U000e0100", "か", 1),
        ("a\U000e0100", "a", 1),
        ("葛 \U000e0100", "葛 ", 1),
        ("葛\u200b\U000e0100", "葛", 2),
        (SCOTLAND, SCOTLAND, 0),
        (SCOTLAND + SCOTLAND + "!", SCOTLAND + SCOTLAND + "!", 0),
        (SCOTLAND[1:], "", 6),
        (SCOTLAND[:-1], FLAG, 5),
        (SCOTLAND[:-1] + "x", FLAG + "x", 5),
        (FLAG + END, FLAG, 1),
        (FLAG + "\U000e0067" * 6 + END, FLAG + "\U000e0067" * 6 + END, 0),
        (FLAG + "\U000e0067" * 7 + END, FLAG, 8),
        (FLAG + "\U000e0067\U000e0020" + END, FLAG, 3),
        (FLAG + "\U000e0047" + END, FLAG, 2),
        (SCOTLAND + END, SCOTLAND, 1),
        (FLAG + "\u200b" + SCOTLAND[1:], FLAG, 7),
        ("hidden" + "".join(chr(0xE0000 + ord(c)) for c in "rm -rf"), "hidden", 6),
    ],
)
def test_what_cannot_be_seen(text, shown, dropped):
    sanitizer = Sanitizer()
    assert sanitizer.feed(text) == shown
    sanitizer.finish()
    assert sanitizer.dropped == dropped


def test_text_is_shown_at_once_but_for_an_open_flag():
    sanitizer = Sanitizer()
    assert [sanitizer.feed(piece) for piece in ("a\r", "\nb", FLAG, SCOTLAND[1:4], SCOTLAND[4:] + "c")] == [
        "a\n",
        "b",
        FLAG,
        "",
        SCOTLAND[1:] + "c",
    ]
    assert sanitizer.dropped == 0


def test_one_sanitizer_serves_one_text_after_the_other():
    sanitizer = Sanitizer()
    first = sanitizer.feed("a\r")
    sanitizer.finish()
    assert first + sanitizer.feed("\nb") == "a\n\nb"


NASTY = st.text(
    st.one_of(
        st.sampled_from(
            [
                *"\r\n\t \x1b\x07\x9b葛か❤a1\ufe0f\ufe0e\u200d\u200b\u202e\ufeff\ud83d\ude00\U000e0100",
                FLAG,
                END,
            ]
        ),
        st.sampled_from("\U000e0067\U000e0062\U000e0031\U000e0041\U000e0001"),
        st.characters(),
        st.characters(categories=["Cf", "Cc", "Cs", "Mn"]),
    ),
    max_size=40,
)


@given(NASTY)
@settings(max_examples=400, deadline=None)
def test_cleaning_twice_changes_nothing(text):
    once = clean(text)
    assert clean(once) == once


@given(NASTY, st.lists(st.integers(0, 40), max_size=8))
@settings(max_examples=400, deadline=None)
def test_any_split_gives_the_same(text, cuts):
    whole, pieces = Sanitizer(), Sanitizer()
    places = [0, *sorted(cuts), len(text)]
    assert "".join(pieces.feed(text[a:b]) for a, b in pairwise(places)) == whole.feed(text)
    pieces.finish()
    whole.finish()
    assert pieces.dropped == whole.dropped


@given(NASTY)
@settings(max_examples=400, deadline=None)
def test_nothing_that_acts_comes_through(text):
    shown = clean(text)
    assert all(char in "\t\n" for char in shown if unicodedata.category(char) in {"Cc", "Cs"})
    assert not any(ord(char) in BIDI for char in shown)
    shown.encode()


@given(NASTY)
@settings(max_examples=200, deadline=None)
def test_a_line_is_one_line(text):
    line = clean_line(text, 20)
    assert "\n" not in line
    assert "\t" not in line
    assert len(line) <= 20


def test_a_line_from_outside_is_cut():
    assert clean_line("  a\r\n\tb\x1b[0m ") == "a b^[[0m"
    assert clean_line("x" * 5000, 10) == "x" * 9 + "…"
    assert clean_line("x" * 10, 10) == "x" * 10


@pytest.mark.parametrize(
    ("text", "kept", "removed"),
    [
        ("a\tb\nc", "a\tb\nc", 0),
        ("a\r\nb\rc", "a\nb\nc", 0),
        ("a\x1b[31mb\x07", "a[31mb", 2),
        ("a\u202eb\u2066\x9bc", "abc", 3),
        ("a" + "".join(chr(0xE0000 + ord(c)) for c in "obey") + "\U000e0100", "a", 5),
        ("zero\u200bwidth", "zerowidth", 1),
        ("👩\u200d👧 ❤\ufe0f " + SCOTLAND, "👩\u200d👧 ❤\ufe0f " + SCOTLAND, 0),
        (FLAG + "\U000e0067", FLAG, 1),
    ],
)
def test_a_paste_loses_controls_and_invisible_characters(text, kept, removed):
    assert clean_paste(text) == (kept, removed)
