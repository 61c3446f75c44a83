"""`mira ask -c`: a conversation that is continued in its file."""

from __future__ import annotations

import json

import pytest


def test_a_conversation_goes_on_in_its_file(mira, simulator, tmp_path):
    path = tmp_path / "talk.json"
    simulator.say("one", "two")
    assert mira("ask", "-c", str(path), "first").code == 0
    assert mira("ask", "-c", str(path), "second").code == 0
    sent = simulator.requests[-1].body["messages"]
    assert [message["content"] for message in sent] == ["first", "one", "second"]
    assert json.loads(path.read_text())["format"] == "mira-conversation/1"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_conversation_file_that_was_empty_is_made_private(mira, tmp_path):
    path = tmp_path / "talk.json"
    path.touch(0o644)
    assert mira("ask", "-c", str(path), "first").code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    assert mira("ask", "-c", str(path), "second").code == 0
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("flags", "usual", "sent"),
    [
        ((), "", ["its own"]),
        ((), "usual", ["its own"]),
        (("-s", "typed"), "usual", ["typed"]),
        (("-s", ""), "usual", []),
    ],
)
def test_only_a_system_text_typed_now_replaces_the_one_of_the_conversation(
    mira, simulator, tmp_path, flags, usual, sent
):
    path = tmp_path / "talk.json"
    mira("ask", "-c", str(path), "-s", "its own", "first")
    assert mira("ask", "-c", str(path), *flags, "second", MIRA_SYSTEM=usual).code == 0
    for messages in (simulator.requests[-1].body["messages"], json.loads(path.read_text())["messages"]):
        assert [each["content"] for each in messages if each["role"] == "system"] == sent


def test_a_conversation_without_a_system_text_takes_the_usual_one(mira, simulator, tmp_path):
    mira("ask", "-c", str(tmp_path / "talk.json"), "x", MIRA_SYSTEM="usual")
    assert simulator.requests[-1].body["messages"][0] == {"role": "system", "content": "usual"}


def test_a_failed_turn_leaves_the_conversation_file(mira, simulator, tmp_path):
    path = tmp_path / "talk.json"
    mira("ask", "-c", str(path), "first")
    before = path.read_bytes()
    simulator.fail("cut-mid-token")
    assert mira("ask", "-c", str(path), "second").code == 8
    assert path.read_bytes() == before


def test_what_a_conversation_file_holds_before_its_first_question_is_said_to_be_left_out(mira, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text('[{"role": "assistant", "content": "Welcome"}]')
    got = mira("ask", "-c", str(path), "x")
    assert (got.code, got.err) == (0, "Replies before the first question were skipped.\n")
    assert mira("ask", "-c", str(path), "y").err == ""
