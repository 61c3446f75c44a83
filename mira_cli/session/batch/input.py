"""Reads the input of a batch line by line, without holding it in memory."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager
from io import BufferedReader, FileIO
from typing import TYPE_CHECKING

from mira_cli.errors import UsageError
from mira_cli.terminal.reading import STDIN_NAME, is_stdin, no_such_file, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mira_cli.terminal.streams import Streams

LONGEST = 16 << 20  # bytes of a line; far more than the API accepts


@contextmanager
def open_input(path: str, streams: Streams) -> Iterator[tuple[int | None, Iterator[bytes | None]]]:
    """The number of non-empty lines in the input, None if unknown, and its lines.

    Lines come without line ends; None is a line that is too long. `-` and /dev/stdin are standard input.

    Raises:
        UsageError: It is missing, a directory, a terminal, or cannot be read; also while reading lines.
    """
    if is_stdin(path):
        if streams.in_tty:
            raise UsageError("Standard input is a terminal.", hint="Give a file, or pipe the questions in.")
        yield None, iter(()) if streams.stdin is None else lines_of(BufferedReader(streams.stdin), STDIN_NAME)
        return
    with _open(path) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            yield None, lines_of(file, path)
            return
        count = sum(line is None or bool(line.strip()) for line in lines_of(file, path))
        size = file.tell()
        file.seek(0)
        # Don't read lines that are added from now on: the answers may be appended to this file.
        yield count, lines_of(file, path, size)


def _open(path: str) -> BufferedReader:
    try:
        return BufferedReader(FileIO(path))
    except FileNotFoundError:
        raise no_such_file(path) from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a directory.", hint="Give a file of questions.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot read {path}: {reason(error)}.") from error


def lines_of(reader: BufferedReader, name: str, left: int = sys.maxsize) -> Iterator[bytes | None]:
    """The lines in the next `left` bytes, as in `open_input`. `name` is for messages."""
    try:
        while line := reader.readline(min(LONGEST + 1, left)):
            left -= len(line)
            if len(line) <= LONGEST or line.endswith(b"\n"):
                yield line.removesuffix(b"\n").removesuffix(b"\r")
                continue
            while line and not line.endswith(b"\n"):  # skip the rest of it
                line = reader.readline(min(LONGEST, left))
                left -= len(line)
            yield None
    except OSError as error:
        raise UsageError(f"Cannot read {name}: {reason(error)}.") from error
