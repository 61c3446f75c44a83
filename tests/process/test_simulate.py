"""`mira simulate` as a process: the child, its streams, its end, and the signals."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pexpect
import pytest

MIRA = str(Path(sys.executable).with_name("mira"))
SLEEP = "print('ready', flush=True); import time; time.sleep(50)"
COUNT = """
import signal, sys, time
came = []
signal.signal(getattr(signal, sys.argv[1]), lambda *_: came.append(1))
print('ready', flush=True)
while not came:
    time.sleep(0.02)
time.sleep(0.3)
print('came', len(came), flush=True)
raise SystemExit(7)
"""


@pytest.fixture
def env(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MIRA_", "XDG_"))}
    kept = {name: value for name, value in kept.items() if not name.lower().endswith("_proxy")}
    path = f"{Path(MIRA).parent}{os.pathsep}{kept['PATH']}"
    return {**kept, "HOME": str(tmp_path), "PATH": path, "MIRA_CONFIG_DIR": str(tmp_path / "config")}


def simulate(env, *words, **more):
    return subprocess.run(
        [MIRA, "simulate", *words], env=env, capture_output=True, timeout=60, check=False, **more
    )


def python(code, *words):
    return ["--", sys.executable, "-c", code, *words]


@contextmanager
def running(env, *words, **more):
    command = [MIRA, "simulate", *words]
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_program_under_simulate_is_answered(env):
    done = simulate(env, "--", "mira", "ask", "What is machine learning?", stdin=subprocess.DEVNULL)
    assert done.returncode == 0
    assert b"(simulated reply)" in done.stdout
    assert b"\x1b" not in done.stdout


def test_standard_streams_pass_through_untouched(env):
    code = "import sys; d = sys.stdin.buffer.read(); sys.stdout.buffer.write(d); sys.stderr.buffer.write(d[::-1])"
    data = bytes(range(256)) * 300
    done = simulate(env, *python(code), input=data)
    assert (done.returncode, done.stdout, done.stderr) == (0, data, data[::-1])


def test_the_two_variables_are_for_the_child_alone(env):
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    done = simulate(env, *python(code))
    child = json.loads(done.stdout)
    assert child.pop("MIRA_BASE_URL").startswith("http://127.0.0.1:")
    assert child.pop("MIRA_API_KEY").startswith("sk-mira-")
    assert {name: child[name] for name in env} == env


def test_the_exit_code_is_known_where_the_parent_wants_no_news_of_children(env):
    done = simulate(
        env, "--", "sh", "-c", "exit 5", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    )
    assert done.returncode == 5


@pytest.mark.parametrize("words", [["--", "sh", "-c", "exit 5"], ["sh", "-c", "exit 5"]])
def test_the_exit_code_is_the_commands_own_also_without_the_dashes(env, words):
    assert simulate(env, *words).returncode == 5


def test_a_command_killed_by_a_signal(env):
    done = simulate(env, "--", "sh", "-c", "kill -9 $$")
    assert (done.returncode, done.stderr) == (137, b"")


@pytest.mark.parametrize(("command", "code"), [("surely-no-such-command", 127), ("/", 126)])
def test_a_command_that_does_not_start_is_one_line(env, command, code):
    done = simulate(env, "--", command)
    assert done.returncode == code
    assert done.stderr.startswith(b"mira: ")
    assert done.stderr.count(b"\n") == 1
    assert done.stdout == b""


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--fail", "cut-mid-tokn"], b"Did you mean 'cut-mid-token'?"),
        (["--fail", "429:none"], b"whole number"),
        (["--fail", f"429:{'1' * 5000}"], b"--fail 429:1"),
        (["--fail", "4" * 5000], b"There is no fault"),
        (["--delay", "-1"], b"--delay"),
        (["--rate", "nan"], b"--rate"),
        (["--port", "70000"], b"--port"),
        (["--script", "/none"], b"No such file: /none."),
        (["--script", "/dev/zero"], b"/dev/zero holds more than 67,108,864 bytes"),
        (["--log", "/none/x"], b"Cannot write the log"),
    ],
)
def test_bad_flags_are_code_2_and_nothing_is_run(env, tmp_path, flags, words):
    done = simulate(env, *flags, "--", "touch", str(tmp_path / "ran"), cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"])
def test_a_signal_is_passed_on_and_the_child_is_waited_for(env, name):
    with running(env, *python(COUNT, name)) as process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(getattr(signal, name))
        assert process.stdout.read() == b"came 1\n"
        assert process.wait(60) == 7


@pytest.mark.parametrize(
    ("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130), ("SIGQUIT", 131)]
)
def test_a_child_that_dies_of_it(env, name, code):
    with running(
        env, *python(f"import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); {SLEEP}")
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(getattr(signal, name))
        assert process.wait(60) == code
        assert process.stderr.read() == b""


def test_ctrl_c_on_a_terminal_reaches_the_child_once(env):
    words = ["simulate", *python(COUNT, "SIGINT")]
    terminal = pexpect.spawn(MIRA, words, env={**env, "TERM": "xterm"}, timeout=60, encoding="utf-8")
    terminal.expect("ready")
    terminal.sendintr()
    terminal.expect("came 1\r\n")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 7


def test_what_is_ignored_stays_ignored(env):
    code = "import signal; raise SystemExit(0 if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else 1)"
    done = simulate(env, *python(code), preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert done.returncode == 0


@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x1c", 131)])
def test_what_comes_after_a_server_that_a_key_stopped_begins_a_row(env, key, code):
    terminal = pexpect.spawn(MIRA, ["simulate"], env={**env, "TERM": "xterm"}, timeout=60, encoding="utf-8")
    terminal.expect("Ctrl-C stops it")
    terminal.expect("\n")
    terminal.send(key)
    rest = terminal.read()
    terminal.close()
    assert rest.endswith("\r\n")
    assert terminal.exitstatus == code


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_alone_it_serves_until_a_signal_comes(env, name, code):
    with running(env) as process:
        url, key = (process.stdout.readline().decode().strip() for _ in range(2))
        assert url.startswith("export MIRA_BASE_URL=http://127.0.0.1:")
        assert key.startswith("export MIRA_API_KEY=sk-mira-")
        assert b"Ctrl-C" in process.stderr.readline()
        connection = HTTPConnection(urlsplit(url.partition("=")[2]).netloc, timeout=60)
        connection.request("GET", "/v1/quota", headers={"Authorization": f"Bearer {key.partition('=')[2]}"})
        assert connection.getresponse().read().startswith(b"{")
        connection.close()
        process.send_signal(getattr(signal, name))
        assert process.wait(60) == code
        assert process.stderr.read() == b""


def test_a_port_may_be_chosen_and_is_refused_when_taken(env):
    with running(env) as process:
        port = process.stdout.readline().decode().rpartition(":")[2].partition("/")[0]
        done = simulate(env, "--port", port)
        assert done.returncode == 2
        assert port.encode() in done.stderr


def test_faults_and_the_log(env, tmp_path):
    log = tmp_path / "log"
    done = simulate(
        env, "--fail", "429-ms:1", "--fail", "503-never", "--log", str(log),
        "--", "mira", "ask", "hello", stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 7
    rows = [json.loads(line) for line in log.read_text("ascii").splitlines()]
    assert [row["body"]["messages"][-1]["content"] for row in rows] == ["hello", "hello"]
    assert "sk-mira-" not in log.read_text("ascii")


def test_a_script_answers_in_order(env, tmp_path):
    script = tmp_path / "script.toml"
    script.write_text('[[reply]]\ntext = "Первый"\n[[reply]]\nfail = 402\n', "utf-8")
    commands = "mira ask one </dev/null; mira ask two </dev/null; echo $?; mira ask three </dev/null"
    done = simulate(env, "--script", str(script), "--", "sh", "-c", commands)
    first, second, third = done.stdout.decode().splitlines()
    assert (first, second) == ("Первый", "6")
    assert third.startswith("(simulated reply)")


def test_the_faults_are_listed(env):
    done = simulate(env, "--faults")
    assert done.returncode == 0
    names = [line.split()[0] for line in done.stdout.decode().splitlines()]
    assert {"cut-mid-token", "stall", "length", "429-seconds", "STATUS", "STATUS-html"} <= set(names)
    assert len(names) == len(set(names))
