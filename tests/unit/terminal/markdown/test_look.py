"""Looks: rich's theme as sequences, the themes of code, no colours."""

from __future__ import annotations

import re

import pytest
from pygments.token import STANDARD_TYPES, Token

from mira_cli.terminal.markdown.look import Look


def test_looks_are_laid_over_one_another():
    look = Look(color=True)
    assert look.of(()) == ""
    assert look.of(("strong",)) == "\x1b[1m"
    assert look.of(("block_quote", "strong", "em")) == "\x1b[1;3;35m"
    assert look.of(("no such look",)) == ""


def test_without_colour_the_rest_stays():
    look = Look(color=False, theme="monokai")
    assert look.of(("h2",)) == "\x1b[4m"
    assert look.of(("code",)) == "\x1b[1m"
    assert look.code_background() == ""


@pytest.mark.parametrize("theme", ["auto", "ansi", ""])
def test_ansi_themes_have_no_background_and_ansi_colours_only(theme):
    look = Look(color=True, theme=theme)
    assert look.code_background() == ""
    for kind in (
        Token.Keyword,
        Token.Name.Function,
        Token.Literal.String,
        Token.Comment.Single,
        Token.Literal.Number,
    ):
        assert "38;" not in look.code((), kind)
        assert look.code((), kind) != ""


def test_no_colour_of_the_usual_theme_is_hard_to_read_on_light_or_dark():
    look = Look(color=True)
    hard = {"30", "33", "37", "90", "93", "97"}  # black, yellow, white and their bright ones
    for kind in (
        Token.Keyword,
        Token.Name.Builtin,
        Token.Literal.String.Doc,
        Token.Name.Tag,
        Token.Generic.Deleted,
    ):
        assert not hard & set(look.code((), kind).removeprefix("\x1b[").removesuffix("m").split(";"))


@pytest.mark.parametrize("name", ["code", "kbd", "link", "link_url"])
def test_no_look_within_a_text_is_hard_to_read_on_light_or_dark(name):
    looks = set(Look(color=True).of((name,)).removeprefix("\x1b[").removesuffix("m").split(";"))
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
    assert look.code_background() == ""
    assert look.code((), Token.Text) == look.code((), Token.Name) == ""
    for kind in STANDARD_TYPES:
        sequence = look.code((), kind)
        assert "48;5;" not in sequence
        found = re.search(r"38;5;(\d+)", sequence)
        if found is not None and kind not in Token.Text.Whitespace:
            dark, light = sorted((luminance(found[1]), background))
            assert (light + 0.05) / (dark + 0.05) >= 3, kind


def test_a_style_of_pygments():
    look = Look(color=True, theme="monokai")
    assert "48;5;" in look.code_background()
    assert "38;5;" in look.code((), Token.Keyword)


def test_code_in_a_quote_has_the_looks_of_both():
    assert Look(color=True).code(("block_quote",), Token.Text) == "\x1b[35m"
