"""Keys during a reply, suspension, signals: what is typed is kept, and the terminal is given back."""

import os
import select
import shlex
import signal
import sys
import time
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("prompting_child.py")
AS_FOUND = (True, True)  # echo, and lines edited by the terminal
PASTE_OFF = b"\x1b[?2004l"


def work(terminal, seconds="60", word="wait"):
    """Begin a reply that takes so long, and wait until keys are held."""
    terminal.type(f"{word} {seconds}\r")
    terminal.wait_for("WORKING")
    terminal.until(lambda: terminal.mode() == (False, False))


def test_text_typed_during_a_reply_stands_in_the_next_prompt(open_prompt):
    terminal = open_prompt()
    work(terminal, "0.3")
    terminal.type("Привет 🎉")
    terminal.wait_for("› Привет 🎉")
    assert terminal.text.count("Привет") == 1  # not echoed into the reply
    terminal.type("!\r")
    terminal.wait_for('GOT "Привет 🎉!"')


def test_messages_sent_ahead_are_sent_in_order(open_prompt):
    terminal = open_prompt()
    work(terminal, "0.3")
    terminal.type("first\rwait 0.1\rthi")
    terminal.wait_for("› thi")
    terminal.type("rd\r")
    terminal.wait_for('GOT "third"')
    assert [line for line in terminal.lines if line.startswith("GOT")] == [
        'GOT "wait 0.3"',
        'GOT "first"',
        'GOT "wait 0.1"',
        'GOT "third"',
    ]


def test_all_messages_typed_at_once_are_sent_in_order(open_prompt):
    terminal = open_prompt()
    terminal.type("".join(f"message {number}\r" for number in range(5)))
    terminal.wait_for('GOT "message 4"')
    sent = [line for line in terminal.lines if line.startswith("GOT")]
    assert sent == [f'GOT "message {number}"' for number in range(5)]


def test_keys_that_edit_count_during_a_reply_too(open_prompt):
    terminal = open_prompt()
    work(terminal, "0.3")
    terminal.type("wrold\x7f\x7f\x7f\x7forld\x1b\rtwo\x01> \r")
    terminal.wait_for('GOT "world\\n> two"')


def test_an_escape_typed_during_a_reply_is_no_part_of_the_key_after_it(open_prompt):
    terminal = open_prompt()
    work(terminal, "3")
    terminal.type("\x1b")
    terminal.settle(2)
    terminal.type("delete")  # Alt-D would take a word away
    terminal.wait_for("› delete")


def test_a_block_pasted_during_a_reply_stays_one_message(open_prompt):
    terminal = open_prompt()
    work(terminal, "0.3")
    terminal.paste("one\rtwo\rthree")
    terminal.wait_for("three")
    assert terminal.text.count("GOT") == 1
    terminal.type("\r")
    terminal.wait_for('GOT "one\\ntwo\\nthree"')


def test_a_large_paste_during_a_reply_does_not_hide_ctrl_c(open_prompt):
    terminal = open_prompt()
    work(terminal)
    text = "\r".join(f"line {number} {'x' * 60}" for number in range(2900))
    terminal.paste(text)
    terminal.type("\x03")
    terminal.wait_for("STOPPED")
    terminal.wait_for("line 2899")
    terminal.type("\r")
    terminal.wait_for(f"GOT {len(text)} characters")


def test_ctrl_c_loses_nothing_that_was_typed(open_prompt):
    terminal = open_prompt()
    work(terminal)
    terminal.type("typed")
    terminal.type("\x03")
    terminal.wait_for("› typed")
    assert "STOPPED" in terminal.text


def test_ctrl_c_in_the_moment_when_a_reply_ends_does_not_end_the_chat(open_prompt):
    terminal = open_prompt()
    for seconds in ("0.05", "0.051", "0.052", "0.053", "0.054"):
        terminal.type(f"wait {seconds}\r")
        terminal.wait_for(f'GOT "wait {seconds}"')
        terminal.type("\x03\x03")
        terminal.settle()
    terminal.type("still here\r")
    terminal.wait_for('GOT "still here"')


def test_a_question_that_was_stopped_gives_way_to_what_was_typed_ahead(open_prompt):
    terminal = open_prompt()
    work(terminal, word="stop")
    terminal.type("next\rmore\x03")
    terminal.wait_for('GOT "next"')
    terminal.until(lambda: terminal.lines[terminal.screen.cursor.y] == "› more")
    assert terminal.text.count("GOT") == 2
    terminal.type("\x15\x1b[A\x1b[A")
    terminal.until(lambda: terminal.lines[terminal.screen.cursor.y] == "› stop 60")  # it is in the history


def test_a_question_that_was_stopped_comes_back(open_prompt):
    terminal = open_prompt()
    work(terminal, word="stop")
    terminal.type("\x03")
    terminal.until(lambda: terminal.lines[terminal.screen.cursor.y] == "› stop 60")
    terminal.type("\x03")
    terminal.wait_for("Ask anything")  # a draft is cleared as any other text


def test_a_draft_to_edit_is_edited_by_what_was_typed_ahead(open_prompt):
    terminal = open_prompt()
    work(terminal, word="change")
    terminal.type("\x05 more\x01now \x03")
    terminal.wait_for("› now change 60 more")


@pytest.mark.parametrize("typed", ["hello", "wait 0\rhello", "x" * 70 + "\r" + "y" * 90 + "\rhello"])
def test_keys_typed_before_the_header_stand_in_the_input_line_once(open_terminal, typed):
    terminal = open_terminal([sys.executable, str(CHILD)], columns=60)
    terminal.type(typed)
    terminal.wait_for("› hello")
    terminal.wait_for("toolbar")
    assert terminal.lines[0] == "Header"
    assert terminal.text.count("hello") == 1
    first = typed.partition("\r")[0]
    assert terminal.text.replace("\n  ", "").count(f"› {first}") == 1


def test_ctrl_d_typed_before_the_header_leaves(open_terminal):
    terminal = open_terminal([sys.executable, str(CHILD)])
    terminal.type("\x04")
    assert terminal.wait() == 0
    assert terminal.text.endswith("BYE")


def test_keys_typed_before_the_first_prompt_are_held(open_prompt):
    terminal = open_prompt(ready="Header")
    terminal.until(lambda: terminal.mode() == (False, False))
    terminal.type("early\rnext")
    terminal.wait_for("› next")
    assert terminal.lines[:4] == ["Header", "› early", 'GOT "early"', "› next"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["TERM", "HUP"])
@pytest.mark.parametrize("when", ["prompt", "reply", "question"])
@pytest.mark.parametrize("flags", [(), ("--plain",)], ids=["editing", "plain"])
def test_a_signal_gives_the_terminal_back(open_prompt, number, when, flags):
    terminal = open_prompt(*flags, ready=">" if flags else "toolbar")
    if when == "reply":
        terminal.type("wait 60\r")
        terminal.wait_for("WORKING")
        terminal.until(lambda: not terminal.mode()[0])
    elif when == "question":
        terminal.type("ask\r")
        terminal.wait_for("Overwrite? (y/N)")
    terminal.signal(number)
    assert terminal.wait() == 128 + number
    assert terminal.mode() == AS_FOUND
    if flags:
        assert b"\x1b" not in terminal.raw
    else:
        assert terminal.raw.rindex(PASTE_OFF) > terminal.raw.rindex(b"\x1b[?2004h")
        assert terminal.raw.rindex(b"\x1b[?25h") > terminal.raw.rindex(b"\x1b[?25l")


def test_a_sigint_from_elsewhere_at_the_prompt_is_ctrl_c(open_prompt):
    terminal = open_prompt()
    terminal.type("some text")
    terminal.wait_for("› some text")
    terminal.signal(signal.SIGINT)
    terminal.wait_for("› Ask anything")
    terminal.signal(signal.SIGINT)
    terminal.wait_for("Press Ctrl-D or type /exit to quit.")
    terminal.type("still here\r")
    terminal.wait_for('GOT "still here"')


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["TERM", "HUP"]
)
def test_a_signal_ends_a_prompt_whose_terminal_nobody_reads(open_prompt, number, code):
    terminal = open_prompt()
    terminal.paste("word " * 250)
    terminal.wait_for("word word")
    # Draw until no more is taken: the terminal is full, and the prompt waits for somebody to read it.
    while select.select([], [terminal.master], [], 2)[1]:
        os.write(terminal.master, b"x\x0c" * 10)
    terminal.signal(signal.SIGINT)
    terminal.signal(number)
    end = time.monotonic() + 60
    while not (ended := os.waitpid(terminal.pid, os.WNOHANG))[0]:
        assert time.monotonic() < end
        time.sleep(0.02)
    terminal.code = os.waitstatus_to_exitcode(ended[1])
    assert terminal.code == code


def test_an_error_within_the_prompt_ends_it_with_the_terminal_in_order(open_prompt):
    terminal = open_prompt()
    terminal.type("/bug ")
    assert terminal.wait() == 1
    assert terminal.text.endswith("LookupError")
    assert terminal.mode() == AS_FOUND


BASH = "bash --norc --noediting -i"


@pytest.fixture(params=[BASH, "dash -i"], ids=["bash", "dash"])
def in_shell(request, open_terminal):
    """The child as a job of a shell that has job control."""
    shell = open_terminal(shlex.split(request.param), env={"PS1": "$ ", "HISTFILE": "/dev/null"})
    shell.wait_for("$")
    shell.type(f"{shlex.join([sys.executable, str(CHILD)])}\r")
    shell.wait_for("toolbar")
    return shell


def signal_child(shell, number):
    children = Path(f"/proc/{shell.pid}/task/{shell.pid}/children").read_text().split()
    os.kill(int(children[0]), number)


def test_ctrl_z_at_the_prompt_and_back(in_shell):
    in_shell.type("some te\x1a")
    in_shell.wait_for("Stopped")
    in_shell.until(lambda: in_shell.mode() == AS_FOUND)
    in_shell.type("echo in the shell\r")
    in_shell.until(lambda: in_shell.text.count("in the shell") == 2)
    in_shell.type("fg\r")
    in_shell.wait_for("› some te\n toolbar")
    in_shell.settle()
    assert in_shell.text.count("› some te") == 1
    in_shell.type("xt\r")
    in_shell.wait_for('GOT "some text"')


@pytest.mark.parametrize("in_shell", [BASH], indirect=True)  # dash sets no modes
@pytest.mark.parametrize("when", ["prompt", "reply"])
def test_a_stop_that_cannot_be_handled_and_back(in_shell, when):
    if when == "reply":
        work(in_shell, "2")
    in_shell.type("some te")
    in_shell.settle()
    signal_child(in_shell, signal.SIGSTOP)
    in_shell.wait_for("Stopped")
    in_shell.type("fg\r")
    in_shell.until(lambda: in_shell.mode() == (False, False))
    in_shell.type("xt\r")
    in_shell.wait_for('GOT "some text"')


@pytest.mark.parametrize("when", ["from the start", "during a reply"])
def test_in_the_background_it_waits_for_fg(open_terminal, when):
    shell = open_terminal(shlex.split(BASH), env={"PS1": "$ ", "HISTFILE": "/dev/null"})
    shell.wait_for("$")
    command = shlex.join([sys.executable, str(CHILD)])
    if when == "from the start":
        shell.type(f"{command} &\r")
    else:
        shell.type(f"{command}\r")
        shell.wait_for("toolbar")
        work(shell, "2")
        shell.type("\x1a")
        shell.wait_for("Stopped")
        shell.type("clear; bg\r")
    shell.until(lambda: "Stopped" in shell.text or shell.type("\r"))
    shell.type("clear; fg\r")
    shell.wait_for("› Ask anything\n toolbar")
    shell.type("still here\r")
    shell.wait_for('GOT "still here"')


def test_being_continued_in_the_middle_of_a_drawing_harms_nothing(open_prompt):
    terminal = open_prompt()
    for _ in range(40):
        terminal.type("x" * 20)
        for _ in range(10):
            terminal.signal(signal.SIGCONT)
            terminal.pump(0.002)
        terminal.type("\x7f" * 20)
    terminal.type("whole\r")
    terminal.wait_for('GOT "whole"')
    assert b"Traceback" not in terminal.raw


def test_ctrl_z_during_a_reply_and_back(in_shell):
    work(in_shell, "2")
    in_shell.type("typed before, ")
    in_shell.type("\x1a")
    in_shell.wait_for("Stopped")
    in_shell.until(lambda: in_shell.mode() == AS_FOUND)
    assert in_shell.raw.rfind(b"\x1b[?25h") > in_shell.raw.rfind(b"\x1b[?25l")
    in_shell.type("echo in the shell\r")
    in_shell.until(lambda: in_shell.text.count("in the shell") == 2)
    in_shell.type("fg\r")
    in_shell.until(lambda: in_shell.mode() == (False, False))
    in_shell.type("typed after\r")
    in_shell.wait_for('GOT "typed before, typed after"')
    assert "not found" not in in_shell.text  # the shell got none of it


def test_keys_left_over_at_the_end_do_not_reach_the_shell(in_shell):
    work(in_shell)
    in_shell.type("echo leaked\r")
    in_shell.settle()
    signal_child(in_shell, signal.SIGTERM)
    in_shell.until(lambda: in_shell.mode() == AS_FOUND)
    in_shell.type("echo in the shell\r")
    in_shell.until(lambda: in_shell.text.count("in the shell") == 2)
    assert "leaked" not in in_shell.text


def test_a_question_of_ours_and_a_hidden_line(open_prompt):
    terminal = open_prompt()
    terminal.type("ask\r")
    terminal.wait_for("Overwrite? (y/N)")
    terminal.type("yes\r")
    terminal.wait_for("ANSWER 'yes'")
    terminal.type("key\r")
    terminal.wait_for("Key:")
    terminal.until(lambda: terminal.mode() == (False, True))
    terminal.type("hidden\r")
    terminal.wait_for("KEY 'hidden'")
    assert terminal.text.count("hidden") == 1


@pytest.mark.parametrize("flags", [(), ("--plain",)], ids=["editing", "plain"])
@pytest.mark.parametrize("how", ["with the question", "during the work"])
def test_what_was_typed_ahead_answers_no_question(open_prompt, flags, how):
    terminal = open_prompt(*flags, ready=">" if flags else "toolbar")
    if how == "with the question":
        terminal.type("ask\ry\r")
    else:
        terminal.type("ask 60\r")
        terminal.wait_for("WORKING")
        terminal.until(lambda: not terminal.mode()[0])
        terminal.type("y\r\x03")
    terminal.wait_for("Overwrite? (y/N)")
    terminal.settle()
    assert "ANSWER" not in terminal.text
    terminal.type("no\r")
    terminal.wait_for("ANSWER 'no'")
    terminal.wait_for('GOT "y"')


@pytest.mark.parametrize("flags", [(), ("--plain",)], ids=["editing", "plain"])
def test_ctrl_c_at_a_question_of_ours_is_no_answer(open_prompt, flags):
    terminal = open_prompt(*flags, ready=">" if flags else "toolbar")
    terminal.type("ask\r")
    terminal.wait_for("Overwrite? (y/N)")
    terminal.type("\x03")
    terminal.wait_for("ANSWER ''")
    terminal.type("on\r")
    terminal.wait_for('GOT "on"')
