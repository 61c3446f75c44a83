"""Settings and key: needed first by every command, and enough for a chat to show its header."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mira_cli.errors import AuthError, ConfigError, MiraError, UsageError
from mira_cli.masking import mask
from mira_cli.settings import keys
from mira_cli.settings.file import Stored
from mira_cli.settings.parse import origin
from mira_cli.settings.resolve import Settings, pick, resolve
from mira_cli.settings.table import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.settings.paths import Paths
    from mira_cli.terminal.streams import Streams

KEY_PROMPT = "Paste the API key here (hidden):"
_WHERE = "Get one at https://platform.vmira.ai"
_FIRST_PROMPT = f"mira needs an API key. {_WHERE}, then paste it here (hidden):"
_TRIES = 3


def open_settings(
    streams: Streams,
    env: Mapping[str, str],
    flags: Mapping[str, object],
    *,
    quiet: bool = False,
    verbose: bool = False,
) -> Settings:
    """The settings in force. Also configures the streams: colour, plain, quiet, verbose.

    Raises:
        UsageError: A flag has a bad value, or the file of a system prompt that it names cannot be read.
        ConfigError: config.toml or a variable is broken, or what they name cannot be read.
    """
    try:
        if quiet and verbose:
            raise UsageError("-q (--quiet) and -v (--verbose) can't be combined.", hint="Use only one.")
        if "prompt" in flags and "system" in flags:
            raise UsageError("-p (--prompt) and -s (--system) can't be combined.", hint="Use only one.")
        settings = resolve(flags, env)
    except MiraError:
        with suppress(MiraError):  # unless these are bad, they apply to the error message
            when, plain = (pick(BY_NAME[name], flags, env, Stored())[0] for name in ("color", "plain"))
            streams.configure(when=when, from_flag="color" in flags, plain=plain)
        raise
    streams.configure(
        when=settings.color,
        from_flag=settings.from_flag("color"),
        plain=settings.plain,
        quiet=quiet,
        verbose=verbose,
    )
    for warning in settings.warnings:
        streams.warn(warning)
    return with_system(settings, streams)


def with_system(settings: Settings, streams: Streams, *, hint: str = "") -> Settings:
    """The settings with the final system prompt: reads the saved prompt, or the file in `@FILE`.

    `hint` replaces the usual hint when there is no such prompt.

    Raises:
        UsageError: A flag names a prompt or file that can't be read.
        ConfigError: config.toml or a variable does.
    """
    sources = settings.sources
    by_name = settings.prompt and _rank(sources["prompt"]) >= _rank(sources["system"])
    name = "prompt" if by_name else "system"
    try:
        if by_name:
            from mira_cli.session import prompts

            text = prompts.read(settings.paths, settings.prompt, streams, hint=hint or prompts.LIST_HINT)
        else:
            text = system_text(settings.system, streams)
    except UsageError as error:
        kind, _, variable = sources[name].partition(" ")
        if kind not in {"config.toml", "env"}:  # a flag, or typed in a chat
            raise
        raise ConfigError(f"{variable or f'{name} in {kind}'}: {error.message}", hint=error.hint) from error
    return settings.with_value("system", text, source=sources[name])


def _rank(source: str) -> int:
    """The precedence of a source: flag over environment over config.toml over default."""
    return ("default", "config.toml", "env", "flag", "/set").index(source.split(maxsplit=1)[0])


def system_text(value: str, streams: Streams) -> str:
    """The text of a system prompt: `@FILE` is read, a leading `@@` is a literal `@`. Raises UsageError."""
    if not value.startswith("@"):
        return value
    if value.startswith("@@"):
        return value[1:]
    from mira_cli.terminal.reading import read_text_file

    return read_text_file(value[1:], streams)


def find_or_ask_key(streams: Streams, env: Mapping[str, str], settings: Settings) -> keys.Key:
    """The key for this base URL; without one, ask for it on a terminal. Raises AuthError if there is none."""
    if key := keys.lookup(settings, env, streams.warn):
        return key
    if not (streams.in_tty and streams.err_tty):
        raise keys.missing()
    if key := ask_for_key(streams, settings, _FIRST_PROMPT):
        return key
    raise AuthError(
        "No API key was given.", hint=f"{_WHERE}, then set MIRA_API_KEY or run: mira config set key"
    )


def ask_for_key(streams: Streams, settings: Settings, prompt: str, ahead: str = "") -> keys.Key | None:
    """Ask for a key, hidden, and store it for this base URL; None if none was given.

    A key that cannot be stored is used for this run only. `ahead` is as in `read_hidden`.
    """
    from mira_cli.terminal.prompt.tty import read_hidden

    for _ in range(_TRIES):
        line, ahead = read_hidden(streams, prompt, ahead), ""
        if line is None or not line.strip():
            break
        try:
            value = keys.check(line)
        except AuthError as error:
            streams.error(error.message, error.hint)
            continue
        try:
            store_key(streams, settings.paths, origin(settings.base_url), value)
        except (AuthError, ConfigError) as error:
            streams.warn(f"The key is used for this run only. {error.message}")
        return keys.Key(value, keys.STORED)
    return None


def store_key(streams: Streams, found: Paths, origin: str, key: str) -> None:
    """Store a key for an origin and say so, masked. Raises as `keys.store`."""
    keys.store(found, origin, key, streams.warn)
    streams.note(f"Saved key {mask(key)} for {origin}.")
