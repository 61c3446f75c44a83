"""The API key: found, checked, masked. What is stored is bound to the origin it was stored for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mira_cli.errors import AuthError
from mira_cli.masking import KEY_PREFIX, mask
from mira_cli.settings import base_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mira_cli.settings.resolve import Settings

VARIABLE = "MIRA_API_KEY"
COMMAND = "key_command"
STORED = "the key file"
USUAL_LENGTHS = (48, 51)  # today's keys and older ones
_ALLOWED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_AROUND = " \t\r\n\v\f\ufeff\u00a0\u200b\"'`“”„‘’«»"  # what a paste or a careless export leaves around a key


class Key(NamedTuple):
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
        AuthError: It cannot be a key. What it is is not repeated.
    """
    key = text.strip(_AROUND)
    hint = f"It came from {source}. Keys are made at https://platform.vmira.ai." if source else ""
    if not key.startswith(KEY_PREFIX):
        raise AuthError(f"That does not look like a Mira key; they start with {KEY_PREFIX}.", hint=hint)
    if key == KEY_PREFIX or not _ALLOWED.issuperset(key):
        raise AuthError(
            f"That does not look like a Mira key; after {KEY_PREFIX} come letters, digits, - and _ only.",
            hint=hint,
        )
    return key


def find_key(settings: Settings, env: Mapping[str, str], warn: Callable[[str], None]) -> Key:
    """The key to use: MIRA_API_KEY, else what key_command prints, else the one stored for this base URL.

    `warn` is told, a line each, what was set right on the way.

    Raises:
        AuthError: There is none, it is malformed, or the stored ones are for other origins.
    """
    key = lookup(settings, env, warn)
    if key is None:
        raise missing()
    return key


def missing() -> AuthError:
    """The error for that no source holds a key."""
    return AuthError(f"No API key. Set {VARIABLE}, or run: mira config set key")


def lookup(settings: Settings, env: Mapping[str, str], warn: Callable[[str], None]) -> Key | None:
    """As `find_key`, but None when no source holds any key at all."""
    given = env.get(VARIABLE, "").strip(_AROUND)
    if given:
        return Key(check(given, VARIABLE), VARIABLE)
    if settings.key_command:
        from mira_cli.settings import key_command

        return Key(check(key_command.run(settings.key_command, env), COMMAND), COMMAND)
    from mira_cli.settings import key_file

    stored = key_file.load(settings.paths.key_file, warn)
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
