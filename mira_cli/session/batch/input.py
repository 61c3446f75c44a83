"""The lines of a batch's input, one at a time as they come, however many there are."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager
from io import BufferedReader, FileIO, RawIOBase
from typing import TYPE_CHECKING, Any

from mira_cli.errors import UsageError
from mira_cli.terminal.reading import STDIN_NAME, is_stdin, no_such_file, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mira_cli.terminal.stdio import Source
    from mira_cli.terminal.streams import Streams

LONGEST = 16 << 20  # bytes of a line that are kept; what the API takes is far below


@contextmanager
def open_input(path: str, streams: Streams) -> Iterator[tuple[int | None, Iterator[bytes | None]]]:
    """How many lines of that input are not empty, None while that is not known, and its lines.

    Lines come without their line ends; None is one that is too long to keep. `-` and the system's names for
    it are standard input.

    Raises:
        UsageError: It is missing, a directory, a terminal, or cannot be read, which also a line may raise.
    """
    if is_stdin(path):
        if streams.in_tty:
            raise UsageError("Standard input is a terminal.", hint="Give a file, or pipe the questions in.")
        yield None, lines_of(streams.stdin, STDIN_NAME)
        return
    with _open(path) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            yield None, lines_of(file, path)
            return
        count = sum(line is None or bool(line.strip()) for line in lines_of(file, path))
        size = file.tell()
        file.seek(0)
        # What is added from now on is not read: it may be the answers, appended to their own questions.
        yield count, lines_of(file, path, size)


def _open(path: str) -> FileIO:
    try:
        return FileIO(path)
    except FileNotFoundError:
        raise no_such_file(path) from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a directory.", hint="Give a file of questions.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot read {path}: {reason(error)}.") from error


class _Raw(RawIOBase):
    """A source as Python's buffered reader takes it."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what there is into the buffer; the number of bytes, 0 at the end."""
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def lines_of(source: Source | None, name: str, left: int = sys.maxsize) -> Iterator[bytes | None]:
    """The lines of a source that messages call `name`, as of `open_input`; of its next `left` bytes."""
    if source is None:
        return
    reader = BufferedReader(_Raw(source), 1 << 16)
    try:
        while line := reader.readline(min(LONGEST + 1, left)):
            left -= len(line)
            if len(line) <= LONGEST or line.endswith(b"\n"):
                yield line.removesuffix(b"\n").removesuffix(b"\r")
                continue
            while line and not line.endswith(b"\n"):  # the rest of it is not held in memory
                line = reader.readline(min(LONGEST, left))
                left -= len(line)
            yield None
    except OSError as error:
        raise UsageError(f"Cannot read {name}: {reason(error)}.") from error
