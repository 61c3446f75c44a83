"""A system prompt that begins with `@`: `@FILE` is read, `@@text` is the text `@text`, wherever it is set."""

from __future__ import annotations

import pytest


def systems(simulator):
    """The system prompts of all requests so far."""
    return [received.body["messages"][0]["content"] for received in simulator.requests]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("@@everyone is here", "@everyone is here"),
        ("@@", "@"),
        ("@@@x", "@@x"),
        ("a @@ b", "a @@ b"),
        ("@{file}", "From the file."),
    ],
)
def test_an_at_sign_is_doubled_to_be_literal(mira, simulator, tmp_path, given, sent):
    file = tmp_path / "system.txt"
    file.write_text("From the file.")
    given = given.format(file=file)
    assert mira("ask", "-s", given, "hi").code == 0
    assert mira("ask", "hi", MIRA_SYSTEM=given).code == 0
    assert mira("ask", "-s", given, "--json", "-c", str(tmp_path / "talk.json"), "hi").code == 0
    assert mira("chat", "-s", given, stdin=b"hi\n").code == 0
    assert mira("chat", stdin=f"/system {given}\nhi\n".encode()).code == 0
    assert mira("chat", stdin=f"/set system {given}\nhi\n".encode()).code == 0
    assert mira("batch", "--lines", "-", "-s", given, stdin=b"hi\n").code == 0
    assert mira("config", "set", "system", given).code == 0
    assert mira("ask", "hi").code == 0
    assert systems(simulator) == [sent] * 8
    assert mira("config", "get", "system").out == f"{given}\n"
