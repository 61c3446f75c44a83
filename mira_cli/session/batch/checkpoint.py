"""The file of a batch's answers, which is also its checkpoint: append-only, each row one write."""

from __future__ import annotations

import json
import os
import re
import stat
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from mira_cli.errors import ConfigError, OutputError, UsageError
from mira_cli.settings import files
from mira_cli.terminal.reading import reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
_MODE = 0o666  # what the umask leaves of it, as for any output file
_SYNC_EVERY = 1.0  # seconds: a crash of the machine costs the answers of no longer time than that
_LONGEST_MESSAGE = 200
# What each row begins with; a kill can leave any part of a row at the end of the file.
ROW_START = b'{"id":'
# An answered row as it is written here, up to the end of its text. Most rows of a long run are such, and this
# takes a fifth of the time that decoding all of their JSON does.
_PLAIN = rb'[^"\\\x00-\x1f]*+'
_STRING = b'"' + _PLAIN + rb"(?:\\." + _PLAIN + b')*+"'
_ANSWERED = re.compile(
    rb'\{"id":(?:-?\d+|' + _STRING + rb'),"key":"([0-9a-f]+)","text":' + _STRING + b',"model":'
)


class Checkpoint:
    """An open file of answers, locked against a second writer.

    Attributes:
        done: Keys of the rows that were answered.
        failed: Messages of those that failed, by key.
    """

    def __init__(self, descriptor: int, path: str, clock: Callable[[], float]) -> None:
        self.done: set[str] = set()
        self.failed: dict[str, str] = {}
        self._descriptor = descriptor
        self._path = path
        self._clock = clock
        self._synced = clock()

    def load(self) -> None:
        """Read the rows that are there; cut off the last one if it is torn.

        Raises:
            UsageError: It holds lines that are not rows, and was left as it is.
            OutputError: It cannot be read or cut.
        """
        try:
            with open(self._descriptor, "rb", closefd=False) as file:
                end, torn = self._read(file)
            if torn is None:
                self.append(b"\n")  # the row is whole, only its line end is missing
            elif torn:
                os.ftruncate(self._descriptor, end)
        except OSError as error:
            raise self._failure(error) from error

    def append(self, line: bytes) -> None:
        """Add a row, whole or not at all.

        Raises:
            OutputError: It cannot be written.
        """
        try:
            written = os.write(self._descriptor, line)
            if written < len(line):  # the disk is full: no half row
                os.ftruncate(self._descriptor, os.fstat(self._descriptor).st_size - written)
                raise OutputError(f"Cannot write {self._path}: no space left.")
            if self._clock() - self._synced >= _SYNC_EVERY:
                self.sync()
        except OSError as error:
            raise self._failure(error) from error

    def sync(self) -> None:
        """Have what was written reach the disk."""
        with suppress(OSError):  # some file systems cannot
            os.fsync(self._descriptor)
        self._synced = self._clock()

    def _read(self, file: BinaryIO) -> tuple[int, bytes | None]:
        """Where the last whole line ends, and what follows it; None if that is a whole row."""
        end = 0
        for number, line in enumerate(file, 1):
            if line.endswith(b"\n"):
                end += len(line)
                if line.strip() and not self._take(line):
                    raise self._foreign(number)
            elif self._take(line):
                return end, None
            elif line.startswith(ROW_START[: len(line)]) and not _is_json(line):
                return end, line
            else:
                raise self._foreign(number)
        return end, b""

    def _take(self, line: bytes) -> bool:
        """Note one row; False if the line is not a row."""
        answered = _ANSWERED.match(line)
        if answered and line.endswith(b"}\n"):
            self._note(answered[1].decode(), None)
            return True
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return False
        if not isinstance(row, dict) or not isinstance(row.get("key"), str) or "id" not in row:
            return False
        key, error = row["key"], row.get("error")
        if isinstance(error, dict):
            self._note(key, str(error.get("message", "")))
        elif isinstance(row.get("text"), str):
            self._note(key, None)
        else:
            return False
        return True

    def _note(self, key: str, failure: str | None) -> None:
        """The latest row of a key counts. `failure`: its message, None if the row was answered."""
        if failure is None:
            self.failed.pop(key, None)
            self.done.add(key)
        else:
            self.done.discard(key)
            self.failed[key] = failure[:_LONGEST_MESSAGE]

    def _foreign(self, number: int) -> UsageError:
        return UsageError(
            f"{self._path} line {number} is not a row of a batch; the file was left as it is.",
            hint="Give another file with -o.",
        )

    def _failure(self, error: OSError) -> OutputError:
        return OutputError(f"Cannot write {self._path}: {error.strerror}.")


def _is_json(line: bytes) -> bool:
    """Whether the line is valid JSON, which a torn row never is."""
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


@contextmanager
def open_checkpoint(path: str, clock: Callable[[], float] = time.monotonic) -> Iterator[Checkpoint]:
    """Open the file of answers, made when missing; on leaving, what was written has reached the disk.

    Raises:
        UsageError: Another process is using it, or it is something else: a device, other text. Untouched.
        OutputError: It cannot be written.
    """
    import filelock

    descriptor = _open(path)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UsageError(f"{path} is not an ordinary file.", hint="Leave -o out, or give a file name.")
        try:
            is_ours = filelock.lock_descriptor(descriptor, blocking=False)
        except OSError:  # a file system without locks
            is_ours = True
        if not is_ours:
            raise UsageError(
                f"Another mira process is using {path}.",
                hint="Wait until it is done, or give another file with -o.",
            )
        checkpoint = Checkpoint(descriptor, path, clock)
        checkpoint.load()
        try:
            yield checkpoint
        finally:
            checkpoint.sync()
    finally:
        os.close(descriptor)  # which lets go of the lock


def _open(path: str) -> int:
    try:
        files.check_writable(path)
        return os.open(path, _FLAGS, _MODE)
    except ConfigError as error:
        raise UsageError(error.message, hint="Give another file with -o.") from error
    except IsADirectoryError:
        raise UsageError(f"{path} is a directory.", hint="Give a file name with -o.") from None
    except (OSError, ValueError) as error:
        raise UsageError(
            f"Cannot write {path}: {reason(error)}.", hint="Give another file with -o."
        ) from error
