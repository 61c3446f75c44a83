"""The output file of a batch, which is also its checkpoint: append-only, one write per row."""

from __future__ import annotations

import json
import os
import re
import stat
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mira_cli.errors import ConfigError, OutputError, UsageError
from mira_cli.settings import files
from mira_cli.terminal.reading import is_stdin, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_MESSAGE = 200
_HINT = "Give another file with -o."
# The start of every row; a kill can leave part of a row at the end of the file.
ROW_START = b'{"id":'
# An answered row as we write it, up to the end of its text. Most rows of a long run match, and matching takes
# a fifth of the time of decoding the JSON.
_PLAIN = rb'[^"\\\x00-\x1f]*+'
_STRING = b'"' + _PLAIN + rb"(?:\\." + _PLAIN + b')*+"'
_ANSWERED = re.compile(
    rb'\{"id":(?:-?\d+|' + _STRING + rb'),"key":"([0-9a-f]+)","text":' + _STRING + b',"model":'
)


class Checkpoint:
    """An open file of answers."""

    def __init__(self, file: FileIO, path: str) -> None:
        self.done: set[str] = set()  # keys of answered rows
        self.failed: dict[str, str] = {}  # error messages of failed rows, by key
        self._file = file
        self._path = path

    def load(self) -> None:
        """Read the existing rows; cut off the last one if it is incomplete.

        Raises:
            UsageError: It contains lines that are not rows, and is left as it is.
            OutputError: It cannot be read or cut.
        """
        end = 0  # of the last whole line
        try:
            self._file.seek(0)
            with open(self._file.fileno(), "rb", closefd=False) as lines:
                for number, line in enumerate(lines, 1):
                    whole = line.endswith(b"\n")
                    if self._take(line):
                        if not whole:
                            self.append(b"\n")
                    elif not whole and line.startswith(ROW_START[: len(line)]) and _parsed(line) is None:
                        self._file.truncate(end)
                    elif line.strip():
                        message = (
                            f"{self._path} line {number} is not a row of a batch; the file was left as it is."
                        )
                        raise UsageError(message, hint=_HINT)
                    end += len(line)
        except OSError as error:
            raise self._failure(error) from error

    def append(self, line: bytes) -> None:
        """Add a row, whole or not at all.

        Raises:
            OutputError: It cannot be written.
        """
        try:
            written = self._file.write(line)
            if written < len(line):  # the disk is full: no half row
                self._file.truncate(self._file.tell() - written)
                raise OutputError(f"Cannot write {self._path}: no space left.")
        except OSError as error:
            raise self._failure(error) from error

    def _take(self, line: bytes) -> bool:
        """Record one row; the last row of a key wins. False if the line is not a row."""
        answered = _ANSWERED.match(line)
        if answered and line.endswith(b"}\n"):
            key, error = answered[1].decode(), None
        else:
            row = _parsed(line)
            if not isinstance(row, dict) or not isinstance(row.get("key"), str) or "id" not in row:
                return False
            key, error = row["key"], row.get("error")
            if not isinstance(error, dict) and not isinstance(row.get("text"), str):
                return False
        if isinstance(error, dict):
            self.done.discard(key)
            self.failed[key] = str(error.get("message", ""))[:_LONGEST_MESSAGE]
        else:
            self.failed.pop(key, None)
            self.done.add(key)
        return True

    def _failure(self, error: OSError) -> OutputError:
        return OutputError(f"Cannot write {self._path}: {error.strerror}.")


def _parsed(line: bytes) -> Any:
    """The JSON value of a line; None if it is not JSON, like any incomplete row."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


@contextmanager
def open_checkpoint(path: str, *, questions: str) -> Iterator[Checkpoint]:
    """Open the output file, created if missing, and lock it against a second writer.

    Raises:
        UsageError: It holds the questions, another process is using it, or it is something else: a device,
            other text. Unchanged.
        OutputError: It cannot be written.
    """
    import filelock

    with suppress(OSError):  # a new file, or one that cannot be opened either
        if not is_stdin(questions) and Path(path).samefile(questions):
            raise UsageError(f"{path} holds the questions.", hint=_HINT)
    with _open(path) as file:
        descriptor = file.fileno()
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UsageError(f"{path} is not an ordinary file.", hint="Leave -o out, or give a file name.")
        with suppress(OSError):  # a file system without locks
            if not filelock.lock_descriptor(descriptor, blocking=False):  # until the file is closed
                raise UsageError(
                    f"Another mira process is using {path}.",
                    hint="Wait until it is done, or give another file with -o.",
                )
        checkpoint = Checkpoint(file, path)
        checkpoint.load()
        yield checkpoint
        with suppress(OSError):  # some file systems cannot
            os.fsync(descriptor)


def _open(path: str) -> FileIO:
    try:
        files.check_writable(path)
        return FileIO(path, "a+")
    except ConfigError as error:
        raise UsageError(error.message, hint=_HINT) from error
    except IsADirectoryError:
        raise UsageError(f"{path} is a directory.", hint="Give a file name with -o.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot write {path}: {reason(error)}.", hint=_HINT) from error
