"""Conversation files on disk: locked, read, and written in one step."""

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
    """A conversation file that no other `mira` writes to as long as it is open.

    Attributes:
        path: As the user named it.
        stored: What it holds; nothing yet if it is missing or empty.
    """

    path: str
    stored: StoredConversation

    def write(self, stored: StoredConversation, redact: Callable[[str], str] = str) -> None:
        """Replace the file's contents in one step; a new file, or one that was empty, is made 0600.

        Args:
            stored: The conversation.
            redact: A text -> the same without keys.

        Raises:
            OutputError: It cannot be written; the old contents are unchanged.
        """
        write_text(self.path, redact(dump(stored)), mode=None if is_taken(self.path) else files.PRIVATE)


@contextmanager
def open_conversation(
    path: str, *, longest: float, waiting: Callable[[], None] = lambda: None
) -> Iterator[ConversationFile]:
    """Open a conversation file to read, ask and write under one lock; only `write` changes it.

    Args:
        path: The file; it need not be there, its directory must be.
        longest: How many seconds to wait for another `mira` that has it open.
        waiting: Called once when that wait has lasted a second.

    Raises:
        UsageError: It is something else, read-only, cannot be read, or stayed in use.
    """
    _check_kind(path)
    check_writable(path)
    with _alone(path, longest, waiting):
        yield ConversationFile(
            path, parse(_text(path), path) if Path(path).exists() else StoredConversation()
        )


def read_conversation(path: str) -> StoredConversation:
    """Read a conversation file.

    Raises:
        UsageError: It is missing, something else, or cannot be read.
    """
    _check_kind(path)
    if not Path(path).exists():
        from mira_cli.terminal.reading import no_such_file

        raise no_such_file(path)
    return parse(_text(path), path)


def write_text(path: str, text: str, *, mode: int | None) -> None:
    """Put a text into a file in one step; `mode` as in `files.write`.

    Raises:
        UsageError: The file is read-only.
        OutputError: It cannot be written; the old contents are as they were.
    """
    check_writable(path)
    try:
        files.write(path, text.encode(errors="replace"), mode=mode)
    except ConfigError as error:
        raise OutputError(error.message, hint="Name a file in a directory that can be written to.") from error


def is_taken(path: str) -> bool:
    """Whether something stands there that writing would replace; an empty file is nothing."""
    try:
        return Path(path).stat().st_size > 0
    except OSError:
        return False


@contextmanager
def _alone(path: str, longest: float, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a file: one beside it, since writing puts another file in its place."""
    try:
        target = Path(os.path.realpath(path))
    except FileNotFoundError as error:
        raise UsageError(
            f"{path} lies in a working directory that is gone.", hint="Go to another."
        ) from error
    lock = str(target.with_name(f".{target.name}.lock"))
    with ExitStack() as stack:
        try:
            stack.enter_context(files.locked(lock, name=path, timeout=longest, waiting=waiting))
        except ConfigError as error:
            raise UsageError(error.message, hint="The conversation is unchanged.") from error
        yield


def check_writable(path: str) -> None:
    """Check that a file may be replaced.

    Raises:
        UsageError: It is read-only.
    """
    try:
        files.check_writable(path)
    except ConfigError as error:
        raise UsageError(error.message, hint="Name another file, or make it writable.") from error


def _check_kind(path: str) -> None:
    """Refuse what is no ordinary file, before it is waited for."""
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a directory, not a conversation.")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is not an ordinary file.", hint="A conversation is kept in a file.")


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
