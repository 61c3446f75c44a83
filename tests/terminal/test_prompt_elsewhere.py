"""The prompt where it is not all of the terminal: history on disk, output into a file, no colour, plain."""

import os
import re
import stat
import sys
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("prompting_child.py")


def sent(terminal, text):
    terminal.type(f"{text}\r")
    terminal.wait_for(f'GOT "{text}"')


def test_lines_come_back_in_the_next_chat_and_the_file_is_private(open_prompt, tmp_path):
    history = tmp_path / "state" / "mira" / "history"
    before = os.umask(0)
    try:
        first = open_prompt(env={"HISTORY": str(history)})
    finally:
        os.umask(before)
    sent(first, "kept line")
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert stat.S_IMODE(history.parent.stat().st_mode) == 0o700
    second = open_prompt(env={"HISTORY": str(history)})
    second.type("\x1b[A")
    second.wait_for("› kept line")


def test_no_file_no_history(open_prompt, tmp_path):
    sent(open_prompt(), "line")
    assert [path.name for path in (tmp_path / "terminal-home").iterdir()] == []


def test_keys_never_enter_the_history(open_prompt, tmp_path):
    history = tmp_path / "history"
    terminal = open_prompt(env={"HISTORY": str(history)})
    for text in ("my key is sk-mira-1a2b3c4d5e6f", "/set key abc", "harmless"):
        sent(terminal, text)
    assert [line for line in history.read_text().splitlines() if line[:1] == "+"] == ["+harmless"]
    terminal.type("\x1b[A\x1b[A\x1b[A")
    terminal.wait_for("› harmless")


@pytest.mark.parametrize("made", ["directory", "read-only"])
def test_a_history_that_fails_is_one_note(open_prompt, tmp_path, made):
    history = tmp_path / "file" / "history" if made == "read-only" else tmp_path / "directory"
    if made == "read-only":
        (tmp_path / "file").touch()
    else:
        history.mkdir()
    terminal = open_prompt(env={"HISTORY": str(history)})
    sent(terminal, "one")
    sent(terminal, "two")
    terminal.settle()
    assert terminal.text.replace("\n", "").count("continuing without it") == 1


def test_a_damaged_history_is_read_as_far_as_it_goes(open_prompt, tmp_path):
    history = tmp_path / "history"
    history.write_bytes(b"\xff\xfe\x00garbage\n+good line\n\n#\n+bro\xffken\n+second line\n+torn")
    terminal = open_prompt(env={"HISTORY": str(history)})
    sent(terminal, "new")
    terminal.type("\x1b[A\x1b[A")
    terminal.wait_for("second line")
    assert history.read_bytes().endswith(b"\n+new\n")


def test_standard_output_may_be_a_file(open_prompt, tmp_path):
    with Path(tmp_path / "notes.md").open("wb") as notes:
        terminal = open_prompt(stdout=notes.fileno())
        sent(terminal, "one")
        terminal.type("\x04")
        assert terminal.wait() == 0
    assert (tmp_path / "notes.md").read_bytes() == b""


def test_standard_error_may_be_a_file(open_prompt, tmp_path):
    with Path(tmp_path / "log").open("wb") as log:
        terminal = open_prompt(stderr=log.fileno())
        terminal.type("one\r\x04")
        assert terminal.wait() == 0
    written = (tmp_path / "log").read_bytes()
    assert b'GOT "one"' in written
    assert b"\x1b" not in written


def test_without_colour_what_is_typed_is_bold_and_nothing_else_is_styled(open_prompt):
    terminal = open_prompt(env={"NO_COLOR": "1", "TERM": "xterm"})
    sent(terminal, "a question")
    terminal.type("a q")
    terminal.settle()
    assert terminal.lines[terminal.screen.cursor.y] == "› a q"  # a suggestion would look like text
    styles = set(re.findall(rb"\x1b\[([0-9;]*)m", terminal.raw))
    assert styles <= {b"0", b"", b"0;1"}  # bold: what was asked stands out


def test_a_terminal_without_utf8_gets_an_ascii_prompt(open_prompt):
    terminal = open_prompt(
        env={"LANG": "C", "LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    )
    assert terminal.lines[1] == "> Ask anything"


PLAIN = [({}, ("--plain",)), ({"TERM": "dumb"}, ())]


@pytest.fixture(params=PLAIN, ids=["plain", "dumb"])
def plain(request, open_prompt):
    env, flags = request.param
    return open_prompt(*flags, env=env, ready=">")


def test_plain_reads_lines_without_one_escape_byte(plain):
    sent(plain, "Привет 你好")
    plain.type("one\\\rtwo\r")
    plain.wait_for('GOT "one\\ntwo"')
    plain.type("\r  \r/exit\r")
    assert plain.wait() == 0
    assert b"\x1b" not in plain.raw
    assert plain.text.count("GOT") == 3


def test_plain_holds_what_is_typed_during_a_reply(plain):
    plain.type("wait 0.4\r")
    plain.wait_for("WORKING")
    plain.until(lambda: not plain.mode()[0])
    plain.type("first\rsecx\x7fo")
    plain.wait_for('> first\nGOT "first"\n> seco')
    plain.type("nd\r")
    plain.wait_for('GOT "second"')
    assert b"\x1b" not in plain.raw


def test_plain_keeps_a_question_that_was_stopped_for_enter(plain):
    plain.type("stop 0.1\r")
    plain.wait_for("Enter alone sends again: stop 0.1")
    plain.type("\r")
    plain.until(lambda: plain.text.count('GOT "stop 0.1"') == 2)


def test_plain_shows_what_was_typed_before_it_started_once(open_terminal):
    terminal = open_terminal([sys.executable, str(CHILD), "--plain"])
    terminal.type("early\rhel")
    terminal.wait_for("> hel")
    terminal.type("lo\r")
    terminal.wait_for('GOT "hello"')
    assert "Header" in terminal.lines
    assert b"\x1b" not in terminal.raw


def test_plain_ctrl_c_and_ctrl_d(plain):
    plain.type("text\x03")
    plain.wait_for("Press Ctrl-D or type /exit to quit.")
    sent(plain, "one")
    plain.type("\x04")
    assert plain.wait() == 0
    assert plain.mode() == (True, True)


def test_plain_ends_the_row_that_ctrl_d_ends(plain):
    plain.type("text\x04\x04")
    plain.wait_for('> text\nGOT "text"\n>')
    plain.type("wait 0.4\r")
    plain.wait_for("WORKING")
    plain.until(lambda: not plain.mode()[0])
    plain.type("\x04")
    plain.wait_for(">\nBYE")
    assert plain.wait() == 0


def test_plain_asks(plain):
    plain.type("ask\r")
    plain.wait_for("Overwrite? (y/N)")
    plain.type("y\r")
    plain.wait_for("ANSWER 'y'")
    plain.type("key\r")
    plain.wait_for("Key:")
    plain.until(lambda: plain.mode() == (False, True))
    plain.type("hidden\r")
    plain.wait_for("KEY 'hidden'")
