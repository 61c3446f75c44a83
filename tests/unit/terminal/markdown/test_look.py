"""Looks: rich's theme as sequences, the themes of code, no colours."""

from __future__ import annotations

import pytest
from pygments.token import Token

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
    assert look.code_background() == ""


@pytest.mark.parametrize("theme", ["auto", "ansi", "light", "dark", ""])
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


def test_a_style_of_pygments():
    look = Look(color=True, theme="monokai")
    assert "48;5;" in look.code_background()
    assert "38;5;" in look.code((), Token.Keyword)


def test_code_in_a_quote_has_the_looks_of_both():
    assert Look(color=True).code(("block_quote",), Token.Text) == "\x1b[35m"
