"""Commands of a chat as a person types them."""

from __future__ import annotations

import pytest


def test_edit_puts_the_last_question_into_the_input_line(open_chat, asked):
    terminal, simulator = open_chat("one", "two")
    terminal.type("first\r")
    terminal.wait_for("2 messages")
    terminal.type("/edit\r")
    terminal.wait_for("replaces the last question")
    terminal.until(lambda: terminal.text.count("› first") == 2, "the question in the input line")
    terminal.type(" but better\r")
    terminal.wait_for("\ntwo\n")
    terminal.wait_for("2 messages")
    assert asked(simulator)[-1] == [("user", "first but better")]


def test_ctrl_c_on_a_question_to_edit_leaves_it_in_its_place(open_chat, asked):
    terminal, simulator = open_chat("one", "two")
    terminal.type("first\r")
    terminal.wait_for("2 messages")
    terminal.type("/edit\r")
    terminal.wait_for("replaces the last question")
    terminal.until(lambda: terminal.text.count("› first") == 2, "the question in the input line")
    terminal.type("\x03")
    terminal.until(lambda: terminal.text.count("› first") == 1, "the input line is empty")
    terminal.type("another\r")
    terminal.wait_for("4 messages")
    assert asked(simulator)[-1] == [("user", "first"), ("assistant", "one"), ("user", "another")]


def test_a_changed_question_without_an_answer_takes_nothings_place(open_chat, asked):
    terminal, simulator = open_chat("one", {"fail": "400"}, "three")
    terminal.type("first\r")
    terminal.wait_for("2 messages")
    terminal.type("/edit\r")
    terminal.wait_for("replaces the last question")
    terminal.until(lambda: terminal.text.count("› first") == 2, "the question in the input line")
    terminal.type(" more\r")
    terminal.until(lambda: len(simulator.requests) == 2)
    terminal.wait_for("2 messages · /help")
    terminal.type("/context\r")
    terminal.wait_for("sent  first")
    terminal.type("next\r")
    terminal.wait_for("4 messages")
    assert asked(simulator)[-1] == [("user", "first"), ("assistant", "one"), ("user", "next")]


def test_what_save_asks_breaks_between_words(open_chat, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "some-notes-of-my.md").write_text("old")
    terminal, _ = open_chat("one", columns=40)
    terminal.type("first\r")
    terminal.wait_for("one")
    terminal.type("/save some-notes-of-my.md\r")
    terminal.wait_for("(y/N)")
    words = {word for row in terminal.text.splitlines() for word in row.split()}
    assert {"already", "exists.", "Overwrite?", "(y/N)"} <= words
    terminal.type("\r")
    terminal.wait_for("Left unchanged.")


def test_save_asks_before_it_replaces(open_chat, tmp_path):
    path = tmp_path / "talk.md"
    path.write_text("old")
    terminal, _ = open_chat("one", columns=200)
    terminal.type("first\r")
    terminal.wait_for("2 messages")
    terminal.type(f"/save {path}\r")
    terminal.wait_for("already exists. Overwrite? (y/N)")
    terminal.type("\r")
    terminal.wait_for("Left unchanged.")
    assert path.read_text() == "old"
    terminal.type(f"/save {path}\r")
    terminal.until(lambda: terminal.text.count("(y/N)") == 2)
    terminal.type("y\r")
    terminal.wait_for("Saved 2 messages")
    assert path.read_text().startswith("# Conversation with mira")


def test_an_unknown_command_is_named_and_not_sent(open_chat):
    terminal, simulator = open_chat()
    terminal.type("/rtery\r")
    terminal.wait_for("Unknown command /rtery. Did you mean /retry?")
    assert simulator.requests == []


def test_what_is_said_on_a_narrow_terminal_breaks_between_words(open_chat):
    terminal, _ = open_chat(columns=40)
    terminal.type("/context\r")
    terminal.wait_for("\n0 of 27,034 tokens are sent with the\nnext question.\n")
    terminal.wait_for(
        "0 of 0 messages are sent, 0 trimmed.\n/show N shows a message, /pin N keeps it\nin context."
    )


def test_a_hint_that_only_a_shell_can_follow_is_for_the_shell(open_chat):
    terminal, _ = open_chat()
    terminal.type("/set key_command pass\r")
    terminal.wait_for("mira config set key_command VALUE")


@pytest.mark.parametrize(
    ("editor", "told"),
    [
        ("rm", "No such file or directory."),
        ("printf '\\377' >", "What the editor saved is not UTF-8 text."),
    ],
)
def test_what_an_editor_saved_cannot_be_read(open_chat, tmp_path, editor, told):
    script = tmp_path / "editor"
    script.write_text(f'#!/bin/sh\n{editor} "$1"\n', encoding="utf-8")
    script.chmod(0o755)
    terminal, _ = open_chat(env={"EDITOR": str(script)})
    terminal.type("draft\x07")
    terminal.wait_for(told)
    terminal.wait_for("› draft")


def test_the_models_are_those_of_the_server(open_chat):
    terminal, simulator = open_chat()
    terminal.type("/model ")
    terminal.wait_for("mira-thinking")
    terminal.until(lambda: simulator.visits, "the server is asked")
    terminal.type("mira-max\r")
    terminal.wait_for(" mira-max · 0 of ")
    terminal.type("/model\r")
    terminal.wait_for("*  mira-max")
    assert [visit.path for visit in simulator.visits if "models" in visit.path] == ["/v1/models"]


def test_a_file_waits_and_is_shown(open_chat, tmp_path, asked):
    path = tmp_path / "notes.txt"
    path.write_text("inside")
    terminal, simulator = open_chat("one", columns=200)
    terminal.type(f"/file {path}\r")
    terminal.wait_for("will be attached to your next message.")
    terminal.wait_for("1 file to send")
    terminal.type("what is it?\r")
    terminal.wait_for("2 messages")
    assert "file to send" not in terminal.lines[-1]
    assert asked(simulator)[0][0][1].endswith("```\ninside\n```\n\nwhat is it?")


def test_a_file_that_is_dropped_on_the_input_line_is_attached(open_chat, tmp_path, asked):
    path = tmp_path / "my notes.txt"
    path.write_text("inside")
    terminal, simulator = open_chat("one", columns=200)
    dropped = str(path).replace(" ", "\\ ")
    terminal.paste(f"{dropped} ")
    terminal.wait_for(dropped)
    terminal.type("\r")
    terminal.wait_for(f"{path}, 6 characters, will be attached to your next message.")
    assert simulator.requests == []
    terminal.type("what is it?\r")
    terminal.wait_for("2 messages")
    assert asked(simulator)[0][0][1].endswith("```\ninside\n```\n\nwhat is it?")


def test_a_path_with_a_question_and_one_that_leads_nowhere_are_asked(open_chat, tmp_path, asked):
    path = tmp_path / "notes.txt"
    path.write_text("inside")
    terminal, simulator = open_chat("one", "two", "three", columns=200)
    for number, line in enumerate((f"{path} is what?", f"{path}.missing", str(tmp_path)), 1):
        terminal.type(f"{line}\r")
        terminal.wait_for(f"{2 * number} messages")
        assert asked(simulator)[-1][-1] == ("user", line)


def test_what_is_a_setting_and_no_command(open_chat):
    terminal, simulator = open_chat()
    terminal.type("/theme light\r")
    terminal.wait_for("Unknown command /theme. Did you mean /set theme light?")
    assert simulator.requests == []


def test_the_whole_toolbar_is_shown_from_60_columns_on(open_chat):
    terminal, _ = open_chat(columns=60)
    terminal.wait_for("\n mira · 0 of 27,034 tokens · 0 messages · /help")
    terminal.resize(59, 24)
    terminal.until(lambda: terminal.lines[2] == " mira · 0 of 27,034 tokens")


def test_vi_can_be_turned_on_and_off_in_a_chat(open_chat, asked):
    terminal, simulator = open_chat("one", "two")
    terminal.type("/set vi true\r")
    terminal.wait_for("vi: true\n\n› Ask anything")
    terminal.type_and_escape("hello")
    terminal.type("0xiJ\r")
    terminal.wait_for("2 messages")
    terminal.type("/set vi false\r")
    terminal.wait_for("vi: false")
    terminal.type("again\r")
    terminal.wait_for("4 messages")
    assert [messages[-1][1] for messages in asked(simulator)] == ["Jello", "again"]


def test_the_clipboard_of_the_terminal_is_the_last_resort(open_chat):
    terminal, _ = open_chat("one", env={"PATH": "/nowhere"})
    terminal.type("first\r")
    terminal.wait_for("2 messages")
    terminal.type("/copy\r")
    terminal.wait_for("Copied the reply (1 line) with OSC 52, if the terminal allows it.")
    assert b"\x1b]52;c;b25l\x07" in terminal.raw
