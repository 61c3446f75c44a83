"""A terminal for tests: a child on a pty, its screen kept by pyte, the cursor question answered."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

import pyte

# What pyte stumbles over or draws wrongly: zero-width characters.
_ZERO_WIDTH = re.compile("[\u200b-\u200d\ufe0f\u2060]")


class Terminal:
    """Runs a command on a pty. `raw` holds every byte that it wrote."""

    def __init__(
        self,
        argv: list[str],
        env: dict[str, str],
        *,
        columns: int = 80,
        rows: int = 24,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=5000)
        self._stream = pyte.Stream(self.screen)
        self.raw = b""
        self._torn = b""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            try:
                self._resize(0, columns, rows)
                for number, target in ((1, stdout), (2, stderr)):
                    if target is not None:
                        os.dup2(target, number)
                os.execvpe(argv[0], argv, env)
            finally:
                os._exit(127)
        self.code: int | None = None

    @staticmethod
    def _resize(descriptor: int, columns: int, rows: int) -> None:
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as a person who drags the window does."""
        self.screen.resize(rows, columns)
        self._resize(self.master, columns, rows)

    def type(self, text: str | bytes) -> None:
        """Type: all at once, reading what comes back meanwhile."""
        data = text.encode() if isinstance(text, str) else text
        while data:
            readable, writable, _ = select.select([self.master], [self.master], [], 60)
            if readable:
                self._read()
            if writable:
                data = data[os.write(self.master, data[:1024]) :]

    def paste(self, text: str) -> None:
        """Paste, as a terminal does that was asked to bracket pastes."""
        self.type(f"\x1b[200~{text}\x1b[201~")

    def type_and_escape(self, text: str) -> None:
        """Type at an empty vi prompt and leave insert mode, which takes the cursor back by one column."""
        self.type(text)
        column = len("› ") + len(text)
        self.until(lambda: self.screen.cursor.x == column, text)
        self.type("\x1b")
        self.until(lambda: self.screen.cursor.x == column - 1, "the cursor of vi")

    def _read(self) -> bool:
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            return False
        if not data:
            return False
        self.raw += data
        if b"\x1b[6n" in data:
            row, column = self.screen.cursor.y + 1, self.screen.cursor.x + 1
            os.write(self.master, f"\x1b[{row};{column}R".encode())
        data = self._torn + data
        text = data.decode("utf-8", "ignore")
        self._torn = b"" if data.decode("utf-8", "replace")[-1:] != "\ufffd" else data[len(text.encode()) :]
        self._stream.feed(_ZERO_WIDTH.sub("", text))
        return True

    def pump(self, seconds: float = 0.05) -> bool:
        """Read what comes within the time; False when the terminal was closed by everybody."""
        if select.select([self.master], [], [], seconds)[0]:
            return self._read()
        return True

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, without trailing spaces."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """The screen as one text, without empty lines at its end."""
        return "\n".join(self.lines).rstrip()

    def wait_for(self, what: str, *, seconds: float = 60.0) -> str:
        """Read until the screen shows `what`; the screen."""
        return self.until(lambda: what in self.text, what, seconds=seconds)

    def until(self, true, what: str = "the condition", *, seconds: float = 60.0) -> str:
        """Read until something is true."""
        end = time.monotonic() + seconds
        while not true():
            if not self.pump() or time.monotonic() > end:
                raise AssertionError(
                    f"{what!r} is not on the screen:\n{self.text}\n\nraw: {self.raw[-2000:]!r}"
                )
        return self.text

    def settle(self, seconds: float = 0.15) -> str:
        """Read until nothing has come for a while; the screen."""
        while select.select([self.master], [], [], seconds)[0]:
            if not self._read():
                break
        return self.text

    def mode(self) -> tuple[bool, bool]:
        """Whether the terminal echoes, and whether it edits lines."""
        local = termios.tcgetattr(self.master)[3]
        return bool(local & termios.ECHO), bool(local & termios.ICANON)

    def signal(self, number: int) -> None:
        """Send a signal to the child."""
        os.kill(self.pid, number)

    def wait(self, *, seconds: float = 60.0) -> int:
        """Read until the child is gone; its exit code, or minus the signal that killed it."""
        end = time.monotonic() + seconds
        while self.code is None:
            self.pump(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                raise AssertionError(f"still running:\n{self.text}")
        self.settle(0.05)
        return self.code

    def close(self) -> None:
        """End the child if it still runs."""
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.code = -signal.SIGKILL
        os.close(self.master)
