"""What is wrong with a command line, and what to do: the words of the hint, and the form of the error."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(
    ("argv", "message", "hint"),
    [
        (["hello"], "No such command: hello. Did you mean help?", "To ask it: mira ask hello"),
        (["hello", "world"], "No such command: hello. Did you mean help?", "To ask it: mira ask hello world"),
        (["aks", "x", "-q"], "No such command: aks. Did you mean ask?", "To ask it: mira ask aks x -q"),
        (["xyzzy"], "No such command: xyzzy.", "To ask it: mira ask xyzzy"),
        (["config", "gett"], "No such command: gett. Did you mean get?", "See: mira config --help"),
        (["help", "aks"], "No such command: aks. Did you mean ask?", "See: mira --help"),
        (["help", "config", "x"], "No such command: x.", "See: mira config --help"),
        (["--help", "aks"], "No such command: aks. Did you mean ask?", "See: mira --help"),
        (
            ["ask", "-x is a flag?"],
            "No such option: '-x is a flag?'.",
            "A question that starts with a dash: mira ask -- '-x is a flag?'",
        ),
        (
            ["-x is a flag?"],
            "No such option: '-x is a flag?'.",
            "A question that starts with a dash: mira ask -- '-x is a flag?'",
        ),
        (
            ["chat", "-q is quiet?"],
            "No such option: '-q is quiet?'.",
            "A question that starts with a dash: mira chat -- '-q is quiet?'",
        ),
        (
            ["ask", "--json is what?"],
            "No such option: '--json is what?'.",
            "A question that starts with a dash: mira ask -- '--json is what?'",
        ),
        (["ask", "-5"], "No such option: -5.", "A question that starts with a dash: mira ask -- -5"),
        (["ask", "-y"], "No such option: -y.", "See: mira ask --help"),
        (["--model", "x"], "No such option: --model.", "Put options after the command: mira ask --model"),
        (["ask", "-x", "--json", "q"], "--json and -x can't be combined.", "Use only one."),
        (["ask", "--code", "--json", "q"], "--json and --code can't be combined.", "Use only one."),
        (
            ["ask", "-x", "--lang", "py", "--json", "q"],
            "--json and --lang can't be combined.",
            "Use only one.",
        ),
        (["ask", "-nx", "--schema", "s.json", "q"], "-x and --schema can't be combined.", "Use only one."),
        (["ask", "--json", "--events", "q"], "--json and --events can't be combined.", "Use only one."),
        (["completion", "fisch"], "No completion for 'fisch'. Did you mean 'fish'?", None),
    ],
)
def test_what_is_wrong_and_what_to_do(mira, simulator, argv, message, hint):
    got = mira(*argv)
    assert got.code == 2
    first, *rest = got.err.splitlines()
    assert first == f"mira: {message}"
    assert hint is None or rest == [hint]
    assert simulator.requests == []


@pytest.mark.parametrize(
    ("argv", "out"),
    [
        (["ask", "--json", "--nonsense"], "error"),
        (["ask", "--nonsense", "--json"], "error"),
        (["ask", "--json"], "error"),
        (["aks", "--json"], "error"),
        (["ask", "--json", "-m"], "error"),
        (["models", "--json", "x"], "error"),
        (["config", "check", "--json", "x"], "error"),
        (["ask", "--events", "-t", "9", "q"], "event"),
        (["ask", "-f", "--json", "q"], None),
        (["ask", "-f", "--events", "q"], None),
        (["ask", "--file", "--json", "q"], None),
        (["ask", "-qf", "--json", "q"], None),
        (["ask", "-fx", "--json", "q"], "error"),
        (["ask", "-t", "9", "--", "--json"], None),
        (["simulate", "nowhere-to-be-found", "--json"], None),
        (["simulate", "--fail", "nonsense", "nowhere-to-be-found", "--json"], None),
    ],
)
def test_a_program_gets_json_only_where_it_asked_for_it(mira, argv, out):
    got = mira(*argv)
    assert got.code in {2, 127}
    assert got.err.startswith("mira: ")
    if out is None:
        assert got.out == ""
    else:
        told = json.loads(got.out)
        assert next(iter(told)) == out
        assert told["error"]["type"] == "usage"
