"""Signals at any moment of a run, and twice: the right code or the default death, and never a word of a bug."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time

import pytest

STEPS = 32
STEP = 0.004  # seconds: together about what a run takes


@pytest.mark.parametrize("words", [["ask", "hi"], ["ask", "--json", "hi"], ["models"], ["config", "list"]])
def test_a_signal_at_any_moment_of_a_run_is_no_bug(env, words):
    for step in range(STEPS):
        number, code = [(signal.SIGTERM, 143), (signal.SIGHUP, 129)][step % 2]
        process = subprocess.Popen(
            ["mira", *words],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        time.sleep(step * STEP)
        for _ in range(2):
            process.send_signal(number)
            time.sleep(0.001)
        out, err = process.communicate(timeout=60)
        assert process.returncode in {0, code, -number}, err  # before our first line the system ends it
        assert b"Traceback" not in err
        assert b"bug" not in err
        assert process.returncode != 0 or out.endswith(b"\n")
        assert out == b"" or out.endswith(b"\n") or process.returncode == code


@pytest.mark.parametrize("fault", ["no-answer", "stall", "pings-for-ever", "429-seconds", "slow-headers"])
def test_ctrl_c_twice(start, simulator, fault):
    simulator.fail(fault)
    process = start("ask", "hi")
    assert simulator.wait_for(1)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.002)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == b"mira: Stopped.\n"
    assert out == b"" or out.endswith(b"\n")


def test_ctrl_c_while_one_tls_handshake_waits_for_another(start, tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"question": "one"}\n{"question": "two"}\n{"question": "three"}\n')
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/v1"
        process = start(
            "batch",
            str(rows),
            "--jobs",
            "3",
            extra={
                "MIRA_BASE_URL": url,
                "MIRA_CONNECT_TIMEOUT": "600",
                "SSL_CERT_FILE": "",
                "SSL_CERT_DIR": "",
            },
        )
        connections = [silent.accept()[0] for _ in range(3)]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        for connection in connections:
            connection.close()
    assert process.returncode == 130
    assert b"Traceback" not in err


def test_a_countdown_ends_at_once(start, simulator):
    simulator.fail("429-seconds")
    process = start("ask", "-v", "hi")
    while b"Retry 1 of 2 in 2.0 s" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert len(simulator.requests) == 1


BROKEN_INTO = """
import signal, sys
from mira_cli import app
from mira_cli.api.client import Client

def send(self, *rest):
    try:
        signal.raise_signal(signal.SIGTERM)
    finally:
        raise RuntimeError("release unlocked lock")

Client.send = send
sys.argv = ["mira", "ask", "hi"]
app.main()
"""


def test_what_fails_because_a_signal_broke_into_it_is_no_bug(env):
    done = subprocess.run(
        [sys.executable, "-c", BROKEN_INTO],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 143
    assert done.stderr == b"mira: Stopped.\n"


@pytest.mark.parametrize(("form", "begins"), [("--json", b'{"text":'), ("--events", b'{"event":"done",')])
def test_an_object_that_is_torn_leaves_the_error_a_line_of_its_own(start, simulator, form, begins):
    simulator.say("x" * 1_000_000)
    process = start("ask", form, "hi", bufsize=0)
    out = b""
    while begins not in out:
        out += process.stdout.read(1000)
    process.send_signal(signal.SIGINT)  # the rest does not fit into the pipe
    out += process.communicate(timeout=60)[0]
    assert process.returncode == 130
    *_, torn, error = out.splitlines()
    assert torn.startswith(begins)
    assert not torn.endswith(b"}")
    assert json.loads(error)["error"]["type"] == "interrupted"
