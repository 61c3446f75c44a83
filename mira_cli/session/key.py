"""The key of `mira config` and of a first run: typed, piped in or pasted, checked and stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.errors import AuthError, ConfigError
from mira_cli.masking import mask
from mira_cli.settings import base_url, file, keys, paths, resolve
from mira_cli.settings.table import BY_NAME
from mira_cli.terminal.prompt.hidden import read_hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.settings.paths import Paths
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams

KEY_PROMPT = "Paste the API key here (hidden):"
_WHERE = "Get one at https://platform.vmira.ai"
_FIRST_PROMPT = f"mira needs an API key. {_WHERE}, then paste it here (hidden):"
_TRIES = 3
_LARGEST_INPUT = 1 << 16  # bytes


def ask_for_key(streams: Streams, settings: Settings) -> keys.Key:
    """Ask a new user for a key, hidden, and store it for this base URL.

    A key that cannot be stored is used for this run only.

    Raises:
        AuthError: None was given, or there is nobody who types here and sees the question.
    """
    if not (streams.in_tty and streams.err_tty):
        raise keys.missing()
    for _ in range(_TRIES):
        line = read_hidden(streams, _FIRST_PROMPT)
        if line is None or not line.strip():
            break
        try:
            value = keys.check(line)
        except AuthError as error:
            streams.error(error.message, error.hint)
            continue
        try:
            store(streams, settings.paths, base_url.origin(settings.base_url), value)
        except (AuthError, ConfigError) as error:
            streams.warn(f"The key is used for this run only. {error.message}")
        return keys.Key(value, keys.STORED)
    raise AuthError(
        "No API key was given.", hint=f"{_WHERE}, then set MIRA_API_KEY or run: mira config set key"
    )


def set_key(streams: Streams, env: Mapping[str, str], value: str | None) -> None:
    """Check and store a key for the base URL in force: the value given, else piped in, else typed hidden.

    Raises:
        AuthError: There is none or it is malformed; nothing is stored.
        ConfigError: It cannot be stored.
        Interrupted: The terminal is gone.
    """
    if value and value.strip():
        streams.warn("Your key is now in your shell history; next time leave it out and paste it.")
    elif value is None:
        value = read_hidden(streams, KEY_PROMPT) if streams.in_tty else piped(streams)
    if not value or not value.strip():
        raise AuthError("No key was given.", hint="Pipe it in, or run this on a terminal and paste it.")
    key = keys.check(value)
    store(streams, paths.locate(env), _origin(env), key)
    if len(key) not in keys.USUAL_LENGTHS:
        streams.warn(f"That key has {len(key)} characters; keys usually have 48. Is it complete?")
    stored = file.load(paths.locate(env).config_file).values
    if env.get(keys.VARIABLE):
        streams.warn(f"{keys.VARIABLE} is set and overrides it.")
    elif env.get(BY_NAME[keys.COMMAND].env) or keys.COMMAND in stored:
        streams.warn(f"{keys.COMMAND} is set and overrides it.")


def store(streams: Streams, found: Paths, origin: str, key: str) -> None:
    """Store a key for an origin and say so, masked. Raises as `keys.store`."""
    keys.store(found, origin, key, streams.warn)
    streams.note(f"Saved key {mask(key)} for {origin}.")


def unset_key(streams: Streams, env: Mapping[str, str]) -> None:
    """Remove the key that is stored for the base URL in force. Raises as `keys.store`."""
    found, origin = paths.locate(env), _origin(env)
    if not keys.store(found, origin, "", streams.warn):
        others = " and ".join(sorted(keys.load(found.key_file, streams.warn)))
        streams.note(f"No key is stored for {origin}" + (f", only for {others}." if others else "."))


def piped(streams: Streams) -> str:
    """The text on standard input without its final line ends; "" when there is none."""
    data = b""
    while streams.stdin is not None and len(data) < _LARGEST_INPUT:
        part = streams.stdin.read(_LARGEST_INPUT)
        if not part:
            break
        data += part
    return data.decode("utf-8-sig", "replace").rstrip("\r\n")


def _origin(env: Mapping[str, str]) -> str:
    """The origin of the base URL in force, whatever else config.toml holds."""
    stored = file.load(paths.locate(env).config_file)
    url, _ = resolve.pick(BY_NAME["base_url"], {}, env, stored)
    return base_url.origin(str(url))
