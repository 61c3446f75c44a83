"""Styles: names laid over one another, the themes of code, no colours."""

from __future__ import annotations

import re

import pytest
from pygments.token import STANDARD_TYPES, Token
from rich.text import Text

from mira_cli.terminal.markdown.look import Look
from mira_cli.terminal.markdown.painter import to_ansi


def escape(style):
    """The sequence by which a style is drawn."""
    return to_ansi(Text().append("x", style)).partition("x")[0]


def test_looks_are_laid_over_one_another():
    look = Look(color=True)
    assert escape(look.of(())) == ""
    assert escape(look.of(("strong",))) == "\x1b[1m"
    assert escape(look.of(("h3", "strong", "em"))) == "\x1b[1;2;3m"
    assert escape(look.of(("no such style",))) == ""


def test_without_colour_the_rest_stays():
    look = Look(color=False, theme="monokai")
    assert escape(look.of(("h1",))) == "\x1b[1;4m"
    assert escape(look.of(("code",))) == "\x1b[1m"
    assert escape(look.code((), Token.Keyword)) == ""


@pytest.mark.parametrize(("tag", "sequence"), [("h1", "1;4"), ("h2", "1"), ("h3", "1;2"), ("h6", "1;2")])
@pytest.mark.parametrize("color", [True, False])
def test_headings_are_told_apart(tag, sequence, color):
    assert escape(Look(color=color).of((tag,))) == f"\x1b[{sequence}m"


@pytest.mark.parametrize("theme", ["auto", "ansi", ""])
def test_ansi_themes_have_no_background_and_ansi_colours_only(theme):
    look = Look(color=True, theme=theme)
    for kind in (
        Token.Keyword,
        Token.Name.Function,
        Token.Literal.String,
        Token.Comment.Single,
        Token.Literal.Number,
    ):
        assert "38;" not in escape(look.code((), kind))
        assert escape(look.code((), kind)) != ""


def test_no_colour_of_the_usual_theme_is_hard_to_read_on_light_or_dark():
    look = Look(color=True)
    hard = {"30", "33", "34", "37"}  # black, yellow, blue, white
    for kind in STANDARD_TYPES:
        numbers = set(escape(look.code((), kind)).removeprefix("\x1b[").removesuffix("m").split(";"))
        assert not hard & numbers
        assert not any(number.startswith(("4", "9", "10")) for number in numbers - {"4"})


@pytest.mark.parametrize("name", ["code", "kbd", "link", "link_url"])
def test_no_look_within_a_text_is_hard_to_read_on_light_or_dark(name):
    looks = set(escape(Look(color=True).of((name,))).removeprefix("\x1b[").removesuffix("m").split(";"))
    assert not looks & {"30", "33", "34", "37", "90", "93", "97"}
    assert not looks >= {"1", "36"}  # bright on some terminals
    assert not any(part.startswith("4") for part in looks - {"4"})


def luminance(code):
    """Relative luminance, as in WCAG 2.2, of a colour among the 256 of xterm."""
    number = int(code)
    cube = divmod(number - 16, 36)
    steps = (cube[0], *divmod(cube[1], 6)) if number < 232 else ()
    values = [step and 55 + 40 * step for step in steps] or [8 + 10 * (number - 232)] * 3
    linear = [(v / 255 / 12.92 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4) for v in values]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("theme", "background"), [("light", 1.0), ("dark", 0.0)])
def test_the_themes_for_a_background_are_readable_on_it_and_bring_none(theme, background):
    look = Look(color=True, theme=theme)
    assert escape(look.code((), Token.Text)) == escape(look.code((), Token.Name)) == ""
    for kind in STANDARD_TYPES:
        sequence = escape(look.code((), kind))
        assert "48;5;" not in sequence
        found = re.search(r"38;5;(\d+)", sequence)
        if found is not None and kind not in Token.Text.Whitespace:
            dark, light = sorted((luminance(found[1]), background))
            assert (light + 0.05) / (dark + 0.05) >= 3, kind


def test_a_style_of_pygments_is_drawn_without_its_background():
    sequence = escape(Look(color=True, theme="monokai").code((), Token.Keyword))
    assert "38;5;" in sequence
    assert "48;5;" not in sequence


def test_code_in_a_quote_has_the_styles_of_both():
    look = Look(color=True)
    assert escape(look.code(("block_quote",), Token.Keyword)) == "\x1b[3;35m"
