"""What is typed while nobody reads, on a terminal of a child's own."""

import os
import pty
import sys
import textwrap

CHILD = """
import os, signal, sys, threading, time
from mira_cli.terminal.prompt.keyboard import Collector
collector = Collector()
descriptors = len(os.listdir("/dev/fd"))
"""


def on_a_terminal(code, typed=b""):
    """What a child prints whose standard input is a terminal."""
    pid, master = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", CHILD + textwrap.dedent(code)])
    shown = b""
    try:
        while True:
            shown += os.read(master, 1 << 12)
            if typed and b"ready" in shown:
                os.write(master, typed)
                typed = b""
    except OSError:  # the child has ended
        pass
    os.close(master)
    _, status = os.waitpid(pid, 0)
    assert status == 0, shown.decode()
    return shown.decode().replace("\r\n", "\n")


def test_what_was_typed_is_kept_and_given_once():
    shown = on_a_terminal(
        """
        collector.start()
        print("ready", flush=True)
        while not collector._typed:
            time.sleep(0.01)
        collector.stop()
        print(collector.take(), collector.take(), len(os.listdir("/dev/fd")) - descriptors)
        """,
        typed=b"abc\n",
    )
    assert "b'abc\\n' b'' 0\n" in shown


def test_a_handler_may_start_and_stop_within_start_and_stop():
    shown = on_a_terminal(
        """
        calls = [collector.stop, collector.start]
        def handle(*_):
            calls.reverse()
            for call in calls:
                call()
        signal.signal(signal.SIGALRM, handle)
        signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            collector.start()
            collector.stop()
        signal.setitimer(signal.ITIMER_REAL, 0)
        collector.stop()
        end = time.monotonic() + 60
        while len(os.listdir("/dev/fd")) > descriptors and time.monotonic() < end:
            time.sleep(0.01)  # a thread that was ended before it began
        print("left over:", len(os.listdir("/dev/fd")) - descriptors)
        """
    )
    assert shown.endswith("left over: 0\n")
