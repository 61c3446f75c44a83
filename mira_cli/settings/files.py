"""Private directories, files written in one step, and locks between processes."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PRIVATE = 0o600
NOTICE_AFTER = 1.0  # seconds
_POLL = 0.02  # seconds
_ANYONE_WRITES = 0o222
_DIRECTORY_HINT = "Set MIRA_CONFIG_DIR to a directory of yours."


def make_directory(path: str) -> None:
    """Make a directory and its missing parents, 0700 whatever the umask; existing ones are left as they are.

    Raises:
        ConfigError: There is no home directory to make it in, or it cannot be made.
    """
    if not path:
        raise ConfigError(
            "There is no home directory to keep settings in.", hint="Set HOME or MIRA_CONFIG_DIR."
        )
    umask = os.umask(0o077)
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"Cannot make {error.filename}: {error.strerror}.", hint=_DIRECTORY_HINT) from error
    finally:
        os.umask(umask)


def check_writable(path: str) -> None:
    """Check that an existing file may be replaced: renaming over it would ignore its own permissions.

    A file with no write permission at all counts as read-only for root as well.

    Raises:
        ConfigError: It is read-only.
    """
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):  # missing, or the write itself says why not
        return
    if stat.S_ISREG(mode) and not (mode & _ANYONE_WRITES and os.access(path, os.W_OK)):
        raise ConfigError(f"{path} is read-only.", hint="Check its permissions.")


def write(path: str, data: bytes, *, mode: int | None = None) -> None:
    """Replace the contents of a file in one step: a reader, or a crash, finds the old data or the new.

    The data goes to a temporary file in the same directory, is flushed to disk, and is renamed over the file.
    A symbolic link is followed, so it stays a link. `mode` holds whatever the umask is; None keeps the file's
    own, and makes a new file 0600.

    Raises:
        ConfigError: It is read-only or cannot be written; the old contents are untouched.
    """
    import tempfile

    check_writable(path)
    try:
        target = Path(os.path.realpath(path))
        if mode is None:
            mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else PRIVATE
        descriptor, temporary = tempfile.mkstemp(prefix=".mira-", suffix=".tmp", dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            Path(temporary).chmod(mode)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink()
            raise
    except OSError as error:
        raise ConfigError(f"Cannot write {path}: {error.strerror}.", hint=_DIRECTORY_HINT) from error


@contextmanager
def locked(
    path: str, name: str, note: Callable[[str], None] = lambda _: None, *, timeout: float = 10.0
) -> Iterator[None]:
    """Hold a lock file while the body runs; it is made when missing, 0600, and removed afterwards.

    Only one process holds it at a time; a killed one holds it no longer. `name` is what it protects, in
    messages; `note` gets a line when the wait for another process has lasted a second.

    Raises:
        ConfigError: It is still held after `timeout` seconds, or cannot be made.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, mode=PRIVATE, poll_interval=_POLL)
    try:
        Path(path).parent.stat()  # filelock would make a missing directory
        try:
            lock.acquire(timeout=min(timeout, NOTICE_AFTER))
        except Timeout:
            if timeout > NOTICE_AFTER:
                note(f"Waiting for another mira process using {name}…")
            lock.acquire(timeout=max(0.0, timeout - NOTICE_AFTER))
        Path(path).write_text(f"{os.getpid()}\n", encoding="ascii")
    except Timeout as error:
        message = f"Another mira process{_holder(path)} is using {name}; gave up after {timeout:g} s."
        raise ConfigError(message, hint="Try again.") from error
    except OSError as error:
        raise ConfigError(f"Cannot write {name}: {error.strerror}.", hint=_DIRECTORY_HINT) from error
    try:
        yield
    finally:
        # Removed while it is held: whoever waits notices that its file is gone, and makes a new one.
        with suppress(OSError):
            Path(path).unlink()
        lock.release()


def _holder(path: str) -> str:
    """The process that holds a lock file, " (1234)"; "" if the file does not say."""
    try:
        process = Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return f" ({process})" if process.isdigit() else ""
