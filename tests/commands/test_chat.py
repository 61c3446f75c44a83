"""`mira chat` with its messages from a pipe: one a line, answers on standard output."""

from __future__ import annotations

import json
import os

import pytest

from rig.simulator import asked, scripted


def test_answers_go_to_standard_output_and_the_chat_is_remembered(mira, chat):
    with scripted(mira, "one", "two\n") as simulator:
        outcome = chat("first", "second")
        assert (outcome.code, outcome.out, outcome.err) == (0, "one\ntwo\n", "")
        assert asked(simulator) == [
            [("user", "first")],
            [("user", "first"), ("assistant", "one"), ("user", "second")],
        ]


def test_a_backslash_continues_and_blank_lines_ask_nothing(mira, chat):
    with scripted(mira, "a", "b") as simulator:
        assert chat("", "  ", "one\\", "two\\", "three", "open \\").code == 0
        assert [messages[-1][1] for messages in asked(simulator)] == ["one\ntwo\nthree", "open "]


def test_the_question_of_the_command_line_comes_first_with_the_files(mira, tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("inside\n")
    with scripted(mira, "a", "b") as simulator:
        assert mira("chat", "-f", str(notes), "what", "now", stdin=b"next\n").out == "a\nb\n"
        first, second = asked(simulator)
    assert first == [("user", f"File {notes}:\n```\ninside\n```\n\nwhat now")]
    assert second[-1] == ("user", "next")


def test_nothing_on_standard_input(mira, simulator):
    assert mira("chat", stdin=b"") == mira("chat")
    assert mira("chat").code == 0
    assert mira("chat", "hello").out.startswith("(simulated reply)")
    assert len(simulator.requests) == 1


def test_a_failed_turn_is_not_remembered_and_sets_the_exit_code(mira, chat):
    with scripted(mira, "one", {"fail": "400"}, "three") as simulator:
        outcome = chat("first", "second", "third")
        assert outcome.code == 5
        assert outcome.out == "one\nthree\n"
        assert outcome.err.startswith("mira: ")
        assert asked(simulator)[-1] == [("user", "first"), ("assistant", "one"), ("user", "third")]


def test_a_blocked_question_is_not_remembered(mira, chat):
    with scripted(mira, "one", {"fail": "blocked"}) as simulator:
        assert chat("first", "a forbidden thing", "third").code == 5
        assert ("user", "a forbidden thing") not in asked(simulator)[-1]


def test_a_cut_reply_stays_and_is_continued_without_the_overlap(mira, chat, tmp_path):
    path = tmp_path / "talk.json"
    cut = {"text": "The quick brown fox", "finish_reason": "length"}
    with scripted(mira, cut, "brown fox jumps.", "later") as simulator:
        outcome = chat("tell", "/continue", f"/save {path}", "next")
        assert outcome.code == 0
        assert "/continue asks for the rest" in outcome.err
        requests = asked(simulator)
    assert requests[1][:2] == [("user", "tell"), ("assistant", "The quick brown fox")]
    assert requests[2][:2] == [("user", "tell"), ("assistant", "The quick brown fox jumps.")]
    assert requests[2][2:] == [("user", "next")]
    assert "cut" not in json.loads(path.read_text())


def test_the_end_of_a_very_long_reply_is_continued(mira, chat, tmp_path):
    path = tmp_path / "talk.json"
    long = "слово " * 3100
    with scripted(mira, {"text": long, "finish_reason": "length"}, "и конец.") as simulator:
        outcome = chat("tell", "/continue", f"/save {path}")
        assert outcome.code == 0, outcome.err
        question, (role, end), _ = asked(simulator)[1]
    assert (question, role) == (("user", "tell"), "assistant")
    assert long.endswith(end)
    assert 31_990 < len(end.encode()) <= 32_000
    assert json.loads(path.read_text())["messages"][1]["content"] == long + "и конец."


def test_what_is_left_out_is_said_with_its_reason(mira, chat):
    with scripted(mira, "one", "слово " * 3100, "three", "four"):
        outcome = chat("first", "second", "third", "fourth")
    assert outcome.code == 0
    told = "Left out the last reply: 34,100 bytes; the API takes at most 32,000 a message."
    assert outcome.err.count(told) == 1
    assert "Dropped" not in outcome.err
    assert "message 4" not in outcome.err


def test_another_reason_is_said_again(mira, chat):
    with scripted(mira, "one", "слово " * 3100, "three", "four"):
        outcome = chat("first", "second", "third", "/set context 30", "fourth")
    assert outcome.err.count("Left out the last reply: 34,100 bytes") == 1
    assert outcome.err.count(" oldest messages to stay within 30 tokens.") == 1


def test_a_dropped_connection_keeps_what_came(mira, chat):
    with scripted(mira, {"fail": "cut-between"}, "second") as simulator:
        outcome = chat("first", "/context", "next")
        assert outcome.code == 8
        messages = asked(simulator)[-1]
    assert [role for role, _ in messages] == ["user", "assistant", "user"]
    assert outcome.out.startswith(messages[1][1])
    assert "sent, cut" in outcome.err


def test_an_unknown_command_is_never_sent(chat, simulator):
    outcome = chat("/rtery", "/xyzzy now", "/MODEL", "/unpin")
    assert "Unknown command /rtery. Did you mean /retry?" in outcome.err
    assert "Unknown command /xyzzy. See /help." in outcome.err
    assert outcome.out == ""
    assert simulator.requests == []


def test_a_number_of_thousands_of_digits_is_no_number(chat):
    digits = "1" * 5000
    outcome = chat("one", f"/pin {digits}", f"/unpin {digits}", f"/copy code {digits}")
    assert outcome.code == 2
    assert "Which message? /pin N" in outcome.err
    assert "Which message? /unpin N" in outcome.err
    assert "It is /copy, /copy code, or /copy code N." in outcome.err


def test_what_is_no_command_is_sent(mira, chat):
    lines = ("/etc/hosts is what?", "//help", "/* a comment */", "/ 2", "exit the loop")
    with scripted(mira, *("ok" for _ in lines)) as simulator:
        assert chat(*lines).code == 0
        assert [messages[-1][1] for messages in asked(simulator)] == [
            "/etc/hosts is what?", "/help", "/* a comment */", "/ 2", "exit the loop",
        ]  # fmt: skip


@pytest.mark.parametrize("word", ["/exit", "/quit", "/bye", "exit", "quit", "/EXIT", " quit "])
def test_a_word_that_leaves_ends_the_chat(chat, simulator, word):
    assert chat("one", word, "two").code == 0
    assert len(simulator.requests) == 1


def test_context_and_pin(mira, chat):
    with scripted(mira, *("x" * 400 for _ in range(6))) as simulator:
        outcome = chat("a", "/pin 2", "b", "c", "d", "/context", "/pin 99", "e", flags=("--context", "400"))
        last = asked(simulator)[-1]
    assert last[0] == ("user", "a")
    assert ("user", "b") not in last
    assert "trimmed" in outcome.err
    assert "pinned" in outcome.err
    assert "There is no message 99 to pin." in outcome.err
    assert "Dropped the 2 oldest messages to stay within 400 tokens." in outcome.err


def test_a_context_error_of_the_server_trims_and_asks_again_once(mira, chat):
    with scripted(mira, *("word " * 100 for _ in range(4)), window=260) as simulator:
        outcome = chat("one", "two", "three", "four")
        assert outcome.code == 0
        assert len(simulator.requests) > 4
    assert "asked again" in outcome.err


def test_usage_only_when_it_is_asked_for(chat):
    assert "in ·" not in chat("one").err
    assert "in ·" in chat("one", flags=("-u",)).err
    assert chat("one", "two", flags=("-q",)).err == ""


def test_only_answers_in_a_file_whatever_is_shown(chat):
    outcome = chat("/help", "/info", "/context", "/model", "/system", "/set", "/set model")
    assert outcome.out == ""
    assert "/retry" in outcome.err
    assert "sk-mira-" in outcome.err
    assert "\x1b" not in outcome.err


def test_the_reply_of_a_plain_terminal_has_a_name(mira):
    outcome = mira("chat", "--plain", stdin=b"one\ntwo\n", out_tty=True, err_tty=True, TERM="xterm")
    assert outcome.out.count("Mira: (simulated reply)") == 2
    assert "\x1b" not in outcome.out + outcome.err


def test_without_a_key(mira):
    outcome = mira("chat", stdin=b"one\n", MIRA_API_KEY="")
    assert outcome.code == 4
    assert outcome.err.startswith("mira: No API key.")


def test_copy_says_what_took_it(mira, chat, tmp_path):
    tool = tmp_path / "xclip"
    tool.write_text(f"#!/bin/sh\ncat > {tmp_path}/clip\n")
    tool.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    with scripted(mira, "```py\nprint(1)\n```\nand\n~~~\ntwo\n~~~\n"):
        outcome = chat("one", "/copy code 2", PATH=path, DISPLAY=":0")
    assert outcome.code == 0
    assert (tmp_path / "clip").read_text() == "two\n"
    assert "Copied code block 2 of 2 (1 line) with xclip." in outcome.err


def test_copy_without_anything_to_copy_or_to_copy_with(mira, chat):
    with scripted(mira, "no code"):
        outcome = chat("/copy", "one", "/copy code", "/copy nonsense", "/copy", PATH="/nowhere")
    assert outcome.code == 1
    assert "There is no reply to copy yet." in outcome.err
    assert "The last reply has no code block." in outcome.err
    assert "It is /copy, /copy code, or /copy code N." in outcome.err
    assert "No clipboard is available." in outcome.err


def test_show_shows_a_message_again_but_not_among_the_replies(mira, chat):
    with scripted(mira, "reply **one**", "reply two") as simulator:
        outcome = chat("/show", "first", "second", "/show", "/show 1", "/show 2", "/show 5", "/show x")
        assert len(simulator.requests) == 2
    assert outcome.out == "reply **one**\nreply two\n"
    assert outcome.err.splitlines() == [
        "mira: There is no message to show yet.",
        "reply two",
        "› first",
        "reply **one**",
        "mira: There is no message 5.",
        "/context shows their numbers.",
        "mira: Which message? /show N",
        "/context shows their numbers.",
    ]


def test_a_reply_that_ended_early_is_said_even_when_quiet(mira, simulator):
    simulator.say(
        {"text": "Once", "finish_reason": "MAX_TOKENS"}, {"text": "Twice", "finish_reason": "SAFETY"}
    )
    got = mira("chat", "-q", stdin=b"one\ntwo\n")
    assert got.code == 0
    assert "The reply hit the model's length limit; /continue asks for the rest." in got.err
    assert "The API's content filter ended the reply." in got.err


def test_finish_reason_error_keeps_what_came_and_fails_the_line(mira, simulator):
    simulator.say({"text": "Once", "finish_reason": "error"}, " upon a time.")
    got = mira("chat", stdin=b"one\n/continue\n")
    assert (got.code, "Once" in got.out) == (8, True)
    assert "finish_reason error" in got.err
    assert [message["role"] for message in simulator.requests[-1].messages] == ["user", "assistant", "user"]


def test_a_key_is_not_sent_as_a_message(mira, chat):
    with scripted(mira, "one") as simulator:
        outcome = chat("sk-mira-0123456789", "question")
        assert asked(simulator) == [[("user", "question")]]
    assert outcome.code == 2
    assert outcome.out == "one\n"
    assert "That is an API key; it was not sent." in outcome.err
