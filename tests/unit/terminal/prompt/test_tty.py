"""A key is typed without being seen, and the terminal is as before afterwards."""

from __future__ import annotations

import os
import pty
import sys
import termios

import pytest

PROGRAM = """
import sys
from mira_cli.terminal.prompt.tty import read_hidden
from mira_cli.terminal.streams import Streams
try:
    line = read_hidden(Streams.open({}), "Key:")
    print("GOT", ascii(line))
except KeyboardInterrupt:
    print("STOPPED")
"""


def run(typed):
    """What the screen received, and whether echo is on again."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM])
    output = b""
    while b"Key:" not in output:
        output += os.read(terminal, 1024)
    os.write(terminal, typed)
    while not (output.endswith(b"\n") and (b"GOT" in output or b"STOPPED" in output)):
        output += os.read(terminal, 1024)
    echo = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
    os.waitpid(pid, 0)
    os.close(terminal)
    return output.decode(), echo


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (b"sk-mira-abc\n", "GOT 'sk-mira-abc'"),
        (b"\n", "GOT ''"),
        (b"\x04", "GOT None"),
        ("ключ\n".encode(), "GOT '\\u043a\\u043b\\u044e\\u0447'"),
        (b"half\x03", "STOPPED"),
    ],
)
def test_what_is_typed_is_read_and_not_shown(typed, shown):
    output, echo = run(typed)
    assert output.startswith("Key: \r\n")
    assert shown in output
    assert echo
    assert output.count("sk-mira-abc") <= 1


GONE = """
import os, sys
from mira_cli.errors import Interrupted
from mira_cli.terminal.prompt.tty import read_hidden
from mira_cli.terminal.streams import Streams
import signal
signal.signal(signal.SIGHUP, signal.SIG_IGN)
streams = Streams.open({})
os.write(int(sys.argv[1]), b"ready")
if sys.argv[3] == "before":
    os.read(int(sys.argv[2]), 1)  # the terminal is closed now
try:
    read_hidden(streams, "Key:")
    code = 0
except Interrupted as error:
    code = error.exit_code
os._exit(code)
"""


@pytest.mark.parametrize("when", ["before", "while it is read"])
def test_a_terminal_that_vanishes(when):
    told, tell = os.pipe()
    wait, go = os.pipe()
    for inherited in (tell, wait):
        os.set_inheritable(inherited, True)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", GONE, str(tell), str(wait), when])
    assert os.read(told, 5) == b"ready"
    if when != "before":
        while b"Key:" not in os.read(terminal, 1024):
            pass
    os.close(terminal)
    os.write(go, b"x")
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 129
    for descriptor in (told, tell, wait, go):
        os.close(descriptor)


def test_what_is_pasted_a_moment_too_early_counts():
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM])
    os.write(terminal, b"sk-mira-early\n")
    output = b""
    while not (output.endswith(b"\n") and b"GOT" in output):
        output += os.read(terminal, 1024)
    os.waitpid(pid, 0)
    os.close(terminal)
    assert b"GOT 'sk-mira-early'" in output
