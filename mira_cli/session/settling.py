"""The first step of a run: its settings, and how the streams behave. Light: a chat shows its header next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError, MiraError, UsageError
from mira_cli.settings.file import Stored
from mira_cli.settings.resolve import Settings, pick, resolve
from mira_cli.settings.table import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.terminal.streams import Streams


def open_settings(
    streams: Streams,
    env: Mapping[str, str],
    flags: Mapping[str, object],
    *,
    quiet: bool = False,
    verbose: bool = False,
) -> Settings:
    """The settings in force; the streams are told how to behave.

    Raises:
        UsageError: A flag has a bad value, or the file of a system prompt that it names cannot be read.
        ConfigError: config.toml or a variable is broken, or what they name cannot be read.
    """
    if quiet and verbose:
        raise UsageError("--quiet and --verbose exclude one another.", hint="Give one of them.")
    _heed_colour(streams, env, flags)
    settings = resolve(flags, env)
    streams.configure(
        when=settings.color,
        from_flag=settings.from_flag("color"),
        plain=settings.plain,
        quiet=quiet,
        verbose=verbose,
    )
    for warning in settings.warnings:
        streams.warn(warning)
    return _with_system_text(settings, streams) if settings.system.startswith("@") else settings


def _with_system_text(settings: Settings, streams: Streams) -> Settings:
    """The settings with the text of the file that `system` names."""
    from mira_cli.terminal.reading import read_text_file

    source = settings.source("system")
    try:
        text = read_text_file(settings.system[1:], streams)
    except UsageError as error:
        if settings.from_flag("system"):
            raise
        where = source.removeprefix("env ")
        message = f"{error.message.removesuffix('.')} (system, from {where})."
        raise ConfigError(message, hint=error.hint) from error
    return settings.with_value("system", text, source=source)


def _heed_colour(streams: Streams, env: Mapping[str, str], flags: Mapping[str, object]) -> None:
    """Take what flags and variables say of colour first: it holds for the refusal of another setting, too."""
    said: dict[str, object] = {}
    for name in ("color", "plain"):
        try:
            said[name], _ = pick(BY_NAME[name], flags, env, Stored())
        except MiraError:  # it is refused itself, next
            return
    streams.configure(when=str(said["color"]), from_flag="color" in flags, plain=bool(said["plain"]))
