"""Runs a client once, into a pipe or on a terminal of 30×100, and takes its figures from `wait4`."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HERE = Path(__file__).parent
LINES, COLUMNS = 30, 100
_PATIENCE = 120.0
_MEGABYTE = 1 << 20 if sys.platform == "darwin" else 1 << 10  # what ru_maxrss counts in


class BenchError(Exception):
    """A client or a helper did not do what it should, so there is no figure."""


class Lines:
    """The lines that a helper process prints, each waited for."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self._descriptor = process.stdout.fileno()
        self._data = b""

    def next(self, *, within: float = _PATIENCE) -> list[str]:
        """The words of the next line."""
        end = time.monotonic() + within
        while b"\n" not in self._data:
            ready, _, _ = select.select([self._descriptor], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self._descriptor, 1 << 16) if ready else b""
            if not data:
                raise BenchError("waited in vain")
            self._data += data
        line, _, self._data = self._data.partition(b"\n")
        return line.decode().split()

    def wait_for(self, what: str) -> str:
        """Pass over lines until one begins with this word; the last word of that line."""
        while True:
            words = self.next()
            if words[0] == what:
                return words[-1]

    def drop(self) -> None:
        """Forget what has been printed so far."""
        self._data = b""
        while select.select([self._descriptor], [], [], 0)[0] and os.read(self._descriptor, 1 << 16):
            pass


class Server:
    """`server.py` as a child."""

    def __init__(self, certificate: str = "") -> None:
        command = [sys.executable, str(HERE / "server.py"), *filter(None, [certificate])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines = Lines(self._process)
        self.port = int(self.lines.wait_for("listening"))
        self._scheme = "https" if certificate else "http"

    def url(self, answer: str) -> str:
        """The base URL under which every question gets this answer."""
        return f"{self._scheme}://127.0.0.1:{self.port}/{answer}/v1"

    def prepare(self, answer: str) -> None:
        """Have a long answer made before somebody asks for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{answer}\n".encode())
        self._process.stdin.flush()
        self.lines.wait_for("ready")

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Sample:
    """One run. Milliseconds of CPU (user and system), seconds of the monotonic clock, megabytes, bytes."""

    cpu: float
    started: float
    gone: float
    memory: float
    written: int
    code: int
    seen: tuple[float, ...] = ()

    @property
    def wall(self) -> float:
        """Milliseconds from its start to its end."""
        return (self.gone - self.started) * 1000


@dataclass(slots=True)
class Client:
    """A client on its way: a context manager that ends it in any case.

    Args:
        command: The program and its arguments; the program by its path.
        env: All of its environment.
        tty: On a terminal, else its input is /dev/null and its output a pipe.
        words: What to look for in its output, one after the other.
    """

    command: Sequence[str]
    env: Mapping[str, str]
    tty: bool = False
    words: Sequence[str] = ()
    started: float = 0.0
    _pid: int = 0
    _seen: list[float] = field(default_factory=list)
    _held: list[int] = field(default_factory=list)
    _drain: subprocess.Popen[bytes] | None = None
    _drained: Lines | None = None

    def __enter__(self) -> Self:
        ours, theirs = os.openpty() if self.tty else os.pipe()
        if self.tty:
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        command = [sys.executable, "-S", "-E", str(HERE / "drain.py"), str(ours), *self.words]
        self._drain = subprocess.Popen(command, pass_fds=[ours], stdout=subprocess.PIPE)
        self._drained = Lines(self._drain)
        self._drained.wait_for("ready")
        errors = os.open(os.devnull, os.O_RDWR)
        self.started = time.monotonic()
        self._pid = os.posix_spawn(
            self.command[0], self.command, self.env, file_actions=self._files(theirs, errors), setsid=True
        )
        os.close(theirs)
        os.close(errors)
        self._held.append(ours)
        return self

    def _files(self, theirs: int, null: int) -> list[tuple[int, ...] | tuple[object, ...]]:
        if self.tty:
            # Opened by the leader of a new session, it becomes its controlling terminal.
            name = os.ttyname(theirs)
            return [
                (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0),
                (os.POSIX_SPAWN_DUP2, 0, 1),
                (os.POSIX_SPAWN_DUP2, 0, 2),
            ]
        return [
            (os.POSIX_SPAWN_DUP2, null, 0),
            (os.POSIX_SPAWN_DUP2, theirs, 1),
            (os.POSIX_SPAWN_DUP2, null, 2),
        ]

    def see(self) -> float:
        """Wait for the next of the words; when it came."""
        assert self._drained is not None
        words = self._drained.next()
        if words[0] != "seen":
            raise BenchError(f"{self.words[len(self._seen)]!r} never came from {' '.join(self.command)}")
        self._seen.append(float(words[-1]))
        return self._seen[-1]

    def type(self, text: str) -> float:
        """Type on its terminal; when that was done."""
        now = time.monotonic()
        os.write(self._held[0], text.encode())
        return now

    def stop(self) -> Sample:
        """Kill it where it is; what it has taken so far."""
        os.kill(self._pid, signal.SIGKILL)
        return self.wait()

    def wait(self) -> Sample:
        """Wait for its end."""
        assert self._drained is not None
        _, status, usage = os.wait4(self._pid, 0)
        gone = time.monotonic()
        self._pid = 0
        while (words := self._drained.next())[0] == "seen":
            self._seen.append(float(words[-1]))
        return Sample(
            cpu=(usage.ru_utime + usage.ru_stime) * 1000,
            started=self.started,
            gone=gone,
            memory=usage.ru_maxrss / _MEGABYTE,
            written=int(words[-1]),
            code=os.waitstatus_to_exitcode(status),
            seen=tuple(self._seen),
        )

    def __exit__(self, *_: object) -> None:
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        if self._drain is not None:
            self._drain.kill()
            self._drain.communicate()
        for descriptor in self._held:
            os.close(descriptor)
