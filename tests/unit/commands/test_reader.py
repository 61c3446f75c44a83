"""The quick reader and Typer read every call alike, or the quick one leaves it to Typer."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.core import TyperOption

from mira_cli.commands import by_typer, reader
from mira_cli.commands.call import Surroundings
from mira_cli.commands.tree import COMMANDS
from mira_cli.errors import UsageError
from mira_cli.terminal.streams import Streams

READ_BY_BOTH = [command for command in COMMANDS if command.path != ("help",)]
WORDS = st.one_of(
    st.sampled_from(
        ["hi", "-", "--", "-5", "a b", "", "=", "--=", "-x=1", "key", "bash", "x.jsonl", "--json"]
    ),
    st.text("ab -=", max_size=5),
)


def flag_words(command):
    """One flag of the command as it may be typed, with or without a value."""
    shapes = []
    for flag in command.flags:
        for spelling in flag.spellings:
            if flag.kind == "switch":
                shapes.append(st.just([spelling]))
            else:
                shapes.append(WORDS.map(lambda word, name=spelling: [name, word]))
                if spelling.startswith("--"):
                    shapes.append(WORDS.map(lambda word, name=spelling: [f"{name}={word}"]))
    return st.one_of(WORDS.map(lambda word: [word]), *shapes)


def by_typer_only(argv):
    calls = []
    around = Surroundings(Streams(None, BytesIO(), BytesIO()), {})

    def run(call, _around):
        calls.append(call)
        return 0

    by_typer.perform(argv, around, run)
    return calls[0]


@st.composite
def argvs(draw):
    command = draw(st.sampled_from(READ_BY_BOTH))
    parts = draw(st.lists(flag_words(command), max_size=5))
    return [*command.path, *(word for part in parts for word in part)]


@settings(max_examples=400, deadline=None)
@given(argvs())
def test_both_read_alike(argv):
    quick = reader.read(argv)
    if quick is None:
        return
    typed = by_typer_only(argv)
    assert typed.command.path == quick.command.path
    assert dict(typed.flags) == dict(quick.flags)
    assert {name: words for name, words in typed.words.items() if words} == {
        name: words for name, words in quick.words.items() if words
    }


@pytest.mark.parametrize(
    "argv",
    [
        ["ask", "hi", "there"],
        ["ask", "-m", "mira-pro", "--stop", "a", "--stop=b", "-x", "hi"],
        ["ask", "--", "-5 + 3"],
        ["config", "get", "model"],
        ["simulate", "--fail", "429:2", "--", "sh", "-c", "x"],
        ["simulate", "sh", "-c", "x"],
    ],
)
def test_the_usual_shapes_need_no_typer(argv):
    assert reader.read(argv) is not None


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["aks"],
        ["ask", "--help"],
        ["ask", "-m"],
        ["ask", "-qv"],
        ["config"],
        ["config", "get"],
        ["help", "ask"],
    ],
)
def test_the_rest_is_left_to_typer(argv):
    assert reader.read(argv) is None


def test_typer_still_has_the_attribute_that_keeps_pydantic_out():
    # typer_app.PlainCommand leans on it; without it all works, only slower and with pydantic's words.
    assert "_runtime_param" in TyperOption.__init__.__code__.co_names


@pytest.mark.parametrize("argv", [["ask", "--nonsense"], ["config", "get"], ["batch"], ["nonsense"]])
def test_what_typer_refuses_is_a_usage_error(argv):
    with pytest.raises(UsageError):
        by_typer_only(argv)
