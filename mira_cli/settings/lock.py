"""One writer at a time, by a lock file."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTICE_AFTER = 1.0  # seconds
_PAUSE = 0.02
_MODE = 0o600


@contextmanager
def hold(
    path: str,
    *,
    name: str = "",
    begun: float | None = None,
    longest: float = 10.0,
    waiting: Callable[[], None] = lambda: None,
) -> Iterator[int]:
    """Hold the lock file `path` (made when missing, left behind) while the body runs; yields its descriptor.

    Another process that holds it is waited for; a system without such locks goes on without one.

    Args:
        path: The lock file; its directory exists.
        name: What it is held for, as messages call it; the lock file itself if that is left out.
        begun: When the wait began, on the monotonic clock, if that was before now.
        longest: The longest wait in seconds.
        waiting: Called once when the wait has lasted a second.

    Raises:
        ConfigError: It is still held after `longest` seconds, or the file cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _MODE)
        if os.name == "posix" and os.fstat(descriptor).st_mode & _MODE != _MODE:
            os.fchmod(descriptor, _MODE)  # a umask would shut us out of it the next time
    except OSError as error:
        raise ConfigError(
            f"Cannot write {name or path}: {error.strerror}.",
            hint="Set MIRA_CONFIG_DIR to a directory of yours.",
        ) from error
    try:
        begun = time.monotonic() if begun is None else begun
        said = False
        while not take(descriptor):
            waited = time.monotonic() - begun
            if waited >= longest:
                raise ConfigError(
                    f"Another mira holds {name or path}; gave up after {longest:g} s.", hint="Try again."
                )
            if waited >= NOTICE_AFTER and not said:
                said = True
                waiting()
            time.sleep(_PAUSE)
        yield descriptor
    finally:
        with suppress(OSError):
            os.close(descriptor)  # which lets go of the lock


def take(descriptor: int) -> bool:
    """Lock an open file until it is closed, without waiting; False if another process has it."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a network file system without locks
        return True
    return True
