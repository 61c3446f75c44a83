"""The key file: a line a key, `ORIGIN KEY`, readable by its owner alone."""

# ruff: noqa: PTH123 - pathlib costs more than all that is done here

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from mira_cli.errors import AuthError
from mira_cli.settings import base_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mira_cli.settings.paths import Paths

_LARGEST = 1 << 16  # bytes
_PRIVATE = 0o600
_HEAD = "# The keys of mira, each for one origin. Change them with: mira config set key\n"


def load(path: str, warn: Callable[[str], None]) -> dict[str, str]:
    """The stored keys by origin; none when there is no file.

    A line that is a key alone, as a person may write it, is for the API's own origin. A file that others can
    read is made private first, and `warn` is told.

    Raises:
        AuthError: The file belongs to somebody else, or cannot be read.
    """
    if not path:
        return {}
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - as above
            raise AuthError(f"The key file {path} is not a file.", hint="Move it away, or set MIRA_API_KEY.")
        with open(path, "rb") as file:
            _guard(path, file.fileno(), warn)
            data = file.read(_LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise AuthError(
            f"Cannot read the key file {path}: {error.strerror}.",
            hint="Check its owner, or set MIRA_API_KEY.",
        ) from error
    return _parse(data.decode("utf-8-sig", "replace"))


def store(paths: Paths, origin: str, key: str, warn: Callable[[str], None]) -> None:
    """Keep a key for an origin; keys of other origins stay.

    Raises:
        AuthError: The file there belongs to somebody else.
        ConfigError: It cannot be written.
    """
    from mira_cli.settings import files

    files.make_directory(paths.config_dir)
    with files.locked(paths.lock_file, name=paths.key_file):
        keys = {**load(paths.key_file, warn), origin: key}
        _write(paths.key_file, keys)


def forget(paths: Paths, origin: str, warn: Callable[[str], None]) -> bool:
    """Remove the key of an origin; False when there is none.

    Raises:
        AuthError: The file belongs to somebody else.
        ConfigError: It cannot be written.
    """
    from mira_cli.settings import files

    if origin not in load(paths.key_file, warn):
        return False
    with files.locked(paths.lock_file, name=paths.key_file):
        keys = load(paths.key_file, warn)
        keys.pop(origin, None)
        _write(paths.key_file, keys)
    return True


def _write(path: str, keys: Mapping[str, str]) -> None:
    from mira_cli.settings import files

    text = _HEAD + "".join(f"{origin} {key}\n" for origin, key in keys.items())
    files.write(path, text.encode(), mode=_PRIVATE)


def _parse(text: str) -> dict[str, str]:
    keys = {}
    for line in map(str.strip, text.splitlines()):
        if line and not line.startswith("#"):
            url, *rest = line.split(maxsplit=1)
            if "://" not in url:  # a key alone, or what is no key
                url, rest = base_url.DEFAULT, [line]
            keys[base_url.origin(url)] = "".join(rest)
    return keys


def _guard(path: str, descriptor: int, warn: Callable[[str], None]) -> None:
    """Refuse a file of somebody else; take a file that others can read away from them."""
    if os.name != "posix":  # Windows keeps a profile private by access lists, which modes do not show
        return
    facts = os.fstat(descriptor)
    if facts.st_uid != os.geteuid():
        raise AuthError(
            f"The key file {path} belongs to another user and is not used.",
            hint="Take it over with chown, or set MIRA_API_KEY.",
        )
    if facts.st_mode & 0o077:
        try:
            os.fchmod(descriptor, _PRIVATE)
        except OSError as error:
            warn(f"The key file {path} can be read by other users, and that stays so: {error.strerror}.")
        else:
            warn(f"The key file {path} could be read by other users; it is 0600 now.")
