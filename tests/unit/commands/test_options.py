"""How the values of options reach a command: settings by name, numbers checked, words as UTF-8."""

from __future__ import annotations

import inspect
import sys

import pytest
from typer.core import TyperOption

from mira_cli.commands import layout
from mira_cli.commands.ask import ask
from mira_cli.commands.batch import batch
from mira_cli.commands.chat import chat
from mira_cli.commands.options import value_of
from mira_cli.errors import UsageError
from mira_cli.settings.parse import number, whole
from mira_cli.settings.table import SETTINGS

ARGS = (
    "ask",
    "-m",
    "mira-pro",
    "--stop",
    "a",
    "--stop=b",
    "-t",
    "0.5",
    "-qn",
    "--max-tokens",
    "7",
    "--",
    "-5",
    "+ 3",
)


def test_a_number_is_taken_as_its_type():
    assert value_of("--jobs", "3", whole(1, 3)) == 3
    assert value_of("--jobs", None, whole(1, 3)) is None
    assert value_of("--delay", "0.5", number(0, 9)) == 0.5
    assert value_of("--delay", None, number(0, 9)) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("4", "--per-minute: 4 is out of range 1 to 3."),
        ("x", "--per-minute must be a whole number, 1 to 3, not x."),
        ("", "--per-minute must be a whole number, 1 to 3, not empty."),
    ],
)
def test_a_refused_whole_number(text, says):
    with pytest.raises(UsageError) as caught:
        value_of("--per-minute", text, whole(1, 3))
    assert caught.value.message == says


@pytest.mark.parametrize(
    ("text", "says"),
    [("-1", "--delay: -1 is out of range 0 to 9."), ("nan", "--delay: nan is out of range 0 to 9.")],
)
def test_a_refused_number(text, says):
    with pytest.raises(UsageError) as caught:
        value_of("--delay", text, number(0, 9))
    assert caught.value.message == says


def test_every_setting_with_a_flag_is_an_option_of_ask_and_how_to_answer_of_all_three():
    names = {row.flags[-1].removeprefix("--").replace("-", "_") for row in SETTINGS if row.flags}
    assert names <= set(inspect.signature(ask).parameters)
    assert names <= set(inspect.signature(chat).parameters)
    how = {"model", "system", "temperature", "top_p", "max_tokens", "stop"}
    assert how <= set(inspect.signature(batch).parameters)


def test_values_reach_the_request(mira):
    got = mira(*ARGS)
    assert got.code == 0
    for part in ('"model":"mira-pro"', '"stop":["a","b"]', '"temperature":0.5', '"max_tokens":7', '"-5 + 3"'):
        assert part in got.out.replace(": ", ":").replace(", ", ",")


def test_a_typer_that_asks_for_no_converter_is_only_slower(mira, monkeypatch):
    calls = (ARGS, ("config", "set", "temperature", "-1"), ("ask",), ("--help",), ("ask", "-V"))
    fast = [mira(*args) for args in calls]
    monkeypatch.setattr(layout, "_AS_TYPED", None)  # a call of it would fail
    monkeypatch.setattr("mira_cli.commands.layout.keep_text", lambda params: params)
    assert [mira(*args) for args in calls] == fast
    assert "pydantic" in sys.modules


def test_this_typer_asks_for_a_converter():
    # Without it keep_text() has no effect, and a call takes some 140 ms longer.
    assert callable(getattr(TyperOption, "get_runtime_param", None))


@pytest.mark.parametrize(
    "value", ["-h is help", "-short answers, please", "--help me", "-", "-x=1", "--json"]
)
def test_a_value_to_set_may_start_with_a_dash(mira, value):
    assert mira("config", "set", "system", value).code == 0
    assert mira("config", "get", "system").out == f"{value}\n"
    assert mira("config", "set", "system", "--", "-again").code == 0
    assert mira("config", "get", "system").out == "-again\n"


@pytest.mark.parametrize("args", [("-h",), ("--help",), ("system", "-h"), ("system", "--help")])
def test_help_of_config_set_is_still_there(mira, args):
    assert mira("config", "set", *args).out.startswith("Usage: mira config set ")
