"""What a model thinks aloud, on standard error."""

from __future__ import annotations

from io import BytesIO

import pytest

from mira_cli.terminal.reasoning import ReasoningView
from rig.streams import buffered


def shown(*pieces, columns=20, **facts):
    stderr = BytesIO()
    streams = buffered(
        None, BytesIO(), stderr, env={"TERM": "xterm"}, err_size=lambda: (columns, 24), **facts
    )
    if facts.get("err_tty"):
        streams.configure(when=facts.pop("when", "never"))
    view = ReasoningView(streams)
    for piece in pieces:
        view.feed(piece)
    view.end()
    return stderr.getvalue().decode()


@pytest.mark.parametrize("size", [1, 3, 100])
def test_into_a_file_it_is_the_text_itself(size):
    text = "First I look.\n\nThen I see a long line that nobody folds."
    assert shown(*(text[at : at + size] for at in range(0, len(text), size))) == f"{text}\n"


@pytest.mark.parametrize("size", [1, 3, 100])
def test_on_a_terminal_it_is_folded_between_words_however_it_is_split(size):
    text = "\n\nIs it seven, or is it eleven?\nElevenseleventwelvethirteenfourteen it is."
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    found = shown(*pieces, err_tty=True)
    rows = found.split("\n")
    assert rows[0].startswith("Reasoning: ")
    assert " ".join(found.removeprefix("Reasoning: ").split()) == " ".join(text.split())
    assert all(len(row) <= 20 or " " not in row for row in rows)


@pytest.mark.parametrize("facts", [{}, {"err_tty": True}])
def test_a_key_is_masked_however_it_is_split(facts):
    text = "It is sk-mira-0123456789abcdef0123456789abcdef01234567, or %73k-mira-0123456789abcdef."
    for size in (1, 7, 20):
        found = shown(*(text[at : at + size] for at in range(0, len(text), size)), columns=80, **facts)
        assert "9abcdef" not in found
        assert found.count("…") == 2


def test_it_is_dim_where_there_are_colours():
    stderr = BytesIO()
    streams = buffered(
        None, BytesIO(), stderr, env={"TERM": "xterm"}, err_tty=True, err_size=lambda: (40, 24)
    )
    view = ReasoningView(streams)
    view.feed("Hm. \x1b[31mred")
    view.end()
    text = stderr.getvalue().decode()
    assert text == "\x1b[2mHm.\x1b[0m\x1b[2m ^[[31mred\x1b[0m\n"


def test_nothing_shows_nothing():
    assert shown("", "\n", " ") == ""
