"""A command line that is wrong: what is said, and the exit code 2."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("ask", "x", "--model"), "See: mira ask --help"),
        (("ask", "--json=1", "x"), "See: mira ask --help"),
        (("config", "list", "--json=1"), "See: mira config list --help"),
        (("ask", *("--stop=a", "--stop=b", "--stop=c", "--stop=d", "--stop=e"), "x"), "4 texts, not 5."),
    ],
)
def test_a_wrong_call_is_answered_in_its_own_terms(mira, argv, says):
    got = mira(*argv)
    assert got.code == 2
    assert says in got.err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["ask"], "No question. Usage: mira ask "),
        (["ask", "-t", "9", "x"], "9 is out of range 0 to 2."),
        (["ask", "--max-tokens", "0", "x"], "out of range"),
        (["ask", "--modle", "x", "y"], "Did you mean --model?"),
        (["ask", "-5 + 3"], "mira ask -- '-5 + 3'"),
        (["-5 + 3"], "mira ask -- '-5 + 3'"),
        (["ask", "what is", "-5"], "mira ask -- 'what is -5'"),
        (["ask", "-q", "-5", "+", "3"], "mira ask -- '-5 + 3'"),
        (["chat", "-5 + 3"], "mira chat -- '-5 + 3'"),
        ([], "No question."),
        (["ask", "-f", "-"], "No question."),
        (["ask", "-f", "", "x"], "The file name is empty."),
        (["ask", "-c", "", "x"], "--conversation must not be empty."),
        (["ask", "--schema", "", "x"], "--schema must not be empty."),
        (["ask", "--lang", "", "x"], "--lang must not be empty."),
        (["batch", "-o", "", "x"], "--output must not be empty."),
        (["simulate", "--log", "", "true"], "--log must not be empty."),
        (["simulate", "--script", "", "true"], "--script must not be empty."),
        (["--verison"], "Did you mean --version?"),
        (["aks", "x"], "Did you mean ask?"),
        (["why?"], "mira ask 'why?'"),
        (["why", "is", "it", "so?"], "To ask it: mira ask why is it 'so?'"),
        ([""], "No such command: ''.\nSee: mira --help"),
        (["--"], "No question."),
        (["ask", "--key", "sk-mira-1", "x"], "No flag takes a key. Set MIRA_API_KEY, or"),
        (["--api-key=sk-mira-1", "ask"], "No flag takes a key."),
        (["chat", "--json"], "It is an option of: mira ask"),
        (["config", "--json"], "It is an option of: mira config list"),
        (["ask", "--save", "x"], "It is an option of: mira chat"),
        (["ask", "--version"], "It stands alone: mira --version"),
        (["ask", "-m"], "mira: -m needs a value.\nSee: mira ask --help"),
        (["ask", "--json=yes", "x"], "mira: --json takes no value."),
        (["batch"], "mira: mira batch needs a FILE."),
        (["models", "x", "y"], "mira: mira models does not take: x y."),
        (["config"], "mira: mira config needs a command."),
        (["help", "why"], "See: mira --help"),
        (["ask", "--json", "--events", "x"], "can't be combined"),
        (["ask", "--json", "-x", "x"], "can't be combined"),
        (["ask", "--json-reply", "--code", "x"], "can't be combined"),
        (["ask", "-q", "-v", "x"], "can't be combined"),
        (["ask", "a", "-", "b", "-"], "more than once"),
        (["ask", "-f", "/nowhere/x", "y"], "No such file:"),
        (["ask", "--base-url", "http://example.com", "x"], "https"),
    ],
)
def test_a_wrong_call_is_refused_with_what_to_do(mira, simulator, argv, words):
    got = mira(*argv)
    assert got.code == 2
    assert got.out == "" or json.loads(got.out)["error"]["type"] == "usage"
    assert words in got.err
    assert got.err.startswith("mira: ")
    assert len(got.err.splitlines()) <= 2
    assert simulator.requests == []


@pytest.mark.parametrize(
    ("argv", "variables"),
    [
        (["--color", "never"], {}),
        ([], {"MIRA_COLOR": "never", "FORCE_COLOR": "1"}),
        (["--plain"], {}),
        ([], {"MIRA_PLAIN": "yes"}),
    ],
)
def test_a_refused_setting_is_told_without_colour_where_none_is_wanted(mira, argv, variables):
    assert "\x1b" in mira("ask", "-t", "9", "x", err_tty=True).err
    assert "\x1b" not in mira("ask", *argv, "-t", "9", "x", err_tty=True, **variables).err


def test_usage_errors_for_programs(mira):
    for argv in (["ask", "--json", "-t", "9", "x"], ["ask", "-t", "9", "--json", "x"], ["ask", "--json"]):
        error = json.loads(mira(*argv).out)["error"]
        assert list(error) == ["type", "message", "status", "retryable", "retry_after", "partial"]
        assert error["type"] == "usage"
    line = json.loads(mira("ask", "--events", "-t", "9", "x").out)
    assert list(line) == ["event", "error"]
