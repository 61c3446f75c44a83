"""`mira ask` on a real terminal: what a person sees, and what reaches the terminal."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).with_name("mira"))
SHOWCASE = "What is machine learning?"
OURS = re.compile(rb"\x1b\[(\??[0-9;]*)([A-Za-z])")


@pytest.fixture
def ask(simulator, tmp_path, open_terminal):
    """Run `mira ask` on a terminal of its own."""

    def ask(*argv, columns=80, rows=24, before=(), **variables):
        env = {
            "MIRA_BASE_URL": simulator.base_url,
            "MIRA_API_KEY": simulator.key,
            "MIRA_CONFIG_DIR": str(tmp_path / "config"),
            **variables,
        }
        return open_terminal([*before, PROGRAM, "ask", *argv], env, columns=columns, rows=rows)

    return ask


def test_an_editor_has_the_terminal_whatever_is_piped(ask, simulator, tmp_path):
    simulator.say("An answer.")
    shell = ["sh", "-c", 'echo piped | "$@" > "$0"', str(tmp_path / "out")]
    editor = """sh -c 'echo its screen; read line; echo "$line" > "$0"'"""
    terminal = ask("-e", before=shell, EDITOR=editor)
    terminal.wait_for("its screen")
    terminal.type("typed\r")
    assert terminal.wait() == 0
    assert (tmp_path / "out").read_text() == "An answer.\n"
    assert simulator.requests[-1].body["messages"][-1]["content"].endswith("piped\n```\n\ntyped")


def everything(terminal):
    """All rows, those that have left the screen first."""
    history = [
        "".join(row[column].data for column in range(terminal.screen.columns)).rstrip()
        for row in terminal.screen.history.top
    ]
    return [*history, *terminal.lines]


def without_usage(rows):
    return "\n".join(row for row in rows if not re.search(r"\d in .*\d out", row)).rstrip()


@pytest.mark.parametrize(
    ("columns", "rows", "encoding"),
    [(80, 24, "utf-8"), (40, 12, "utf-8"), (120, 50, "utf-8"), (40, 12, "latin-1"), (80, 24, "ascii")],
)
def test_streamed_is_as_whole(ask, columns, rows, encoding):
    whole = ask("--no-stream", SHOWCASE, columns=columns, rows=rows, PYTHONIOENCODING=encoding)
    assert whole.wait() == 0
    streamed = ask(SHOWCASE, columns=columns, rows=rows, PYTHONIOENCODING=encoding)
    assert streamed.wait() == 0
    assert without_usage(everything(streamed)) == without_usage(everything(whole))
    assert "Machine learning" in without_usage(everything(whole))
    assert "##" not in without_usage(everything(whole))


@pytest.mark.parametrize("flags", [(), ("--raw",), ("--no-stream",)])
def test_the_log_stands_before_the_reply_or_after_it(ask, simulator, flags):
    simulator.say("one two\n\nthree four")
    terminal = ask("-v", *flags, "x")
    assert terminal.wait() == 0
    rows = [row for row in everything(terminal) if row]
    begin = rows.index("one two")
    assert rows[begin : begin + 2] == ["one two", "three four"]
    assert any(row.startswith("complete after ") for row in rows)


def test_slowly_streamed_is_as_whole(ask, simulator):
    whole = ask("--no-stream", SHOWCASE)
    assert whole.wait() == 0
    text = "# Title\n\nSome *words* that go on for longer than one row of the terminal, so that they wrap twice.\n\n- a\n- b\n\n```python\nx = 1\n```\n\nEnd."
    simulator.say({"text": text, "rate": 60}, text)
    streamed = ask("x")
    assert streamed.wait() == 0
    once = ask("--no-stream", "x")
    assert once.wait() == 0
    assert without_usage(everything(streamed)) == without_usage(everything(once))


def test_only_our_own_controls(ask, simulator):
    simulator.fail("osc52", "osc8", "title", "c1", "cr-overwrite", "open-osc")
    for _ in range(6):
        terminal = ask("x")
        assert terminal.wait() == 0
        rest = OURS.sub(b"", terminal.raw)
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", rest)
        assert b"\x1b]" not in terminal.raw
        for parameters, final in OURS.findall(terminal.raw):
            assert final in b"mKAHJhlGCD", (parameters, final)
            if final in b"hl":
                assert parameters in {b"?2026", b"?25", b"?7"}
        assert terminal.raw.rfind(b"\x1b[?25h") >= terminal.raw.rfind(b"\x1b[?25l")


def test_waiting_line_comes_and_goes(ask, simulator):
    simulator.say({"text": "Done.", "delay": 5})
    terminal = ask("x")
    terminal.wait_for("thinking…")
    assert terminal.wait() == 0
    assert "thinking" not in "\n".join(everything(terminal))
    assert terminal.lines[0] == "Done."


def test_the_countdown_of_a_retry_is_shown_and_erased(ask, simulator):
    simulator.fail("429-seconds:1")
    terminal = ask("x")
    terminal.until(lambda: b"rate limited, retry 1 of 2 in" in terminal.raw, "the countdown")
    assert terminal.wait() == 0
    assert "rate limited" not in "\n".join(everything(terminal))


def test_interrupt_keeps_what_came(ask, simulator):
    simulator.fail("stall")
    terminal = ask("Tell me")
    terminal.wait_for("simulated reply")
    terminal.type("\x03")
    assert terminal.wait() == 130
    assert "simulated reply" in terminal.text
    assert terminal.screen.cursor.x == 0
    assert terminal.raw.rfind(b"\x1b[?25h") > terminal.raw.rfind(b"\x1b[?25l")


def test_a_cut_reply_stays(ask, simulator):
    simulator.fail("cut-mid-token")
    terminal = ask("Tell me")
    assert terminal.wait() == 8
    assert "simulated reply" in terminal.text
    assert "The connection dropped; the answer is incomplete." in terminal.text.replace("\n", " ")


def test_keys_in_mid_reply_are_unseen_and_stay_for_the_shell(ask, simulator):
    words = " ".join(f"word{number}" for number in range(60))
    simulator.say({"text": words, "rate": 12})
    terminal = ask("x")
    terminal.wait_for("word5")
    assert terminal.mode() == (False, True)
    terminal.type("ls\r\r\rtyped")
    assert terminal.wait() == 0
    assert terminal.mode() == (True, True)
    assert " ".join(without_usage(everything(terminal)).split()) == words


@pytest.mark.parametrize("before", ["", "echo text | "], ids=["terminal", "pipe"])
def test_ctrl_z_in_mid_paragraph_and_back(simulator, tmp_path, open_terminal, before):
    words = " ".join(f"word{number}" for number in range(60))
    simulator.say({"text": words, "rate": 12})
    env = {"PS1": "$ ", "MIRA_BASE_URL": simulator.base_url, "MIRA_API_KEY": simulator.key}
    shell = open_terminal(["bash", "--norc", "--noediting", "-i"], {**env, "MIRA_CONFIG_DIR": str(tmp_path)})
    shell.wait_for("$")
    shell.type(f"{before}{PROGRAM} ask x\r")
    shell.wait_for("word5")
    shell.type("\x1a")
    shell.wait_for("Stopped")
    shell.until(lambda: shell.mode() == (True, True))
    assert shell.raw.rfind(b"\x1b[?25h") > shell.raw.rfind(b"\x1b[?25l")
    stopped = shell.text
    shell.type("fg\r")
    shell.wait_for(" in · ")
    assert shell.text.startswith(stopped)  # nothing of what the shell wrote was drawn over
    after = shell.text[len(stopped) :].split()
    assert words in " ".join(after)
    shell.settle()
    assert shell.raw.rfind(b"\x1b[?25h") > shell.raw.rfind(b"\x1b[?25l")


def test_a_termination_with_a_continuation_draws_nothing_twice(ask, simulator):
    """As timeout(1) ends what takes too long. No frame is under way: a broken one is drawn again."""
    simulator.fail("stall")
    terminal = ask("x")
    terminal.wait_for("(simulated reply)")
    terminal.settle()
    terminal.signal(signal.SIGTERM)
    terminal.signal(signal.SIGCONT)
    assert terminal.wait() == 143
    assert terminal.text.count("(simulated reply)") == 1


def test_a_job_that_ends_while_it_is_stopped_draws_over_nothing(simulator, tmp_path, open_terminal):
    simulator.say({"text": " ".join(f"word{number}" for number in range(400)), "rate": 20})
    env = {"PS1": "$ ", "MIRA_BASE_URL": simulator.base_url, "MIRA_API_KEY": simulator.key}
    shell = open_terminal(["bash", "--norc", "--noediting", "-i"], {**env, "MIRA_CONFIG_DIR": str(tmp_path)})
    shell.wait_for("$")
    shell.type(f"{PROGRAM} ask x\r")
    shell.wait_for("word5")
    shell.type("\x1a")
    shell.wait_for("Stopped")
    shell.until(lambda: shell.mode() == (True, True))
    stopped = shell.text
    shell.type("kill %1\r")
    shell.until(lambda: re.search(r"word5\b", shell.text[len(stopped) :]))
    shell.settle()
    assert shell.text.startswith(stopped)


def test_a_terminal_that_goes_away(ask, simulator):
    simulator.fail("stall")
    terminal = ask("Tell me")
    terminal.wait_for("simulated reply")
    terminal.signal(signal.SIGHUP)
    assert terminal.wait() == 129


def test_resize_in_mid_reply(ask, simulator):
    words = " ".join(f"word{number}" for number in range(120))
    simulator.say({"text": words, "rate": 80})
    terminal = ask("x", columns=100, rows=20)
    terminal.wait_for("word20")
    terminal.resize(40, 20)
    assert terminal.wait() == 0
    shown = " ".join(" ".join(everything(terminal)).split())
    for number in range(120):
        assert f"word{number}" in shown


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}])
def test_dumb_terminals_get_no_escape(ask, variables):
    terminal = ask(SHOWCASE, **variables)
    assert terminal.wait() == 0
    assert b"\x1b" not in terminal.raw
    assert "# Machine learning" in "\n".join(everything(terminal))


def test_no_color_leaves_out_colours(ask):
    terminal = ask(SHOWCASE, NO_COLOR="1")
    assert terminal.wait() == 0
    assert not re.search(rb"\x1b\[([0-9;]*;)?[349][0-9](;[0-9;]*)?m", terminal.raw)


def test_raw_shows_the_markup(ask):
    terminal = ask("--raw", SHOWCASE)
    assert terminal.wait() == 0
    assert "## Three ways to learn" in "\n".join(everything(terminal))


def test_a_tiny_terminal_gets_the_text_as_it_is(ask, simulator):
    simulator.say("# Title\n\nsome words here")
    terminal = ask("x", columns=10, rows=3)
    assert terminal.wait() == 0
    text = "\n".join(everything(terminal))
    assert "# Title" in text
    assert "words" in text


def test_first_run_asks_for_a_key_and_goes_on(ask, simulator, tmp_path):
    terminal = ask("Hello", MIRA_API_KEY="")
    terminal.wait_for("(hidden):")
    terminal.type(simulator.key + "\r")
    assert terminal.wait() == 0
    assert "You asked: “Hello”" in terminal.text
    assert simulator.key not in terminal.raw.decode()
    assert (tmp_path / "config" / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("columns", [30, 60, 100])
def test_reasoning_stands_above_the_answer_and_is_folded_between_words(ask, simulator, columns):
    thought = "Let me add two and two, which is a thing that takes a while, and then check it.\nYes."
    simulator.say({"text": f"<think>{thought}</think>The answer is **4**.", "rate": 60})
    terminal = ask("--reasoning", "x", columns=columns)
    assert terminal.wait() == 0
    rows = without_usage(everything(terminal)).rstrip("\n").split("\n")
    answer = rows.index("The answer is 4.")
    assert rows[answer - 1] == ""
    assert rows[answer - 2] == "Yes."
    assert " ".join(rows[: answer - 1]) == thought.replace("\n", " ")
    assert simulator.requests
