"""Private directories, files written in one step, and locks between processes."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from filelock import BaseFileLock

PRIVATE = 0o600
NOTICE_AFTER = 1.0  # seconds
_POLL = 0.02  # seconds
_PRIVATE_DIRECTORY = 0o700
_TEMPORARY = ".mira-{}.tmp"  # with the process ID of the writer
_ANYONE_WRITES = 0o222
_NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP}  # file systems without flock
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
    wanted = Path(path)
    missing = [directory for directory in (wanted, *wanted.parents) if not _is_directory(directory)]
    for directory in reversed(missing):
        try:
            directory.mkdir(_PRIVATE_DIRECTORY)
            directory.chmod(_PRIVATE_DIRECTORY)
        except OSError as error:
            if _is_directory(directory):  # another process was quicker
                continue
            raise ConfigError(f"Cannot make {directory}: {error.strerror}.", hint=_DIRECTORY_HINT) from error


def _is_directory(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - pathlib raises where it may not look


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
    A symbolic link is followed, so it stays a link.

    Args:
        path: The file; its directory exists.
        data: The new contents.
        mode: Its permissions whatever the umask; None keeps those it has, and makes a new file 0600.

    Raises:
        ConfigError: It is read-only or cannot be written; the old contents are untouched.
    """
    check_writable(path)
    try:
        target = Path(path).resolve()
        if target.is_symlink():  # to itself; before Python 3.13 resolve() refused that
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if mode is None:
            mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else PRIVATE
        temporary = target.with_name(_TEMPORARY.format(os.getpid()))
        try:
            temporary.unlink(missing_ok=True)  # left by a crashed process with our ID
            _fill(temporary, data, mode)
            temporary.replace(target)
        finally:
            with suppress(OSError):
                temporary.unlink()
        if os.name == "posix":
            _sync_directory(target.parent)
            _remove_leftovers(target.parent)
    except (OSError, RuntimeError) as error:  # RuntimeError: resolve() of a link that leads to itself
        reason = getattr(error, "strerror", None) or "the link leads to itself"
        raise ConfigError(f"Cannot write {path}: {reason}.", hint=_DIRECTORY_HINT) from error


def _fill(path: Path, data: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, PRIVATE), "wb") as file:
        if os.name == "posix":
            os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    """Make the rename itself durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_leftovers(directory: Path) -> None:
    """Remove the temporary files of processes that were killed between write and rename."""
    prefix, suffix = _TEMPORARY.split("{}")
    for left in directory.glob(_TEMPORARY.format("*")):
        try:
            os.kill(int(left.name.removeprefix(prefix).removesuffix(suffix)), 0)
        except ProcessLookupError:
            with suppress(OSError):
                left.unlink()
        except (OSError, ValueError, OverflowError):  # another user's process, or not a process ID
            continue


@contextmanager
def locked(
    path: str, *, name: str = "", timeout: float = 10.0, waiting: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Hold a lock file while the body runs; it is made when missing, 0600, and removed afterwards.

    Only one process holds it at a time; a killed one holds it no longer. On a file system without locks the
    body runs unprotected.

    Args:
        path: The lock file; its directory exists.
        name: What it protects, as messages name it; by default the lock file itself.
        timeout: The longest wait for another process, in seconds.
        waiting: Called once when the wait has lasted a second.

    Raises:
        ConfigError: It is still held after `timeout` seconds, or cannot be made.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, mode=PRIVATE, poll_interval=_POLL, fallback_to_soft=False)
    try:
        if not _is_directory(Path(path).parent):  # which filelock would make
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        _acquire(lock, timeout, waiting)
    except Timeout as error:
        message = f"Another mira process{_holder(path)} is using {name or path}; gave up after {timeout:g} s."
        raise ConfigError(message, hint="Try again.") from error
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise ConfigError(
                f"Cannot write {name or path}: {error.strerror}.", hint=_DIRECTORY_HINT
            ) from error
    try:
        _write_holder(path)
        yield
    finally:
        # Removed while it is held: whoever waits notices that its file is gone, and makes a new one.
        if lock.is_locked:
            with suppress(OSError):
                Path(path).unlink()
            lock.release()


def _write_holder(path: str) -> None:
    """Say in the lock file which process holds it."""
    with suppress(OSError):
        Path(path).write_text(f"{os.getpid()}\n", encoding="ascii")


def _holder(path: str) -> str:
    """The process that holds a lock file, " (1234)"; "" if the file does not say."""
    try:
        process = Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return f" ({process})" if process.isdigit() else ""


def _acquire(lock: BaseFileLock, timeout: float, waiting: Callable[[], None]) -> None:
    from filelock import Timeout

    try:
        lock.acquire(timeout=min(timeout, NOTICE_AFTER))
    except Timeout:
        if timeout <= NOTICE_AFTER:
            raise
        waiting()
        lock.acquire(timeout=timeout - NOTICE_AFTER)


def waiting_for(name: str) -> str:
    """The notice for a wait that has lasted a second."""
    return f"Waiting for another mira process using {name}…"


def lock_descriptor(descriptor: int) -> bool:
    """Lock an open file until it is closed, without waiting; False if another process has locked it.

    True as well on a file system without locks.
    """
    import filelock

    try:
        return filelock.lock_descriptor(descriptor, blocking=False)
    except OSError:
        return True
