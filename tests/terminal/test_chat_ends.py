"""How a chat on a terminal ends, what it leaves behind, and where only words can be shown."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
from pathlib import Path

import pytest

SLOW = {"text": tuple(f"word{number} " for number in range(2000)), "rate": 20}  # more than anybody waits for


def test_a_kill_loses_at_most_the_turn_that_runs(open_chat, tmp_path, asked):
    path = tmp_path / "talk.json"
    terminal, _ = open_chat("one", SLOW, flags=("--save", str(path)))
    terminal.type("first\r")
    terminal.wait_for("2 messages")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    terminal.type("second\r")
    terminal.wait_for("word2")
    terminal.signal(signal.SIGKILL)
    assert terminal.wait() == -signal.SIGKILL
    assert list(tmp_path.glob("*.json")) == [path]
    terminal, simulator = open_chat("three", flags=("--load", str(path)), ready="› first\n\none\n")
    terminal.type("third\r")
    terminal.wait_for("4 messages")
    assert asked(simulator) == [[("user", "first"), ("assistant", "one"), ("user", "third")]]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 131)]
)
def test_a_signal_leaves_the_terminal_in_order_and_what_came_in_the_file(open_chat, tmp_path, number, code):
    path = tmp_path / "talk.json"
    terminal, _ = open_chat(SLOW, flags=("--save", str(path)))
    terminal.type("first\r")
    terminal.wait_for("word3")
    terminal.signal(number)
    assert terminal.wait() == code
    assert terminal.mode() == (True, True)
    assert "word3" in terminal.text
    assert terminal.raw.rfind(b"\x1b[?25h") > terminal.raw.rfind(b"\x1b[?25l")
    assert terminal.raw.rfind(b"\x1b[?2004l") > terminal.raw.rfind(b"\x1b[?2004h")
    held = json.loads(path.read_text())
    assert held["messages"][1]["content"].startswith("word0 word1")
    assert held["cut"] == [1]


def test_ctrl_backslash_in_mid_reply_leaves_the_terminal_in_order(open_chat):
    terminal, _ = open_chat(SLOW)
    terminal.type("first\r")
    terminal.wait_for("word3")
    terminal.type("\x1c")
    assert terminal.wait() == 131
    assert terminal.mode() == (True, True)
    assert terminal.raw.rfind(b"\x1b[?25h") > terminal.raw.rfind(b"\x1b[?25l")


def test_a_signal_at_the_input_line(open_chat):
    terminal, _ = open_chat()
    terminal.type("half a quest")
    terminal.wait_for("› half a quest")
    terminal.signal(signal.SIGTERM)
    assert terminal.wait() == 143
    assert terminal.mode() == (True, True)


@pytest.mark.parametrize("word", ["/exit", "/quit", "/bye", "exit", "quit"])
def test_leaving_tells_what_it_came_to(open_chat, word):
    terminal, _ = open_chat("answer")
    terminal.type("one\r")
    terminal.wait_for("2 messages")
    terminal.type(f"{word}\r")
    assert terminal.wait() == 0
    assert "1 question · " in terminal.text.splitlines()[-1]


def test_only_the_answers_go_into_a_file(open_chat, tmp_path):
    notes = tmp_path / "notes.md"
    with notes.open("wb") as file:
        terminal, _ = open_chat("# An *answer*\n", "another", stdout=file.fileno())
    terminal.type("one\r")
    terminal.wait_for("2 messages")
    terminal.type("/context\r")
    terminal.wait_for("trimmed.")
    terminal.type("two\r")
    terminal.wait_for("4 messages")
    terminal.type("\x04")
    assert terminal.wait() == 0
    assert notes.read_bytes() == b"# An *answer*\nanother\n"


@pytest.mark.parametrize(("flags", "term"), [(("--plain",), "xterm-256color"), ((), "dumb")])
def test_a_terminal_that_gets_words_only(open_chat, flags, term, asked):
    cut = {"fail": "cut-between"}
    terminal, simulator = open_chat(
        SLOW, "**two**", cut, {"fail": "400"}, "six", flags=flags, ready="\n>", env={"TERM": term}
    )
    terminal.type("one\n")
    terminal.wait_for("Mira: word0 word1")
    terminal.type("\x03")
    terminal.wait_for("Stopped; the partial reply stays in the chat.")
    terminal.type("two\n")
    terminal.wait_for("Mira: **two**")
    terminal.type("three\n")
    terminal.wait_for("/continue asks for the rest.")
    terminal.type("four\n")
    terminal.until(lambda: len(simulator.requests) == 4)
    terminal.wait_for("\n>")
    terminal.type("/retry\n")
    terminal.wait_for("Mira: six")
    terminal.type("/context\n")
    terminal.wait_for("trimmed.")
    terminal.type("/exit\n")
    assert terminal.wait() == 0
    assert b"\x1b" not in terminal.raw
    assert "4 questions, about " in terminal.text
    assert [messages[-1][1] for messages in asked(simulator)] == ["one", "two", "three", "four", "four"]


def test_a_file_that_cannot_be_loaded_ends_it_at_once(open_chat, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text("{")
    terminal, _ = open_chat(flags=("--load", str(path)), ready="is not a conversation", columns=200)
    assert terminal.wait() == 2
    assert "mira: " in terminal.text
    assert terminal.mode() == (True, True)


def test_a_key_is_asked_for_once(open_chat, terminal_env):
    key = "sk-mira-" + "0123456789" * 4
    terminal, simulator = open_chat("answer", env={"MIRA_API_KEY": ""}, ready="needs an API key")
    terminal.type(f"{key}\n")
    terminal.wait_for("tokens")
    terminal.type("one\r")
    terminal.wait_for("The API refused key sk-mira-01234567… from the key file.")
    terminal.wait_for("Set another key: /set key. Then ↑ or /retry asks again.")
    terminal.type("/set key\r")
    terminal.wait_for("Paste the API key here")
    terminal.type(f"{simulator.key}\n")
    terminal.wait_for(f"Saved key {simulator.key[:16]}…")
    terminal.type("/retry\r")
    terminal.wait_for("2 messages")
    assert key.encode() not in terminal.raw
    assert simulator.key.encode() not in terminal.raw
    home = terminal_env["HOME"]
    held = [
        os.path.join(folder, name) for folder, _, names in os.walk(home) for name in names if name == "key"
    ]
    assert [stat.S_IMODE(os.stat(name).st_mode) for name in held] == [0o600]


def test_a_file_that_is_there_is_replaced_only_if_the_person_says_so(open_chat, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text("old")
    terminal, _ = open_chat(
        flags=("--save", str(path)), ready="Overwrite it after the first turn?", columns=200
    )
    terminal.type("n\r")
    assert terminal.wait() == 2
    assert path.read_text() == "old"
    terminal, _ = open_chat(
        "one", flags=("--save", str(path)), ready="Overwrite it after the first turn?", columns=200
    )
    terminal.type("y\r")
    terminal.wait_for("tokens")
    assert path.read_text() == "old"
    terminal.type("first\r")
    terminal.wait_for("2 messages")
    assert json.loads(path.read_text())["messages"][0]["content"] == "first"


def test_a_file_that_ends_with_a_question_fills_the_input_line(open_chat, asked, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text('[{"role": "user", "content": "never \\u001b[2Janswered"}]')
    terminal, simulator = open_chat("one", flags=("--load", str(path)))
    terminal.wait_for("› never [2Janswered")
    terminal.type("?\r")
    terminal.wait_for("2 messages")
    assert asked(simulator) == [[("user", "never [2Janswered?")]]


def test_a_loaded_chat_shows_its_last_question_and_reply(open_chat, tmp_path):
    path = tmp_path / "talk.json"
    messages = [("user", "early"), ("assistant", "old"), ("user", "What?"), ("assistant", "A **bold** word.")]
    path.write_text(json.dumps([{"role": role, "content": text} for role, text in messages]))
    terminal, _ = open_chat(flags=("-c", str(path)), columns=200)
    terminal.wait_for(f"Loaded 4 messages from {path}.")
    terminal.wait_for("A bold word.")
    assert "What?" in terminal.text
    assert "early" not in terminal.text
    terminal.type("/show 1\r")
    terminal.wait_for("early")
    terminal.type("/show\r")
    terminal.until(lambda: terminal.text.count("A bold word.") == 2)


def test_of_a_long_question_of_a_loaded_chat_the_first_lines_are_shown(open_chat, tmp_path):
    path = tmp_path / "talk.json"
    long = "\n".join(f"line {number}" for number in range(1, 82))
    messages = [("user", long), ("assistant", "A **bold** word.")]
    path.write_text(json.dumps([{"role": role, "content": text} for role, text in messages]))
    terminal, _ = open_chat(flags=("--load", str(path)), columns=200)
    terminal.wait_for("A bold word.")
    assert "› line 1\n  line 2\n  line 3\n  line 4\n  line 5\n… 76 more lines\n\nA bold" in terminal.text
    terminal.type("/show 1\r")
    terminal.wait_for("line 81")


def test_a_second_chat_with_a_file_waits_for_it(open_chat, tmp_path):
    path = tmp_path / "talk.json"
    first, _ = open_chat("one", flags=("-c", str(path)), columns=200)
    second, _ = open_chat(flags=("-c", str(path)), columns=200, ready="Waiting for another mira process")
    second.type("\x03")
    assert second.wait() == 130
    third, _ = open_chat(flags=("-c", str(path), "--timeout", "0.5"), columns=200, ready="is using")
    assert f"Another mira process is using {path}; gave up after 0.5 s." in third.text
    assert third.wait() == 2
    first.type("hello\r")
    first.wait_for("2 messages")
    first.type("\x04")
    assert first.wait() == 0
    assert [message["content"] for message in json.loads(path.read_text())["messages"]] == ["hello", "one"]


@pytest.mark.parametrize("flags", [(), ("--plain",)], ids=["editing", "plain"])
@pytest.mark.parametrize("how", ["with the command", "during a reply", "in two parts"])
def test_a_key_that_is_pasted_ahead_of_its_prompt_is_neither_shown_nor_sent(
    open_chat, asked, terminal_env, flags, how
):
    key = "sk-mira-" + "0123456789" * 4
    slow = {"text": "answer", "delay": 0.5}
    terminal, simulator = open_chat(slow, "answer", flags=flags, ready=">" if flags else "tokens")
    if how == "during a reply":
        terminal.type("one\r")
        terminal.until(lambda: simulator.requests, "the request")
    if how == "in two parts":
        terminal.type(f"/set key\r{key[:20]}")
        terminal.wait_for("Paste the API key here")
        terminal.type(f"{key[20:]}\r")
    else:
        terminal.type(f"/set key\r{key}\r")
    terminal.wait_for(f"Saved key {key[:16]}…")
    terminal.type("two\r/exit\r")
    assert terminal.wait() == 0
    assert [messages[-1][1] for messages in asked(simulator)][-1] == "two"
    assert not any(key in text for messages in asked(simulator) for _, text in messages)
    if not (flags and how == "with the command"):  # there the terminal itself echoes what comes at once
        assert key.encode() not in terminal.raw
    folders = os.walk(terminal_env["HOME"])
    holding = [
        name for folder, _, names in folders for name in names if key in Path(folder, name).read_text()
    ]
    assert holding == ["key"]


def test_a_key_is_not_sent_as_a_message(open_chat, asked):
    terminal, simulator = open_chat("answer")
    terminal.type("sk-mira-0123456789\r")
    terminal.wait_for("That is an API key; it was not sent.")
    terminal.wait_for("To use it: /set key, then paste it.")
    terminal.type("one\r")
    terminal.wait_for("2 messages")
    assert [messages[-1][1] for messages in asked(simulator)] == ["one"]


def test_a_signal_while_the_event_loop_starts_ends_it_without_complaints(open_terminal):
    code = """
import asyncio.selector_events, os, signal, sys
from mira_cli.app import main
loop = asyncio.selector_events.BaseSelectorEventLoop
start = loop._make_self_pipe
loop._make_self_pipe = lambda self: (os.kill(os.getpid(), signal.SIGTERM), start(self))
sys.argv[1:] = ["chat"]
main()
"""
    env = {"MIRA_API_KEY": "sk-mira-0123456789", "MIRA_BASE_URL": "http://127.0.0.1:9"}
    terminal = open_terminal([sys.executable, "-c", code], env)
    assert terminal.wait() == 128 + signal.SIGTERM
    assert "Exception ignored" not in terminal.text
    assert "never awaited" not in terminal.text
    assert terminal.mode() == (True, True)
