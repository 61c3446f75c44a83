"""Commands of a chat as a person types them."""

from __future__ import annotations

import sys
from contextlib import ExitStack

import pytest

from mira_cli.simulator.server import Simulator


@pytest.fixture
def talk(open_terminal):
    """Starts a chat against a simulator with these replies: the terminal, and the simulator."""
    with ExitStack() as running:

        def start(*replies, flags=(), **how):
            simulator = running.enter_context(Simulator(script=replies))
            env = {"MIRA_BASE_URL": simulator.base_url, "MIRA_API_KEY": simulator.key, **how.pop("env", {})}
            terminal = open_terminal([sys.executable, "-m", "mira_cli", "chat", *flags], env, **how)
            terminal.wait_for("tokens")
            return terminal, simulator

        yield start


def asked(simulator):
    """The messages of each request, as (role, text)."""
    return [[(m["role"], m["content"]) for m in received.body["messages"]] for received in simulator.requests]


def test_edit_puts_the_last_question_into_the_input_line(talk):
    terminal, simulator = talk("one", "two")
    terminal.type("first\r")
    terminal.wait_for("2 messages")
    terminal.type("/edit\r")
    terminal.wait_for("takes the last question's place")
    terminal.type(" but better\r")
    terminal.wait_for("\ntwo\n")
    terminal.wait_for("2 messages")
    assert asked(simulator)[-1] == [("user", "first but better")]


def test_a_changed_question_without_an_answer_takes_nothings_place(talk):
    terminal, simulator = talk("one", {"fail": "400"}, "three")
    terminal.type("first\r")
    terminal.wait_for("2 messages")
    terminal.type("/edit\r")
    terminal.wait_for("takes the last question's place")
    terminal.type(" more\r")
    terminal.until(lambda: len(simulator.requests) == 2)
    terminal.until(lambda: terminal.text.count("› first more") == 2)
    terminal.type("\x15/context\r")
    terminal.wait_for("sent  first")
    terminal.type("next\r")
    terminal.wait_for("4 messages")
    assert asked(simulator)[-1] == [("user", "first"), ("assistant", "one"), ("user", "next")]


def test_save_asks_before_it_replaces(talk, tmp_path):
    path = tmp_path / "talk.md"
    path.write_text("old")
    terminal, _ = talk("one", columns=200)
    terminal.type("first\r")
    terminal.wait_for("2 messages")
    terminal.type(f"/save {path}\r")
    terminal.wait_for("is there already. Replace it? (y/N)")
    terminal.type("\r")
    terminal.wait_for("Left as it is.")
    assert path.read_text() == "old"
    terminal.type(f"/save {path}\r")
    terminal.until(lambda: terminal.text.count("(y/N)") == 2)
    terminal.type("y\r")
    terminal.wait_for("Saved 2 messages")
    assert path.read_text().startswith("# Conversation with mira")


def test_an_unknown_command_is_named_and_not_sent(talk):
    terminal, simulator = talk()
    terminal.type("/rtery\r")
    terminal.wait_for("Unknown command /rtery. Did you mean /retry?")
    assert simulator.requests == []


def test_the_models_are_those_of_the_server(talk):
    terminal, simulator = talk()
    terminal.type("/model ")
    terminal.wait_for("mira-thinking")
    terminal.until(lambda: simulator.visits, "the server is asked")
    terminal.type("mira-max\r")
    terminal.wait_for(" mira-max · 0 of ")
    terminal.type("/model\r")
    terminal.wait_for("*  mira-max")
    assert [visit.path for visit in simulator.visits if "models" in visit.path] == ["/v1/models"]


def test_a_file_waits_and_is_shown(talk, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("inside")
    terminal, simulator = talk("one", columns=200)
    terminal.type(f"/file {path}\r")
    terminal.wait_for("goes with the next question.")
    terminal.wait_for("1 file to send")
    terminal.type("what is it?\r")
    terminal.wait_for("2 messages")
    assert "file to send" not in terminal.lines[-1]
    assert asked(simulator)[0][0][1].endswith("```\ninside\n```\n\nwhat is it?")


def test_vi_and_back(talk):
    terminal, simulator = talk("one", "two")
    terminal.type("/set vi true\r")
    terminal.wait_for("vi: true\n› Ask anything")
    terminal.type("hello\x1b")
    terminal.settle(0.7)  # an Escape that a key follows at once is another key
    terminal.type("0xiJ\r")
    terminal.wait_for("2 messages")
    terminal.type("/set vi false\r")
    terminal.wait_for("vi: false")
    terminal.type("again\r")
    terminal.wait_for("4 messages")
    assert [messages[-1][1] for messages in asked(simulator)] == ["Jello", "again"]


def test_the_clipboard_of_the_terminal_is_the_last_resort(talk):
    terminal, _ = talk("one", env={"PATH": "/nowhere"})
    terminal.type("first\r")
    terminal.wait_for("2 messages")
    terminal.type("/copy\r")
    terminal.wait_for("Copied the reply (1 line) with OSC 52, if the terminal allows it.")
    assert b"\x1b]52;c;b25l\x07" in terminal.raw
