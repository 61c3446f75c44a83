"""Conversation files on disk: locked, read, and replaced atomically."""

from __future__ import annotations

import os
import stat
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.conversation.file_format import StoredConversation, dump, parse
from mira_cli.errors import ConfigError, MiraError, OutputError, UsageError
from mira_cli.settings import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LARGEST = 64 * 1024 * 1024


@contextmanager
def open_conversation(
    path: str, *, timeout: float, note: Callable[[str], None] = lambda _: None
) -> Iterator[StoredConversation]:
    """Read a conversation file, and lock it against other `mira` processes during the `with` block.

    A missing or empty file is an empty conversation. The lock is a file next to it, because writing replaces
    the file itself.

    Args:
        path: The file; its directory must exist.
        timeout: Seconds to wait for another `mira` that has it open.
        note: Gets a line after a second of waiting.

    Raises:
        UsageError: It is not a conversation, is read-only, cannot be read, or stayed in use.
    """
    _check_kind(path)
    check_writable(path)
    try:
        target = Path(os.path.realpath(path))
    except FileNotFoundError as error:
        raise UsageError(
            f"{path} is in a working directory that no longer exists.", hint="Change to another directory."
        ) from error
    lock = str(target.with_name(f".{target.name}.lock"))
    with ExitStack() as stack:
        with _config_error_as(UsageError, "The conversation is unchanged."):
            stack.enter_context(files.locked(lock, path, note, timeout=timeout))
        yield parse(_text(path), path) if target.exists() else StoredConversation()


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


def write_conversation(path: str, stored: StoredConversation, redact: Callable[[str], str] = str) -> None:
    """Replace a conversation file atomically; a new or empty file gets mode 0600. `redact` removes keys.

    Raises:
        OutputError: It cannot be written; the old contents are unchanged.
    """
    write_text(path, dump(stored, redact), mode=None if is_taken(path) else files.PRIVATE)


def write_text(path: str, text: str, *, mode: int | None) -> None:
    """Write a text file atomically; `mode` as in `files.write`.

    Raises:
        OutputError: It cannot be written; the old contents are unchanged.
    """
    with _config_error_as(OutputError, "Give a file in a directory that can be written to."):
        files.write(path, text.encode(errors="replace"), mode=mode)


def is_taken(path: str) -> bool:
    """Whether a file exists and is not empty, so that writing to it would lose something."""
    try:
        return Path(path).stat().st_size > 0
    except OSError:
        return False


def check_writable(path: str) -> None:
    """Raise UsageError if a file is read-only, and so can't be replaced."""
    with _config_error_as(UsageError, "Give another file, or make it writable."):
        files.check_writable(path)


@contextmanager
def _config_error_as(kind: type[MiraError], hint: str) -> Iterator[None]:
    """Raise a ConfigError of `settings.files`, which is about mira's own files, as another error."""
    try:
        yield
    except ConfigError as error:
        raise kind(error.message, hint=hint) from error


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
