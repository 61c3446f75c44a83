"""The machine around: homes, settings files, standard input and output of every kind. The installed program."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.fixture
def run(start):
    """Run `mira` to its end: code, stdout, stderr."""

    def run(*argv, stdin=None, **variables):
        options = {"stdin": subprocess.PIPE} if stdin is not None else {}
        process = start(*argv, extra=variables, **options)
        out, err = process.communicate(stdin, timeout=60)
        return process.returncode, out.decode(), err.decode()

    return run


def config(tmp_path, data):
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config" / "config.toml").write_bytes(data)
    return tmp_path / "config" / "config.toml"


EDITOR = """sh -c 'echo its screen; echo written > "$0"'"""


def test_a_broken_config_can_be_mended_in_the_editor(run, tmp_path):
    path = config(tmp_path, b"[[[")
    assert run("config", "edit", EDITOR="truncate -s 0")[0] == 0
    assert path.read_bytes() == b""
    assert run("ask", "hi")[0] == 0


def test_an_editor_cannot_write_where_the_answer_goes(start, simulator):
    simulator.say("An answer.")
    process = start("ask", "-e", extra={"EDITOR": EDITOR}, start_new_session=True)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, b"An answer.\n", b"its screen\n")
    assert simulator.requests[-1].body["messages"][-1]["content"] == "written"


def test_no_editor_is_begun_that_nobody_can_type_into(start, simulator):
    for words in (("config", "edit"), ("ask", "-e")):
        process = start(*words, start_new_session=True)
        out, err = process.communicate(b"", timeout=60)
        assert (process.returncode, out) == (2, b"")
        assert err.startswith(b"mira: There is no terminal for vi.")
    assert not simulator.requests


def test_an_empty_file_and_an_unknown_setting(run, tmp_path):
    config(tmp_path, b"")
    assert run("ask", "hi")[::2] == (0, "")
    config(tmp_path, b"\xef\xbb\xbfmodle = 'mira'\r\n")
    code, out, err = run("ask", "hi")
    assert (code, bool(out)) == (0, True)
    assert err == "mira: config.toml line 1: no setting 'modle'; did you mean 'model'?\n"


@pytest.mark.parametrize("home", ["/proc", "/nowhere/at/all", "", "relative", "\n"])
def test_a_home_that_cannot_be_written(run, env, home):
    del env["MIRA_CONFIG_DIR"]
    code, out, err = run("ask", "hi", HOME=home)
    assert (code, err) == (0, "")
    assert out.startswith("(simulated reply)")


def test_settings_without_a_place_to_keep_them(run, env):
    del env["MIRA_CONFIG_DIR"]
    code, out, err = run("config", "set", "model", "m", HOME="/proc")
    assert (code, out) == (2, "")
    assert err.startswith("mira: Cannot make /proc/.config")
    assert len(err.splitlines()) == 2


def test_input_that_is_not_utf8(run, simulator):
    code, _, err = run("ask", "x", stdin=b"caf\xe9 and \xff\xfe\n")
    assert code == 0
    assert err == "note: standard input is not all UTF-8; replaced 3 bad bytes\n"
    assert "caf\ufffd and \ufffd\ufffd" in simulator.requests[-1].question


def test_input_with_escapes_and_a_mark(run, simulator):
    assert run("ask", "x", stdin=b"\xef\xbb\xbf\x1b[31mred\x1b[0m \x1b]0;title\x07text\r\n")[::2] == (0, "")
    assert "\nred text" in simulator.requests[-1].question
    assert "\x1b" not in simulator.requests[-1].question


@pytest.mark.parametrize(
    ("size", "code", "says"),
    [
        (33_000, 5, "at most 32,000 bytes a message"),
        (64 << 20, 5, "at most 32,000 bytes a message"),
        ((64 << 20) + 1, 5, "standard input holds more than 67,108,864 bytes"),
    ],
)
def test_too_much_input_is_refused_before_anything_is_sent(run, simulator, size, code, says):
    got, out, err = run("ask", "x", stdin=b"a" * size)
    assert (got, out) == (code, "")
    assert says in err
    assert simulator.visits == []


def test_endless_input_is_bounded(env):
    """From /dev/zero by a pipe: read to the limit, then refused, and no more is kept than that."""
    script = "ulimit -v 2000000; cat /dev/zero | tr '\\0' a | mira ask x"
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, timeout=60, check=False)
    assert done.returncode == 5
    assert b"more than 67,108,864 bytes" in done.stderr


@pytest.mark.parametrize("words", [["ask"], []])
def test_nothing_to_ask(run, simulator, words):
    code, out, err = run(*words, stdin=b"")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) <= 2
    assert simulator.visits == []


FULL_OUTPUT = pytest.param(">/dev/full", marks=pytest.mark.needs("/dev/full"))
FULL_ERRORS = pytest.param("2>/dev/full", marks=pytest.mark.needs("/dev/full"))
SAY_SOMETHING = [
    ["--version"],
    ["--help"],
    ["ask", "--help"],
    ["config", "list"],
    ["models"],
    ["completion", "bash"],
    ["ask", "hi"],
]


@pytest.mark.parametrize("words", SAY_SOMETHING)
@pytest.mark.parametrize("script", [FULL_OUTPUT, ">&-"])
def test_an_output_that_takes_nothing(env, simulator, words, script):
    command = ["bash", "-c", f'mira "$@" {script}', "bash", *words]
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("mira: ")
    assert len(done.stderr.splitlines()) <= 2
    assert "bug" not in done.stderr
    assert simulator.visits == []  # it is found out before the server is asked


@pytest.mark.parametrize("words", SAY_SOMETHING)
def test_an_output_whose_reader_has_left(start, simulator, words):
    reading, writing = os.pipe()
    os.close(reading)
    process = start(*words, stdout=writing)
    os.close(writing)
    assert (process.communicate(timeout=60)[1], process.returncode) == (b"", 141)
    assert simulator.visits == []  # it is found out before the server is asked


@pytest.mark.parametrize("words", [["ask", "hi"], ["--version"], ["config", "list"]])
@pytest.mark.parametrize("script", ["2>&-", FULL_ERRORS, "<&- 2>&-"])
def test_an_error_output_that_is_closed_or_full(env, words, script):
    done = subprocess.run(
        ["bash", "-c", f'mira "$@" {script}', "bash", *words],
        env=env,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(b"\n")


@pytest.mark.parametrize("limit", ["--max-time", "--timeout"])
def test_no_wait_without_end(start, limit):
    faults = ("no-answer", "stall", "stall-error")
    runs = [start("ask", "-m", f"fail-{fault}", limit, "4", "--retries", "0", "hi") for fault in faults]
    assert [one.wait(60) for one in runs] == [3, 8, 7]


def test_the_whole_time_is_bounded_over_all_tries(run, simulator):
    simulator.fail("429-seconds")
    code, out, err = run("ask", "--max-time", "1", "--retries", "9", "hi")
    assert (code, out) == (6, "")
    assert len(simulator.requests) == 1  # two seconds would be too long a wait
    assert "Rate limited." in err


LACKING = """
import errno, os, sys
from mira_cli import app
from mira_cli.api.client import Client

def send(self, *rest):
    raise {error}

Client.send = send
sys.argv = ["mira", "ask", "hi"]
app.main()
"""


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("MemoryError", "There is not enough memory."),
        ("OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))", "There is not enough memory."),
        ("OSError(errno.EMFILE, os.strerror(errno.EMFILE), 'a module')", "Too many open files."),
        ('RuntimeError("can\'t start new thread")', "The system can't start more threads."),
    ],
)
def test_what_the_system_has_no_more_of_is_no_bug(env, error, says):
    done = subprocess.run(
        [sys.executable, "-c", LACKING.format(error=error)],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"mira: {says}\nClose other programs, or raise what `ulimit -a` shows.\n"
