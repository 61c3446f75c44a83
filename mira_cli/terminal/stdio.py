"""File descriptors 0, 1 and 2: detecting their kind, reading, writing, and write errors."""

from __future__ import annotations

import codecs
import errno
import os
import stat
import sys
import time
from functools import partial
from io import RawIOBase
from typing import TYPE_CHECKING

from mira_cli.errors import Interrupted, OutputError, ReaderGone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import ReadableBuffer, SupportsWrite, WriteableBuffer

STDIN, STDOUT, STDERR = 0, 1, 2
UTF8 = "utf-8"
_FALLBACK_SIZE = (80, 24)
_LARGEST_SIDE = 10_000  # so that COLUMNS=1000000000 doesn't make rows of a billion spaces
_SMALL_WRITE = 512  # bytes that a ready descriptor takes without blocking (POSIX: PIPE_BUF)
_CHUNK = 1 << 16  # bytes
_POLL = 0.1  # seconds between checks of the deadline
_PAUSE = 0.001  # seconds

# ASCII replacements for our own punctuation, for terminals whose encoding lacks it.
_ASCII = {"…": "...", "·": "-", "›": ">", "—": "-", "“": '"', "”": '"', "’": "'"}
_ASCII |= {"•": "*", "▌": "|", "─": "-", "━": "-", "╸": "-", "\U0001f306": "[image]"}


class Descriptor(RawIOBase):
    """A file descriptor, read and written without a buffer.

    `nonblocking`: a non-blocking descriptor of the same terminal, if there is one. Writes use it, so that
    they wait in select(), which hurry() can end, and never in write(2).
    """

    def __init__(self, number: int, nonblocking: int | None = None) -> None:
        super().__init__()
        self.number = number
        self._target = number if nonblocking is None else nonblocking
        self._deadline: float | None = None

    def hurry(self, seconds: float) -> None:
        """Wait only this long for a reader that does not read, then drop the rest of the output.

        Applies to writes in all threads, until the first write after that time.
        """
        if os.name == "posix":  # Windows cannot say whether a pipe has room
            self._deadline = time.monotonic() + seconds

    def write(self, data: ReadableBuffer) -> None:
        """Write all of `data`; waits for room if needed."""
        rest = memoryview(data)
        while True:
            hurried = self._deadline is not None
            if hurried and not self._wait_for_room():
                return
            try:
                rest = rest[os.write(self._target, rest[:_SMALL_WRITE] if hurried else rest) :]
            except BlockingIOError:
                time.sleep(_PAUSE)  # a terminal with room for one byte is ready, but refuses CR LF
                if self._time_is_up() or not self._wait_for_room():
                    return
            if not rest:
                break
        if self._time_is_up():
            self._deadline = None

    def close(self) -> None:
        """Do nothing, since others use the descriptor too. BufferedReader calls this."""

    def readable(self) -> bool:
        """True, which BufferedReader requires."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read the available bytes; waits for the first one, even on a non-blocking descriptor."""
        view = memoryview(buffer)
        while True:
            try:
                data = os.read(self.number, min(len(view), _CHUNK))
            except BlockingIOError:
                _wait(self.number, writing=False)
            else:
                view[: len(data)] = data
                return len(data)

    def _wait_for_room(self) -> bool:
        """Wait until more can be written; False if the time set by hurry() is up."""
        while not _wait(self._target, writing=True, seconds=_POLL):
            if self._time_is_up():
                return False
        return True

    def _time_is_up(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline


class Output:
    """Standard output or standard error, with its properties.

    `sink` is None for a closed descriptor. `size` returns columns and rows. The encoding is UTF-8 for pipes
    and files, the locale's for a terminal.
    """

    color = False  # whether colour may be used; `Streams.configure` decides

    def __init__(
        self,
        sink: SupportsWrite[bytes] | None,
        *,
        tty: bool = False,
        encoding: str = UTF8,
        size: Callable[[], tuple[int, int]] = lambda: _FALLBACK_SIZE,
    ) -> None:
        self.sink, self.tty, self.encoding, self.size = sink, tty, encoding, size

    def write(self, text: str) -> None:
        """Write text, if it is open. Unencodable characters are replaced, lone surrogates by U+FFFD.

        Raises:
            OSError: It cannot be written.
        """
        if self.sink is not None:
            self.sink.write(text.encode(self.encoding, "mira"))

    def shown(self, text: str) -> str:
        """`text` as a reader sees it, with the characters that the encoding lacks replaced."""
        if self.encoding == UTF8 or text.isascii():
            return text
        return text.encode(self.encoding, "mira").decode(self.encoding, "replace")


class _Console:
    """The Windows console, written through Python's own stream, which converts UTF-8 for it."""

    def __init__(self, number: int) -> None:
        self.number = number

    def write(self, data: bytes) -> None:
        stream = sys.stdout if self.number == STDOUT else sys.stderr
        stream.buffer.write(data)
        stream.buffer.flush()


def is_open(number: int) -> bool:
    """Whether the descriptor was open when the interpreter started, and still is.

    A closed one has no stream in `sys`, and its number may have been reused for a socket.
    """
    if (sys.__stdin__, sys.__stdout__, sys.__stderr__)[number] is None:
        return False
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def open_output(number: int, env: Mapping[str, str]) -> Output:
    """Standard output or standard error, from its descriptor."""
    size = partial(size_of, number, env)
    if not is_terminal(number):
        return Output(Descriptor(number) if is_open(number) else None, size=size)
    if os.name == "nt":
        return Output(_Console(number), tty=True, size=size)
    stream = sys.__stdout__ if number == STDOUT else sys.__stderr__
    encoding = codecs.lookup((stream and stream.encoding) or UTF8).name
    return Output(Descriptor(number, open_nonblocking(number)), tty=True, encoding=encoding, size=size)


def open_source() -> Descriptor | None:
    """Standard input, if something was piped or redirected to it.

    None for a closed descriptor, a terminal, or another device (/dev/null, /dev/zero).
    """
    if not is_open(STDIN):
        return None
    mode = os.fstat(STDIN).st_mode
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        return None
    return Descriptor(STDIN)


def is_terminal(number: int) -> bool:
    """Whether the descriptor is open and a terminal."""
    return is_open(number) and os.isatty(number)


def reader_has_left(number: int | None) -> bool:
    """Whether the other end of this pipe is closed. False for None, or if the system cannot tell."""
    import select

    if number is None or not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(number, 0)  # a closed other end is always reported
    return bool(poll.poll(0))


def is_terminal_gone(error: OSError) -> bool:
    """Whether reading or writing a terminal failed because it is closed."""
    return error.errno in {errno.EIO, errno.ENXIO}


def terminal_gone() -> Interrupted:
    """The error for a closed terminal, which ends a run like SIGHUP."""
    return Interrupted("The terminal went away.", exit_code=129)


def write_error(error: OSError, *, tty: bool) -> Exception:
    """The error for a failed write to standard output; `tty`: it is a terminal."""
    if isinstance(error, ConnectionError) or (os.name == "nt" and error.errno == errno.EINVAL):
        return ReaderGone()
    if tty and is_terminal_gone(error):
        return terminal_gone()
    return OutputError(f"Cannot write to standard output: {error.strerror or error}.")


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    """The replacement for an unencodable character, and where to go on (a codecs error handler)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    if error.encoding == UTF8:  # two halves make one character
        halves = error.object[error.start : error.end].encode("utf-16", "surrogatepass")
        return halves.decode("utf-16", "replace").encode(), error.end
    return _ASCII.get(error.object[error.start], "?"), error.start + 1


codecs.register_error("mira", _replace)


def size_of(number: int, env: Mapping[str, str]) -> tuple[int, int]:
    """(columns, rows) of the terminal, else from COLUMNS and LINES, else 80 and 24."""
    try:
        columns, rows = os.get_terminal_size(number)
    except (OSError, ValueError):
        columns = rows = 0
    return (
        columns or _side(env.get("COLUMNS", ""), _FALLBACK_SIZE[0]),
        rows or _side(env.get("LINES", ""), _FALLBACK_SIZE[1]),
    )


def _side(text: str, fallback: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST_SIDE))):
        return fallback
    return min(int(text), _LARGEST_SIDE) or fallback


def open_nonblocking(number: int) -> int | None:
    """Open the terminal of a descriptor again, for non-blocking writes; None if it cannot be opened.

    Setting the flag on the descriptor itself would affect the shell, which shares it.
    """
    try:
        return os.open(os.ttyname(number), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return None


def _wait(number: int, *, writing: bool, seconds: float | None = None) -> bool:
    """Wait until a descriptor is readable or writable, `seconds` at most; whether it is."""
    import select

    watched = [number]
    return any(select.select([] if writing else watched, watched if writing else [], [], seconds))
