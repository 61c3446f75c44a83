"""Runs one client, reads its output empty and says what it took. A small process of its own per client.

    python child.py (pipe|tty|until) COMMAND [ARGUMENT …] [-- WORD …]

Small, because a child's peak memory is never reported below that of the process that started it. With `pipe`
the client's input is /dev/null and its output a pipe; with `tty` both are a terminal of 30×100, and what comes
on this process's own standard input is typed there. `until` is `tty` until the last word is seen, when the client
is killed. Prints, times being seconds of the system's monotonic clock:

    started PID SECONDS
    seen SECONDS            for the first, second … of the words, each looked for after the one before
    gone SECONDS CODE BYTES CPU-SECONDS MEGABYTES
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time

LINES, COLUMNS = 30, 100
_UNIT = 1 << 20 if sys.platform == "darwin" else 1 << 10  # what ru_maxrss counts in, to a megabyte


def main(kind: str, *rest: str) -> None:
    """Run the client."""
    at = rest.index("--") if "--" in rest else len(rest)
    command, words = rest[:at], [word.encode() for word in rest[at + 1 :]]
    started = time.monotonic()
    pid, output = _into_pipe(command) if kind == "pipe" else _on_terminal(command)
    print("started", pid, started, flush=True)
    total = _drain(output, words, pid if kind == "until" else 0, typed=kind != "pipe")
    _, status, usage = os.wait4(pid, 0)
    gone = time.monotonic()
    cpu = usage.ru_utime + usage.ru_stime
    print("gone", gone, os.waitstatus_to_exitcode(status), total, cpu, usage.ru_maxrss / _UNIT, flush=True)


def _into_pipe(command: tuple[str, ...]) -> tuple[int, int]:
    ours, theirs = os.pipe()
    null = os.open(os.devnull, os.O_RDWR)
    files = [(os.POSIX_SPAWN_DUP2, old, new) for new, old in enumerate((null, theirs, null))]
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=files)
    os.close(theirs)
    return pid, ours


def _on_terminal(command: tuple[str, ...]) -> tuple[int, int]:
    import fcntl
    import struct
    import termios

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    # Opened by the leader of a new session, it becomes that session's terminal.
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.ttyname(theirs), os.O_RDWR, 0),
        (os.POSIX_SPAWN_DUP2, 0, 1),
        (os.POSIX_SPAWN_DUP2, 0, 2),
    ]
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=files, setsid=True)
    os.close(theirs)
    return pid, ours


def _drain(output: int, words: list[bytes], to_kill: int, *, typed: bool) -> int:
    """Read until nobody can write any more; how many bytes came. `to_kill` is killed once all words have come."""
    total, number, tail = 0, 0, b""
    while True:
        if typed and 0 in select.select([0, output], [], [])[0]:
            os.write(output, keys) if (keys := os.read(0, 1 << 10)) else (typed := False)
            continue
        try:
            data = os.read(output, 1 << 16)
        except OSError:  # a terminal whose last user has left
            return total
        if not data:
            return total
        now = time.monotonic()
        total += len(data)
        while number < len(words):
            tail += data
            _, found, rest = tail.partition(words[number])
            if not found:
                tail = tail[-len(words[number]) :]
                break
            number, tail, data = number + 1, b"", rest
            if to_kill and number == len(words):
                os.kill(to_kill, signal.SIGKILL)
            print("seen", now, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
