"""Resolves the settings: flag > environment > config.toml > default, and where each was set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mira_cli.errors import ConfigError, UsageError
from mira_cli.settings import file, paths
from mira_cli.settings.parse import BadValueError, nearest, shown
from mira_cli.settings.table import BY_NAME, KEY, SETTINGS, Setting

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING_STORED = file.Stored()


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force, one attribute for each row of the table; None, "" and () mean not set.

    Attributes:
        paths: The paths of mira's files.
        sources: Where each was set: "default", "config.toml", "env MIRA_MODEL", "flag --model", "/set".
        warnings: A line for each unknown key in config.toml.
    """

    model: str
    system: str
    prompt: str
    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    stop: tuple[str, ...]
    context: int | None
    stream: bool
    reasoning: bool
    fold_system: bool
    usage: str
    history: bool
    vi: bool
    plain: bool
    color: str
    theme: str
    sanitize: str
    timeout: float
    connect_timeout: float
    max_time: float | None
    retries: int
    base_url: str
    key_command: str
    paths: paths.Paths
    sources: Mapping[str, str]
    warnings: tuple[str, ...] = ()

    def from_flag(self, name: str) -> bool:
        """Whether this setting was set by a flag."""
        return self.sources[name].startswith("flag")

    def with_value(self, name: str, value: object, *, source: str = "/set") -> Settings:
        """These settings with one changed.

        Raises:
            UsageError: The value is bad.
        """
        changed: dict[str, Any] = {name: parse_value(BY_NAME[name], value, source)}
        return replace(self, sources={**self.sources, name: source}, **changed)


def resolve(flags: Mapping[str, object], env: Mapping[str, str]) -> Settings:
    """The settings in force. `flags` has the values of the given flags, by setting name.

    Overridden values are not checked, so a flag works despite a bad value in config.toml.

    Raises:
        UsageError: A flag has a bad value.
        ConfigError: config.toml is broken, or a value in it or in a variable is bad.
    """
    found = paths.locate(env)
    stored = file.load(found.config_file)
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for setting in SETTINGS:
        if setting is not KEY:
            values[setting.name], sources[setting.name] = pick(setting, flags, env, stored)
    return Settings(**values, paths=found, sources=sources, warnings=unknown(stored))


def pick(
    setting: Setting, flags: Mapping[str, object], env: Mapping[str, str], stored: file.Stored
) -> tuple[object, str]:
    """The value of one setting and where it was set. An empty variable counts as not set."""
    source, value = "default", setting.default
    if setting.name in flags:
        source, value = f"flag {setting.flags[-1]}", flags[setting.name]
    elif env.get(setting.env):
        source, value = f"env {setting.env}", env[setting.env]
    elif setting.name in stored.values:
        source, value = "config.toml", stored.values[setting.name]
    return value if source == "default" else parse_value(setting, value, source, stored), source


def parse_value(
    setting: Setting, value: object, source: str, stored: file.Stored = _NOTHING_STORED
) -> object:
    """The parsed value of a setting. `source` and `stored` say where it was set, for errors.

    Raises:
        UsageError: A typed value is bad.
        ConfigError: A value from config.toml or a variable is bad.
    """
    try:
        return setting.parse(value)
    except BadValueError as error:
        if source == "config.toml":
            where, hint = stored.place(setting.name), file.HINT
        elif source.startswith("env "):
            where, hint = setting.env, f"Correct or unset {setting.env}."
        else:
            name = setting.flags[-1] if source.startswith("flag") else setting.name
            raise UsageError(f"{error.of(name)}.", hint=error.hint) from error
        raise ConfigError(
            f"{error.of(setting.name)} (from {where}).", hint=f"{error.hint} {hint}".strip()
        ) from error


def unknown(stored: file.Stored) -> tuple[str, ...]:
    """A warning for each unknown key in config.toml. Not errors: another version may know the key."""
    lines = []
    for name in stored.values:
        if name == KEY.name:
            what = "the key does not belong here and is not used; run: mira config set key"
        elif name not in BY_NAME:
            near = nearest(name, tuple(BY_NAME))
            what = f"no setting '{shown(name)}'" + (f"; did you mean '{near}'?" if near else "; ignored.")
        else:
            continue
        lines.append(f"{stored.place(name)}: {what}")
    return tuple(lines)
