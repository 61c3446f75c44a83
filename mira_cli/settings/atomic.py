"""Files written in one step: a reader, or a crash, finds the old contents or the new, never a part."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from mira_cli.errors import ConfigError

PRIVATE = 0o600
_PRIVATE_DIRECTORY = 0o700
_TEMPORARY = ".mira-{}.tmp"  # with the number of the process that writes


def make_directory(path: str) -> None:
    """Make a directory and what is missing above it, 0700 whatever the umask; what is there stays as is.

    Raises:
        ConfigError: There is no home to make it in, or it cannot be made.
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
            if _is_directory(directory):  # another mira was quicker
                continue
            raise _unwritable(f"Cannot make {directory}", error) from error


def _is_directory(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - pathlib raises where it may not look


def write(path: str, data: bytes, *, mode: int | None = None) -> None:
    """Put `data` into the file in one step: a new file beside it, flushed to disk, renamed over it.

    A symbolic link is followed, so that it stays one.

    Args:
        path: The file; its directory exists.
        data: All that it is to hold.
        mode: Its permissions whatever the umask; None keeps those it has, a new file gets 0600.

    Raises:
        ConfigError: It cannot be written; the old contents are as they were.
    """
    try:
        target = Path(path).resolve()
        if target.is_symlink():  # to itself; before Python 3.13 resolve() refused that
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        temporary = target.with_name(_TEMPORARY.format(os.getpid()))
        if mode is None:
            mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else PRIVATE
        try:
            temporary.unlink(missing_ok=True)  # of a crashed run that had our number
            _fill(temporary, data, mode)
            temporary.replace(target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        _sync_directory(target.parent)
        _sweep(target.parent)
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself
        raise _unwritable(f"Cannot write {path}", error) from error


def _fill(path: Path, data: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags, PRIVATE), "wb") as file:  # noqa: PTH123 - a descriptor, so that the mode is ours
        if os.name == "posix":
            os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    """Make the rename itself last, where the system lets a directory be opened."""
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            with suppress(OSError):  # some network file systems cannot
                os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sweep(directory: Path) -> None:
    """Take away what runs left that were killed between write and rename."""
    if os.name != "posix":  # elsewhere to ask after a process is to end it
        return
    prefix, suffix = _TEMPORARY.split("{}")
    for left in directory.glob(_TEMPORARY.format("*")):
        number = left.name.removeprefix(prefix).removesuffix(suffix)
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            with suppress(OSError):
                left.unlink()
        except (OSError, ValueError, OverflowError):  # somebody else's process, or no number
            continue


def _unwritable(what: str, error: Exception) -> ConfigError:
    reason = getattr(error, "strerror", None) or "the link leads to itself"
    return ConfigError(f"{what}: {reason}.", hint="Set MIRA_CONFIG_DIR to a directory of yours.")
