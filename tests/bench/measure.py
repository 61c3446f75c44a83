"""The helper processes: a server with prepared answers, and one client after the other."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HERE = Path(__file__).parent
_PATIENCE = 120.0


class BenchError(Exception):
    """A client or a helper did not do what it should, so there is no figure."""


class Helper:
    """A Python process that prints lines, each of which is waited for. Without site: it should be small."""

    def __init__(self, script: str, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        command = [sys.executable, "-S", "-E", str(HERE / script), *arguments]
        self._process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in = self._process.stdin.fileno()
        self._out = self._process.stdout.fileno()
        self._data = b""

    def write(self, text: str) -> None:
        """Send it something at once."""
        os.write(self._in, text.encode())

    def line(self) -> list[str]:
        """The words of the next line."""
        end = time.monotonic() + _PATIENCE
        while b"\n" not in self._data:
            ready, _, _ = select.select([self._out], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self._out, 1 << 16) if ready else b""
            if not data:
                raise BenchError("waited in vain")
            self._data += data
        line, _, self._data = self._data.partition(b"\n")
        return line.decode().split()

    def drop(self) -> None:
        """Forget what it has printed so far."""
        self._data = b""
        while select.select([self._out], [], [], 0)[0] and os.read(self._out, 1 << 16):
            pass

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.communicate()


class Server:
    """`server.py`; with the file of a certificate and its key, over TLS."""

    def __init__(self, certificate: str = "") -> None:
        self._helper = Helper("server.py", [certificate] if certificate else [])
        self._scheme = "https" if certificate else "http"
        self._port = self.wait_for("listening")

    def url(self, answer: str) -> str:
        """The base URL under which every question gets this answer."""
        return f"{self._scheme}://127.0.0.1:{self._port}/{answer}/v1"

    def prepare(self, answer: str) -> None:
        """Have a long answer made before somebody asks for it."""
        self._helper.write(f"{answer}\n")
        self.wait_for("ready")

    def wait_for(self, what: str) -> str:
        """Pass over lines until one begins with this word; its detail."""
        while True:
            first, detail = self._helper.line()
            if first == what:
                return detail

    def forget(self) -> None:
        """Let what happened so far be of no interest."""
        self._helper.drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._helper.end()


@dataclass(frozen=True, slots=True)
class Sample:
    """One run. Milliseconds of CPU (user and system), seconds of the monotonic clock, megabytes, bytes."""

    cpu: float
    started: float
    gone: float
    memory: float
    written: int
    code: int

    @property
    def wall(self) -> float:
        """Milliseconds from its start to its end."""
        return (self.gone - self.started) * 1000


@dataclass(slots=True)
class Client:
    """A client on its way, as a context manager that ends it in any case.

    Args:
        command: The program and its arguments; the program by its path.
        env: All of its environment.
        tty: On a terminal of 30×100, else its input is /dev/null and its output a pipe.
        see: What to look for in its output, one after the other.
        until: It is killed as soon as all of that has come.
    """

    command: Sequence[str]
    env: Mapping[str, str]
    tty: bool = False
    see: Sequence[str] = ()
    until: bool = False
    _helper: Helper = field(init=False)
    _pid: int = 0
    _started: float = 0.0
    _sample: Sample | None = None

    def __enter__(self) -> Self:
        kind = "until" if self.until else "tty" if self.tty else "pipe"
        self._helper = Helper("child.py", [kind, *self.command, "--", *self.see], self.env)
        _, pid, started = self._helper.line()
        self._pid, self._started = int(pid), float(started)
        return self

    def wait_to_see(self) -> float:
        """Wait for the next of the words; when it came."""
        words = self._helper.line()
        if words[0] != "seen":
            raise BenchError(f"{' '.join(self.command)}: did not print one of {self.see}")
        return float(words[1])

    def type(self, text: str) -> float:
        """Type on its terminal; when that began."""
        now = time.monotonic()
        self._helper.write(text)
        return now

    def stop(self) -> Sample:
        """Kill it where it is; what it has taken so far."""
        os.kill(self._pid, signal.SIGKILL)
        return self.wait()

    def wait(self) -> Sample:
        """Wait for its end."""
        while (words := self._helper.line())[0] != "gone":
            pass
        gone, code, written, cpu, memory = words[1:]
        self._sample = Sample(
            float(cpu) * 1000, self._started, float(gone), float(memory), int(written), int(code)
        )
        return self._sample

    def __exit__(self, *_: object) -> None:
        if self._sample is None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        self._helper.end()
