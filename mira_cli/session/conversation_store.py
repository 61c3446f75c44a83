"""Conversation files on disk: locked, read, and replaced atomically."""

from __future__ import annotations

import os
import stat
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.conversation.file_format import StoredConversation, dump, parse
from mira_cli.errors import ConfigError, OutputError, UsageError
from mira_cli.settings import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ConversationFile:
    """A conversation file, locked against other `mira` processes while it is open.

    Attributes:
        path: The path as the user gave it.
        stored: The contents; an empty conversation if the file is missing or empty.
    """

    path: str
    stored: StoredConversation

    def write(self, stored: StoredConversation, redact: Callable[[str], str] = str) -> None:
        """Replace the file's contents atomically; a new or empty file gets mode 0600.

        Args:
            stored: The new contents.
            redact: Removes keys from a text.

        Raises:
            OutputError: It cannot be written; the old contents are unchanged.
        """
        write_text(self.path, dump(stored, redact), mode=None if is_taken(self.path) else files.PRIVATE)


@contextmanager
def open_conversation(
    path: str, *, timeout: float, note: Callable[[str], None] = lambda _: None
) -> Iterator[ConversationFile]:
    """Open a conversation file and hold its lock during the `with` block. Only `write` changes the file.

    Args:
        path: The file, which may be missing; its directory must exist.
        timeout: Seconds to wait for another `mira` that has it open.
        note: Gets a line after a second of waiting.

    Raises:
        UsageError: It is not a conversation, is read-only, cannot be read, or stayed in use.
    """
    _check_kind(path)
    check_writable(path)
    with _locked(path, timeout, note):
        yield ConversationFile(
            path, parse(_text(path), path) if Path(path).exists() else StoredConversation()
        )


def read_conversation(path: str) -> StoredConversation:
    """Read a conversation file.

    Raises:
        UsageError: It is missing, not a conversation, or cannot be read.
    """
    _check_kind(path)
    if not Path(path).exists():
        from mira_cli.terminal.reading import no_such_file

        raise no_such_file(path)
    return parse(_text(path), path)


def write_text(path: str, text: str, *, mode: int | None) -> None:
    """Write a text file atomically; `mode` as in `files.write`.

    Raises:
        OutputError: It cannot be written; the old contents are unchanged.
    """
    try:
        files.write(path, text.encode(errors="replace"), mode=mode)
    except ConfigError as error:
        raise OutputError(error.message, hint="Give a file in a directory that can be written to.") from error


def is_taken(path: str) -> bool:
    """Whether a file exists and is not empty, so that writing to it would lose something."""
    try:
        return Path(path).stat().st_size > 0
    except OSError:
        return False


@contextmanager
def _locked(path: str, timeout: float, note: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file next to the file. The file itself can't be locked, because writing replaces it."""
    try:
        target = Path(os.path.realpath(path))
    except FileNotFoundError as error:
        raise UsageError(
            f"{path} is in a working directory that no longer exists.", hint="Change to another directory."
        ) from error
    lock = str(target.with_name(f".{target.name}.lock"))
    with ExitStack() as stack:
        try:
            stack.enter_context(files.locked(lock, path, note, timeout=timeout))
        except ConfigError as error:
            raise UsageError(error.message, hint="The conversation is unchanged.") from error
        yield


def check_writable(path: str) -> None:
    """Check that a file can be replaced.

    Raises:
        UsageError: It is read-only.
    """
    try:
        files.check_writable(path)
    except ConfigError as error:
        raise UsageError(error.message, hint="Give another file, or make it writable.") from error


def _check_kind(path: str) -> None:
    """Refuse anything but a regular file, before waiting for the lock."""
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a directory, not a conversation.")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is not an ordinary file.", hint="A conversation is stored in a file.")


def _text(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(data) > _LARGEST:
        raise UsageError(f"{path} is not a conversation: it is over {_LARGEST // 1024**2} MB.")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not a conversation: it is not UTF-8 text.") from None


def _unreadable(path: str, error: OSError) -> UsageError:
    return UsageError(f"Cannot read {path}: {error.strerror}.")
