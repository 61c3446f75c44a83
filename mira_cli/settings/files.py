"""Private directories, atomic writes, and locks between processes."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError
from mira_cli.settings.paths import in_home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PRIVATE = 0o600
NOTICE_AFTER = 1.0  # seconds
_DIRECTORY_HINT = "Set MIRA_CONFIG_DIR to a directory of yours."


def make_directory(path: str) -> None:
    """Create a directory and its missing parents, with mode 0700. Raises ConfigError if that fails."""
    directory = Path(in_home(path))
    umask = os.umask(0o077)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"Cannot make {error.filename}: {error.strerror}.", hint=_DIRECTORY_HINT) from error
    finally:
        os.umask(umask)


def check_writable(path: str) -> None:
    """Raise ConfigError if a file is read-only, even for root: a rename over it would ignore its mode."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):  # missing, or the write itself says why not
        return
    if stat.S_ISREG(mode) and not (mode & 0o222 and os.access(path, os.W_OK)):
        raise ConfigError(f"{path} is read-only.", hint="Check its permissions.")


def write(path: str, data: bytes, *, mode: int | None = None) -> None:
    """Replace the contents of a file atomically: readers see the old data or the new, even after a crash.

    Symbolic links stay links. `mode` ignores the umask; None keeps the file's mode (of a new file: 0600).

    Raises:
        ConfigError: It is read-only or cannot be written; the old contents are unchanged.
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
    """Hold a lock file during the `with` block; it is created with mode 0600, and removed afterwards.

    A killed process releases it. Messages name the protected file; `note` gets one after a second of waiting.

    Raises:
        ConfigError: It is still held after `timeout` seconds, or cannot be made.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, mode=PRIVATE)
    try:
        Path(path).parent.stat()  # filelock would create a missing directory
        with suppress(Timeout):
            lock.acquire(timeout=min(timeout, NOTICE_AFTER))
        if not lock.is_locked:
            note(f"Waiting for another mira process using {name}…")
            lock.acquire(timeout=max(0.0, timeout - NOTICE_AFTER))
    except Timeout as error:
        message = f"Another mira process is using {name}; gave up after {timeout:g} s."
        raise ConfigError(message, hint="Try again.") from error
    except OSError as error:
        raise ConfigError(f"Cannot write {name}: {error.strerror}.", hint=_DIRECTORY_HINT) from error
    try:
        yield
    finally:
        # Removed while held: waiting processes notice that the file is gone and create a new one.
        with suppress(OSError):
            Path(path).unlink()
        lock.release()
