"""The first run: a person without a key is asked for one, and the question goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.errors import AuthError, ConfigError
from mira_cli.session.key_setting import keep
from mira_cli.settings import base_url, keys
from mira_cli.terminal.prompt.hidden import read_hidden

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams

_TRIES = 3
_WHERE = "Get one at https://platform.vmira.ai"
_PROMPT = f"mira needs an API key. {_WHERE}, then paste it here (hidden):"


def can_ask(streams: Streams) -> bool:
    """Whether a person is there to paste a key: one who types, and sees what we say."""
    return streams.in_tty and streams.err_tty


def ask_for_key(
    streams: Streams,
    settings: Settings,
    *,
    read: Callable[[Streams, str], str | None] = read_hidden,
) -> keys.Key:
    """Ask for a key, hidden, and keep it for this base URL. One that cannot be kept serves this run.

    Raises:
        AuthError: None was given.
    """
    for _ in range(_TRIES):
        line = read(streams, _PROMPT)
        if line is None or not line.strip():
            break
        try:
            value = keys.check(line)
        except AuthError as error:
            streams.error(error.message, error.hint)
            continue
        try:
            keep(streams, settings.paths, base_url.origin(settings.base_url), value)
        except (AuthError, ConfigError) as error:
            streams.warn(f"The key serves this run only. {error.message}")
        return keys.Key(value, keys.STORED)
    raise AuthError(
        "No API key was given.", hint=f"{_WHERE}, then set MIRA_API_KEY or run: mira config set key"
    )
