"""The lines of a batch's input, one at a time as they come, however many there are."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from io import FileIO
from typing import TYPE_CHECKING

from mira_cli.errors import UsageError
from mira_cli.terminal.reading import STDIN_NAME, is_stdin, no_such_file, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mira_cli.terminal.stdio import Source
    from mira_cli.terminal.streams import Streams

STDIN = "-"
LONGEST = 16 << 20  # bytes of a line that are kept; what the API takes is far below
_PIECE = 1 << 16


class Input:
    """Where the rows come from.

    Args:
        name: What to call it.
        source: Gives its bytes, None for nothing at all.
        count: Lines that are not empty, None when that cannot be known beforehand.
        size: Bytes to read at most, None for all that come.
    """

    def __init__(
        self, name: str, source: Source | None, count: int | None = None, size: int | None = None
    ) -> None:
        self.name = name
        self.count = count
        self._source = source
        self._size = size

    def lines(self) -> Iterator[tuple[int, bytes | None]]:
        """Number, from 1, and bytes of each line without its line end; None for one that is too long to keep.

        Raises:
            UsageError: It cannot be read.
        """
        yield from enumerate(_split(self._pieces()), 1)

    def _pieces(self) -> Iterator[bytes]:
        if self._source is None:
            return
        left = self._size
        try:
            while piece := self._source.read(_PIECE if left is None else min(_PIECE, left)):
                yield piece
                left = None if left is None else left - len(piece)
        except OSError as error:
            raise _unreadable(self.name, error) from error


@contextmanager
def open_input(path: str, streams: Streams) -> Iterator[Input]:
    """The input of that name; `-` and the system's names for it are standard input.

    Raises:
        UsageError: It is missing, a directory, a terminal, or cannot be read.
    """
    if is_stdin(path):
        if streams.in_tty:
            raise UsageError("Standard input is a terminal.", hint="Give a file, or pipe the questions in.")
        yield Input(STDIN_NAME, streams.stdin)
        return
    with _open(path) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            yield Input(path, file)
            return
        try:
            count, size = _count(file)
        except OSError as error:
            raise _unreadable(path, error) from error
        # What is added from now on is not read: it may be the answers, appended to their own questions.
        yield Input(path, file, count, size)


def _open(path: str) -> FileIO:
    try:
        return FileIO(path)
    except FileNotFoundError:
        raise no_such_file(path) from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a directory.", hint="Give a file of questions.") from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _count(file: FileIO) -> tuple[int, int]:
    """How many lines are not empty, and all bytes; the file is at its start again afterwards."""
    count = sum(line is None or bool(line.strip()) for line in _split(iter(lambda: file.read(_PIECE), b"")))
    size = file.tell()
    file.seek(0)
    return count, size


def _split(pieces: Iterator[bytes]) -> Iterator[bytes | None]:
    """Lines from pieces; a line that is too long is not held in memory, and comes as None."""
    begun: list[bytes] = []
    size = 0
    for piece in pieces:
        *ended, last = piece.split(b"\n")
        for part in ended:
            size += len(part)
            yield None if size > LONGEST else b"".join((*begun, part)).removesuffix(b"\r")
            begun.clear()
            size = 0
        size += len(last)
        if size > LONGEST:
            begun.clear()
        else:
            begun.append(last)
    if size:
        yield None if size > LONGEST else b"".join(begun).removesuffix(b"\r")


def _unreadable(name: str, error: OSError | ValueError) -> UsageError:
    return UsageError(f"Cannot read {name}: {reason(error)}.")
