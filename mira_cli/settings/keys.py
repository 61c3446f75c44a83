"""The API key: found, checked, masked, and stored in its own file, a line `ORIGIN KEY` for each origin."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.errors import AuthError
from mira_cli.masking import KEY_PREFIX, mask
from mira_cli.settings import base_url, files
from mira_cli.settings.parse import unwrap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mira_cli.settings.paths import Paths
    from mira_cli.settings.resolve import Settings

VARIABLE = "MIRA_API_KEY"
COMMAND = "key_command"
STORED = "the key file"
USUAL_LENGTHS = (48, 51)  # today's keys and older ones
_LARGEST_FILE = 1 << 16  # bytes
_HEAD = "# The keys of mira, each for one origin. Change them with: mira config set key\n"


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the right shape, and where it came from: MIRA_API_KEY, key_command or the key file.

    Its repr does not hold the secret.
    """

    value: str
    source: str

    def __repr__(self) -> str:
        return f"Key({self.mask!r}, {self.source!r})"

    @property
    def mask(self) -> str:
        """As much of it as may be shown."""
        return mask(self.value)

    @property
    def replacing(self) -> str:
        """How to set another, for the hint of an error."""
        if self.source == VARIABLE:
            return f"Set another in {VARIABLE}, or unset it and run: mira config set key"
        if self.source == COMMAND:
            return "Make key_command print another, or see: mira config get key_command"
        return "Set another: mira config set key"


def check(text: str, source: str = "") -> str:
    """The key in `text`, without the white space, quotes and BOM around it.

    Raises:
        AuthError: It cannot be a key; it is not repeated.
    """
    key = unwrap(text)
    if re.fullmatch(rf"{KEY_PREFIX}[A-Za-z0-9_-]+", key):
        return key
    why = f"they start with {KEY_PREFIX}"
    if key.startswith(KEY_PREFIX):
        why = f"after {KEY_PREFIX} come letters, digits, - and _ only"
    hint = f"It came from {source}. Keys are made at https://platform.vmira.ai." if source else ""
    raise AuthError(f"That does not look like a Mira key; {why}.", hint=hint)


def missing() -> AuthError:
    """The error when there is no key anywhere."""
    return AuthError(f"No API key. Set {VARIABLE}, or run: mira config set key")


def lookup(settings: Settings, env: Mapping[str, str], warn: Callable[[str], None]) -> Key | None:
    """The key to use: MIRA_API_KEY, else what key_command prints, else the one stored for this base URL.

    None when there is no key anywhere; `warn` gets a line for each thing that was fixed on the way.

    Raises:
        AuthError: It is malformed, key_command fails, or the stored ones are for other origins.
    """
    given = unwrap(env.get(VARIABLE, ""))
    if given:
        return Key(check(given, VARIABLE), VARIABLE)
    if settings.key_command:
        from mira_cli.settings import key_command

        return Key(key_command.run(settings.key_command, env), COMMAND)
    stored = load(settings.paths.key_file, warn)
    if not stored:
        return None
    origin = base_url.origin(settings.base_url)
    if origin not in stored:
        others = " and ".join(sorted(stored))
        raise AuthError(
            f"The stored key is for {others}; it is not sent to {origin}.",
            hint=f"Set {VARIABLE}, or run: MIRA_BASE_URL={settings.base_url} mira config set key",
        )
    return Key(check(stored[origin], STORED), STORED)


def load(path: str, warn: Callable[[str], None]) -> dict[str, str]:
    """The stored keys by origin; none when there is no file.

    A line that is a key alone, as a person may write it, is for the API's own origin. A file that others can
    read is made private first, and `warn` gets a line about it.

    Raises:
        AuthError: The file belongs to another user, or cannot be read.
    """
    if not path:
        return {}
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise AuthError(f"The key file {path} is not a file.", hint="Move it away, or set MIRA_API_KEY.")
        with Path(path).open("rb") as file:
            _guard(path, file.fileno(), warn)
            data = file.read(_LARGEST_FILE)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise AuthError(
            f"Cannot read the key file {path}: {error.strerror}.",
            hint="Check its owner, or set MIRA_API_KEY.",
        ) from error
    return _parse(data.decode("utf-8-sig", "replace"))


def store(paths: Paths, origin: str, key: str, warn: Callable[[str], None]) -> None:
    """Store a key for an origin; keys of other origins stay.

    Raises:
        AuthError: The file belongs to another user.
        ConfigError: It cannot be written.
    """
    files.make_directory(paths.config_dir)
    _change(paths, origin, key, warn)


def forget(paths: Paths, origin: str, warn: Callable[[str], None]) -> bool:
    """Remove the key of an origin; False when there is none. Errors as for `store`."""
    if origin not in load(paths.key_file, warn):
        return False
    _change(paths, origin, "", warn)
    return True


def _change(paths: Paths, origin: str, key: str, warn: Callable[[str], None]) -> None:
    """Store the key of an origin, or remove it ("")."""
    with files.locked(paths.lock_file, paths.key_file, warn):
        keys = {**load(paths.key_file, warn), origin: key}
        lines = [f"{url} {held}\n" for url, held in keys.items() if held]
        files.write(paths.key_file, (_HEAD + "".join(lines)).encode(), mode=files.PRIVATE)


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
    """Refuse the file of another user; make a file that others can read private."""
    if os.name != "posix":  # Windows protects profiles by access lists, which modes do not show
        return
    facts = os.fstat(descriptor)
    if facts.st_uid != os.geteuid():
        raise AuthError(
            f"The key file {path} belongs to another user and is not used.",
            hint="Take it over with chown, or set MIRA_API_KEY.",
        )
    if facts.st_mode & 0o077:
        try:
            os.fchmod(descriptor, files.PRIVATE)
        except OSError as error:
            warn(f"The key file {path} can be read by other users; cannot change that: {error.strerror}.")
        else:
            warn(f"The key file {path} could be read by other users; it is 0600 now.")


def without_key(env: Mapping[str, str]) -> dict[str, str]:
    """The environment for other programs, such as an editor: without the key."""
    return {name: value for name, value in env.items() if name != VARIABLE}
