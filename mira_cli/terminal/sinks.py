"""The three file descriptors as they are: what each one is, and text as the bytes that it takes."""

from __future__ import annotations

import codecs
import errno
import os
import stat
import sys
from typing import TYPE_CHECKING, Protocol, TextIO

from mira_cli.errors import Interrupted
from mira_cli.terminal.descriptor import Descriptor, unblocked

if TYPE_CHECKING:
    from collections.abc import Mapping

STDIN, STDOUT, STDERR = 0, 1, 2
UTF8 = "utf-8"
_FALLBACK_SIZE = (80, 24)
_LARGEST_SIDE = 10_000  # a COLUMNS of a billion must not become a row of a billion spaces

# What a terminal without UTF-8 can show in place of our own punctuation and ornaments.
_PLAIN = {"…": "...", "·": "-", "›": ">", "—": "-", "“": '"', "”": '"', "’": "'"}
_PLAIN |= {"•": "*", "▌": "|", "─": "-", "\U0001f306": "[image]"}


class Sink(Protocol):
    """What takes bytes: all of them, or it raises OSError. BytesIO is one."""

    def write(self, data: bytes, /) -> object:
        """Write all of `data`."""
        ...


class Source(Protocol):
    """What gives bytes: at least one, or b"" at the end. BytesIO is one."""

    def read(self, size: int, /) -> bytes:
        """Read at most `size` bytes."""
        ...


class _Console:
    """The Windows console, whose own layer turns UTF-8 into what it shows."""

    def __init__(self, number: int) -> None:
        self.number = number

    def write(self, data: bytes, /) -> None:
        stream = sys.stdout if self.number == STDOUT else sys.stderr
        stream.buffer.write(data)
        stream.buffer.flush()


def is_open(number: int) -> bool:
    """Whether the descriptor was open when the interpreter started, and still is.

    A closed one has no stream in `sys`; its number may since belong to a socket.
    """
    if (sys.__stdin__, sys.__stdout__, sys.__stderr__)[number] is None:
        return False
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def open_sink(number: int) -> Sink | None:
    """A way to write to the descriptor, or None when it is closed."""
    if not is_open(number):
        return None
    if not os.isatty(number):
        return Descriptor(number)
    return _Console(number) if os.name == "nt" else Descriptor(number, unblocked(number))


def open_source() -> Source | None:
    """A way to read what somebody sent to standard input, or None when there can be nothing.

    Closed descriptors, terminals and other devices (/dev/null, /dev/zero) have nothing to say.
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


def encoding_of(number: int) -> str:
    """UTF-8 for pipes and files; for a terminal what its locale says."""
    stream = (sys.__stdin__, sys.__stdout__, sys.__stderr__)[number]
    if stream is None or os.name == "nt" or not is_terminal(number):
        return UTF8
    return codecs.lookup(stream.encoding or UTF8).name


def reader_left(number: int) -> bool:
    """Whether nobody can read any more what is written to this pipe. False where that cannot be known."""
    import select

    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(number, select.POLLOUT)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def is_broken_pipe(error: OSError) -> bool:
    """Whether a failed write says that the reader is gone. Windows says EINVAL for it."""
    return isinstance(error, ConnectionError) or (os.name == "nt" and error.errno == errno.EINVAL)


def is_terminal_gone(error: OSError) -> bool:
    """Whether a failed write to a terminal says that there is no terminal any more."""
    return error.errno in {errno.EIO, errno.ENXIO}


def terminal_gone() -> Interrupted:
    """The error for that: it ends a run as SIGHUP does, which says the same."""
    return Interrupted("The terminal went away.", exit_code=129)


def encode(text: str, encoding: str = UTF8) -> bytes:
    """Text as bytes, always: what cannot be written is replaced (a lone surrogate by U+FFFD)."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        sound = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if encoding == UTF8:
        return sound.encode()
    return sound.translate(_stand_ins(encoding)).encode(encoding, "replace")


def shown(text: str, encoding: str = UTF8) -> str:
    """What a reader of that encoding sees of `text`; each character becomes the same wherever it stands."""
    return text if encoding == UTF8 or text.isascii() else encode(text, encoding).decode(encoding, "replace")


def _stand_ins(encoding: str) -> dict[int, str]:
    """Those of our characters that an encoding lacks, and what stands in for each."""
    return {ord(char): plain for char, plain in _PLAIN.items() if not _has(encoding, char)}


def _has(encoding: str, char: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def settle(number: int, stream: TextIO | None) -> None:
    """Flush what a library left in `stream`, and hear what closing the descriptor would say.

    The descriptor itself stays open. After a failure it leads nowhere, so that the interpreter's own flush
    at the end succeeds. Raises OSError: some file systems tell only now that they are full.
    """
    try:
        if stream is not None and not stream.closed:
            stream.flush()
        os.close(os.dup(number))
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        if nowhere != number:
            os.dup2(nowhere, number)
            os.close(nowhere)
        raise


def size_of(number: int, env: Mapping[str, str]) -> tuple[int, int]:
    """Columns and rows of the terminal; where it does not tell, COLUMNS and LINES, else 80 and 24."""
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
