"""/retry, /undo, /edit and /clear: the last question, asked, changed or taken back."""

from __future__ import annotations

import pytest

from rig.simulator import asked, scripted


def test_retry_asks_the_last_question_again(mira, chat):
    with scripted(mira, "one", "two", "another two", "three") as simulator:
        assert chat("first", "second", "/retry", "third").out == "one\ntwo\nanother two\nthree\n"
        requests = asked(simulator)
    assert requests[2] == requests[1]
    assert requests[3][3] == ("assistant", "another two")


def test_retry_after_a_failure_asks_that_question(mira, chat):
    with scripted(mira, "one", {"fail": "500:3"}, "two") as simulator:
        assert chat("first", "second", "/retry", flags=("--retries", "0")).code == 7
        assert [messages[-1][1] for messages in asked(simulator)] == ["first", "second", "second"]


def test_a_retry_that_fails_leaves_the_reply_that_was(mira, chat):
    with scripted(mira, "one", {"fail": "400"}, "two") as simulator:
        chat("first", "/retry", "second")
        assert asked(simulator)[-1] == [("user", "first"), ("assistant", "one"), ("user", "second")]


def test_undo_edit_and_clear_change_what_is_sent(mira, chat):
    with scripted(mira, "one", "two", "three", "four", "five") as simulator:
        outcome = chat(
            "first", "second", "/undo", "/edit changed first", "/clear", "third", flags=("-s", "be brief")
        )
        assert outcome.code == 0
        requests = asked(simulator)
    assert requests[2] == [("system", "be brief"), ("user", "changed first")]
    assert requests[3] == [("system", "be brief"), ("user", "third")]
    assert "Undone: second" in outcome.err


def test_a_question_with_a_file_is_named_by_its_own_words(mira, chat, tmp_path):
    notes, talk = tmp_path / "notes.txt", tmp_path / "talk.json"
    notes.write_text("some notes\n")
    with scripted(mira, "one"):
        outcome = chat(
            f"/file {notes}", "What is missing?", f"/save {talk}", "/pin 1", "/undo", f"/load {talk}"
        )
    for words in ("Pinned: ", "Undone: ", "The last question: "):
        assert f"{words}What is missing?\n" in outcome.err


def test_edit_in_the_editor(mira, chat, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho 'what it became' > \"$1\"\n")
    editor.chmod(0o755)
    with scripted(mira, "one", "two") as simulator:
        assert chat("first", "/edit", EDITOR=str(editor)).code == 0
        assert asked(simulator)[-1] == [("user", "what it became")]


def test_edit_without_an_editor_takes_the_text(chat, simulator):
    outcome = chat("/edit", "first", "/edit")
    assert outcome.code == 2
    assert "There is no question to edit yet." in outcome.err
    assert "There is no editor to change it in." in outcome.err
    assert len(simulator.requests) == 1


@pytest.mark.parametrize(
    ("lines", "requests"),
    [
        (("/clear", "Hello"), ["Hello"]),
        (("/undo", "Hello"), ["Hello"]),
        (("/retry", "Hello"), ["never answered", "Hello"]),
        (("/edit changed", "Hello"), ["changed", "Hello"]),
        (("Hello", "Bye"), ["never answered\n\nHello", "Bye"]),
        (("/clear", "/undo", "/retry", "/edit x"), []),
    ],
)
def test_commands_on_a_loaded_question_without_a_reply(mira, tmp_path, lines, requests):
    path = tmp_path / "talk.json"
    path.write_text(
        '[{"role": "user", "content": "first"}, {"role": "assistant", "content": "one"},'
        ' {"role": "user", "content": "never answered"}]'
    )
    with scripted(mira, *("ok" for _ in requests)) as simulator:
        text = "".join(f"{line}\n" for line in (f"/load {path}", *lines))
        mira("chat", stdin=text.encode())
        assert [messages[-1][1] for messages in asked(simulator)] == requests
        if lines[0] == "/clear" and requests:
            assert asked(simulator) == [[("user", "Hello")]]


def test_undo_of_a_failed_question_leaves_the_loaded_one(mira, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text('[{"role": "user", "content": "never answered"}]')
    with scripted(mira, {"fail": "400"}, "ok") as simulator:
        outcome = mira("chat", "--load", str(path), stdin=b"and this\n/undo\n/retry\n")
        assert [messages[-1][1] for messages in asked(simulator)] == [
            "never answered\n\nand this",
            "never answered",
        ]
    assert "Undone: and this\n" in outcome.err


def test_undo_and_retry_after_a_failed_question(mira, chat):
    with scripted(mira, "one", {"fail": "400"}, "three") as simulator:
        outcome = chat("first", "second", "/undo", "third")
        assert asked(simulator)[-1] == [("user", "first"), ("assistant", "one"), ("user", "third")]
    assert outcome.err.count("Undone: second\n") == 1
