"""Looks up, checks and stores the API key. The key file has a line `ORIGIN KEY` for each origin."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.errors import AuthError
from mira_cli.masking import KEY_PREFIX, mask
from mira_cli.settings.parse import DEFAULT_BASE_URL, origin, unwrap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mira_cli.settings.paths import Paths
    from mira_cli.settings.resolve import Settings

VARIABLE = "MIRA_API_KEY"
COMMAND = "key_command"
STORED = "the key file"
USUAL_LENGTHS = (48, 51)  # today's keys and older ones
_LARGEST_FILE = 1 << 16  # bytes of the key file that are read
_MOST_OUTPUT = 1 << 16  # bytes of a key_command's output that are read; a pipe holds as much
_NO_SHELL = "key_command runs without a shell. For pipes, ~ or $VARIABLES use: sh -c '…'"
_HEAD = "# The keys of mira, each for one origin. Change them with: mira config set key\n"
REPLACING = {  # how to set another key, for hints
    VARIABLE: f"Set another in {VARIABLE}, or unset it and run: mira config set key",
    COMMAND: f"Make {COMMAND} print another, or see: mira config get {COMMAND}",
    STORED: "Set another: mira config set key",
}


class Key:
    """A well-formed key and its source. Not a dataclass, whose repr would show the secret."""

    def __init__(self, value: str, source: str) -> None:
        self.value, self.source = value, source

    @property
    def mask(self) -> str:
        """The masked key."""
        return mask(self.value)


def is_key(text: str) -> bool:
    """Whether a text is nothing but a well-formed key; white space, quotes and BOM around it don't count."""
    return re.fullmatch(rf"{KEY_PREFIX}[A-Za-z0-9_-]+", unwrap(text)) is not None


def check(text: str, source: str = "") -> str:
    """The key in `text`, without surrounding white space, quotes and BOM.

    Raises:
        AuthError: It is malformed; the message doesn't repeat it, the hint names `source`.
    """
    key = unwrap(text)
    if is_key(key):
        return key
    why = f"they start with {KEY_PREFIX}"
    if key.startswith(KEY_PREFIX):
        why = f"after {KEY_PREFIX} come letters, digits, - and _ only"
    hint = source and f"It came from {source}. Keys are made at https://platform.vmira.ai."
    hint = _NO_SHELL if source == COMMAND else hint
    raise AuthError(f"That does not look like a Mira key; {why}.", hint=hint)


def missing() -> AuthError:
    """The error for a missing key."""
    return AuthError(f"No API key. Set {VARIABLE}, or run: mira config set key")


def lookup(settings: Settings, env: Mapping[str, str], warn: Callable[[str], None]) -> Key | None:
    """The key to use: MIRA_API_KEY, else what key_command prints, else the one stored for this base URL.

    None if there is none. `warn` gets a line about a key file that others could read.

    Raises:
        AuthError: It is malformed, key_command fails, or the stored keys are for other origins.
    """
    given = unwrap(env.get(VARIABLE, ""))
    if given:
        return Key(check(given, VARIABLE), VARIABLE)
    if settings.key_command:
        return Key(check(run_command(settings.key_command, env), COMMAND), COMMAND)
    stored = load(settings.paths.key_file, warn)
    if not stored:
        return None
    wanted = origin(settings.base_url)
    if wanted not in stored:
        message = f"The stored key is for {' and '.join(sorted(stored))}; it is not sent to {wanted}."
        hint = f"Set {VARIABLE}, or run: MIRA_BASE_URL={settings.base_url} mira config set key"
        raise AuthError(message, hint=hint)
    return Key(check(stored[wanted], STORED), STORED)


def listed(settings: Settings, env: Mapping[str, str], warn: Callable[[str], None]) -> tuple[str, str]:
    """The masked key, or what is wrong with it, and its source. Doesn't run key_command."""
    source = f"env {VARIABLE}" if unwrap(env.get(VARIABLE, "")) else STORED
    if source == STORED and settings.key_command:
        return "(printed by key_command)", COMMAND
    try:
        key = lookup(settings, env, warn)
    except AuthError as error:
        return f"({error.message.removesuffix('.')})", source
    return (key.mask, source) if key else ("", "default")


def load(path: str, warn: Callable[[str], None]) -> dict[str, str]:
    """The stored keys by origin. A line with just a key, as a person may write it, is for the default origin.

    Raises:
        AuthError: The file belongs to another user, or cannot be read.
    """
    if not path:
        return {}
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise AuthError(f"The key file {path} is not a file.", hint="Move it away, or set MIRA_API_KEY.")
        with Path(path).open(encoding="utf-8-sig", errors="replace") as file:
            _guard(path, file.fileno(), warn)
            lines = [line.strip() for line in file.read(_LARGEST_FILE).splitlines()]
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        message = f"Cannot read the key file {path}: {error.strerror}."
        raise AuthError(message, hint="Check its owner, or set MIRA_API_KEY.") from error
    keys = {}
    for line in lines:
        if line and not line.startswith("#"):
            url, *rest = line.split(maxsplit=1)
            if "://" not in url:  # a key without an origin, or garbage
                url, rest = DEFAULT_BASE_URL, [line]
            keys[origin(url)] = "".join(rest)
    return keys


def _guard(path: str, descriptor: int, warn: Callable[[str], None]) -> None:
    """Refuse another user's file; make a file private that others can read, and warn about it."""
    if os.name != "posix":  # Windows uses access lists, which file modes don't show
        return
    facts = os.fstat(descriptor)
    if facts.st_uid != os.geteuid():
        message = f"The key file {path} belongs to another user and is not used."
        raise AuthError(message, hint="Take it over with chown, or set MIRA_API_KEY.")
    if facts.st_mode & 0o077:
        result = "it is 0600 now"
        try:
            os.fchmod(descriptor, stat.S_IRUSR | stat.S_IWUSR)
        except OSError as error:
            result = f"cannot change that: {error.strerror}"
        warn(f"The key file {path} could be read by other users; {result}.")


def store(paths: Paths, origin: str, key: str, warn: Callable[[str], None]) -> bool:
    """Store the key for an origin, or remove it (""). Returns whether there was one before.

    Raises:
        AuthError: The file belongs to another user.
        ConfigError: It cannot be written.
    """
    from mira_cli.settings import files

    if not key and origin not in load(paths.key_file, warn):
        return False
    files.make_directory(paths.config_dir)
    with files.locked(paths.lock_file, paths.key_file, warn):
        before = load(paths.key_file, warn)
        lines = [f"{url} {held}\n" for url, held in {**before, origin: key}.items() if held]
        files.write(paths.key_file, (_HEAD + "".join(lines)).encode(), mode=files.PRIVATE)
    return origin in before


def run_command(command: str, env: Mapping[str, str], *, timeout: float = 10.0) -> str:
    """The first line of a key_command's output with text; the rest is ignored and never shown.

    It runs without a shell and without MIRA_API_KEY, for `timeout` seconds at most.

    Raises:
        AuthError: It cannot be started, fails, takes too long or prints nothing.
    """
    import shlex
    import subprocess

    def failed(how: str) -> AuthError:
        return AuthError(f"key_command {how}.", hint=_NO_SHELL)

    # Our own pipe, so that we don't wait for background processes that keep it open.
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", buffering=0) as output, os.fdopen(writer, "wb", buffering=0) as given:
        try:
            code = subprocess.run(
                shlex.split(command),
                stdin=subprocess.DEVNULL,
                stdout=given,
                stderr=subprocess.DEVNULL,
                env=without_key(env),
                timeout=timeout,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired as error:
            raise failed(f"did not end within {timeout:g} s") from error
        except (OSError, ValueError) as error:  # ValueError: it holds a NUL
            raise failed(f"could not be started: {getattr(error, 'strerror', error)}") from error
        given.close()
        if os.name == "posix":
            os.set_blocking(output.fileno(), False)
        text = (output.read(_MOST_OUTPUT) or b"").decode("utf-8", "replace").strip()
    if code:
        raise failed(f"failed with code {code}" if code > 0 else f"was ended by signal {-code}")
    if not text:
        raise failed("printed nothing")
    return text.splitlines()[0]


def without_key(env: Mapping[str, str]) -> dict[str, str]:
    """The environment for other programs, such as an editor, without the key."""
    return {name: value for name, value in env.items() if name != VARIABLE}
