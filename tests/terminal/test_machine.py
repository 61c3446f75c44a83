"""Terminals as they come: of any size and kind, in any locale, and ones that go away. `ask` and `chat`."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).with_name("mira"))
# Started so, the hang-up of its terminal does not end it by itself.
IGNORING = "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
SIZED = 'stty cols "$1" rows "$2"; shift 2; exec "$@"'
SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 131)]


@pytest.fixture
def mira(simulator, tmp_path, open_terminal):
    """Run `mira` on a terminal of its own."""

    def mira(*argv, before=(), env=None, **how):
        known = {
            "MIRA_BASE_URL": simulator.base_url,
            "MIRA_API_KEY": simulator.key,
            "MIRA_CONFIG_DIR": str(tmp_path / "config"),
        }
        return open_terminal([*before, PROGRAM, *argv], {**known, **(env or {})}, **how)

    return mira


def sized(columns, rows):
    return ["sh", "-c", SIZED, "sh", str(columns), str(rows)]


def ended(terminal):
    """The exit code of a child whose terminal nobody reads."""
    end = time.monotonic() + 60
    while not (found := os.waitpid(terminal.pid, os.WNOHANG))[0]:
        assert time.monotonic() < end, "still running"
        time.sleep(0.02)
    terminal.code = os.waitstatus_to_exitcode(found[1])
    return terminal.code


def wait_until_full(terminal):
    """Until nothing more can be written to a terminal that nobody reads."""
    other_end = os.open(f"/proc/{terminal.pid}/fd/1", os.O_WRONLY | os.O_NOCTTY)
    while select.select([], [other_end], [], 0)[1]:
        time.sleep(0.01)
    os.close(other_end)


def in_order(terminal):
    """Whether the terminal is as a shell wants it: echo and lines, cursor shown, wrapping, no paste mode."""
    modes = ((b"?25l", b"?25h"), (b"?7l", b"?7h"), (b"?2004h", b"?2004l"), (b"?2026h", b"?2026l"))
    return terminal.mode() == (True, True) and all(
        terminal.raw.rfind(b"\x1b[" + off) <= terminal.raw.rfind(b"\x1b[" + on) for off, on in modes
    )


@pytest.mark.parametrize(("columns", "rows"), [(0, 0), (1, 1), (2, 2), (10, 3), (400, 2), (32767, 32767)])
def test_ask_at_any_size(mira, simulator, columns, rows):
    simulator.say("# Title\n\n- one\n- two\n\n|a|b|\n|-|-|\n|1|2|\n\n```py\nx = 1\n```\n\nthe end")
    terminal = mira("ask", "x", before=sized(columns, rows))
    assert terminal.wait() == 0
    assert b"Title" in terminal.raw.replace(b"\r\n", b"") or columns < 10
    assert b"Traceback" not in terminal.raw
    assert in_order(terminal)


@pytest.mark.parametrize(("columns", "rows"), [(0, 0), (2, 2), (10, 3), (400, 2)])
def test_chat_at_any_size(mira, simulator, columns, rows):
    terminal = mira("chat", "hello", before=sized(columns, rows))
    terminal.until(lambda: b"time." in terminal.raw and b"\x1b[?2004h" in terminal.raw, "the prompt")
    terminal.settle(0.3)
    terminal.type("again\r")
    assert simulator.wait_for(2)
    terminal.settle(0.3)
    terminal.type("/exit\r")
    assert terminal.wait() == 0
    assert b"Traceback" not in terminal.raw
    assert in_order(terminal)


@pytest.mark.parametrize("term", ["dumb", "unknown", "", "vt100", "linux"])
def test_ask_on_any_kind(mira, term):
    terminal = mira("ask", "x", env={"TERM": term})
    assert terminal.wait() == 0
    assert "(simulated reply)" in terminal.text
    assert (b"\x1b" in terminal.raw) == (term in {"vt100", "linux"})
    assert in_order(terminal)


@pytest.mark.parametrize(
    "locale",
    [
        {"LANG": "C"},
        {"LC_ALL": "POSIX"},
        {"LC_ALL": "xx_YY.none"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_any_locale(mira, simulator, locale):
    simulator.say("a — “Привет” 漢字 \U0001f600 the end")
    terminal = mira("ask", "x", env=locale)
    assert terminal.wait() == 0
    assert terminal.text.startswith("a ")
    assert "the end" in terminal.text
    assert in_order(terminal)


@pytest.mark.parametrize("ignoring", [False, True])
@pytest.mark.parametrize(
    "phase", ["waiting", "streaming", "at the prompt", "in a chat's reply", "at a hidden line"]
)
def test_a_terminal_that_is_closed(mira, simulator, open_terminal, phase, ignoring):
    before = [sys.executable, "-c", IGNORING] if ignoring else []
    simulator.fail(
        {"waiting": "no-answer", "streaming": "drip", "in a chat's reply": "drip"}.get(phase, "bom")
    )
    words, shown = {
        "at the prompt": (["chat"], b"\x1b[?2004h"),
        "in a chat's reply": (["chat", "x"], b"simulated"),
        "at a hidden line": (["config", "set", "key"], b"(hidden):"),
    }.get(phase, (["ask", "--timeout", "2", "x"], b"simulated"))
    terminal = mira(*words, before=before)
    if phase == "waiting":
        assert simulator.wait_for(1)
    else:
        terminal.until(lambda: shown in terminal.raw, phase)
    os.close(terminal.master)
    terminal.master = os.open(os.devnull, os.O_RDONLY)  # the fixture closes it
    # Whoever ignores the signal finds out when the next thing is shown; a wait of `ask` shows nothing at its end.
    assert ended(terminal) == (3 if ignoring and phase == "waiting" else 129)


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize("fault", ["no-answer", "stall", "drip", "429-seconds"])
def test_a_signal_twice_leaves_the_terminal_in_order(mira, simulator, fault, number, code):
    simulator.fail(fault)
    terminal = mira("ask", "Tell me")
    assert simulator.wait_for(1)
    terminal.until(lambda: terminal.raw, "anything")
    terminal.signal(number)
    time.sleep(0.002)
    terminal.signal(number)
    assert terminal.wait() == code, terminal.text
    assert b"Traceback" not in terminal.raw
    assert terminal.screen.cursor.x == 0
    assert in_order(terminal)


@pytest.mark.parametrize(
    ("words", "number", "code"),
    [
        (("ask", "x"), signal.SIGINT, 130),
        (("ask", "x"), signal.SIGTERM, 143),
        (("ask", "--raw", "x"), signal.SIGINT, 130),
        (("chat", "x"), signal.SIGTERM, 143),
    ],
)
def test_a_signal_does_not_wait_for_a_terminal_that_nobody_reads(mira, simulator, words, number, code):
    simulator.say({"text": ["word " * 40] * 1_000, "rate": 100})  # so slow that each piece is drawn by itself
    terminal = mira(*words)
    assert simulator.wait_for(1)
    wait_until_full(terminal)
    terminal.signal(number)
    assert ended(terminal) == code
    assert terminal.mode() == (True, True)


@pytest.mark.parametrize("fault", ["no-answer", "stall"])
def test_a_signal_with_another_behind_it_ends_a_wait(mira, simulator, fault):
    """As timeout(1) sends them: the system gives each to whichever thread takes it, and one of them waits."""
    simulator.fail(fault)
    for count in range(1, 7):
        terminal = mira("ask", "Tell me")
        assert simulator.wait_for(count)
        terminal.wait_for("thinking" if fault == "no-answer" else "simulated")
        terminal.pump(0.2)
        terminal.signal(signal.SIGTERM)
        terminal.signal(signal.SIGCONT)
        assert terminal.wait() == 143
