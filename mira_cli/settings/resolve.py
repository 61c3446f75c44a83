"""Resolves the settings: flag > environment > config.toml > default, and where each was set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mira_cli.errors import ConfigError
from mira_cli.settings import file, paths
from mira_cli.settings.parse import BadValueError, nearest, shown, typed
from mira_cli.settings.table import BY_NAME, KEY, SETTINGS, Setting

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force, one attribute for each row of the table; None, "" and () mean not set."""

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
    sources: Mapping[str, str]  # "default", "config.toml", "env MIRA_MODEL", "flag --model" or "/set"
    warnings: tuple[str, ...] = ()  # a line for each unknown key in config.toml

    def from_flag(self, name: str) -> bool:
        """Whether this setting was set by a flag."""
        return self.sources[name].startswith("flag")

    def with_value(self, name: str, value: object, *, source: str = "/set") -> Settings:
        """These settings with one changed. Raises UsageError if the value is bad."""
        changed: dict[str, Any] = {name: typed(BY_NAME[name].parse, value, name)}
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
) -> tuple[Any, str]:
    """The value of one setting and where it was set. An empty variable counts as not set."""
    name, variable = setting.name, setting.env
    if name in flags:
        flag = setting.flags[-1]
        return typed(setting.parse, flags[name], flag), f"flag {flag}"
    value: object
    if env.get(variable):
        source, value = f"env {variable}", env[variable]
    elif name in stored.values:
        source, value = "config.toml", stored.values[name]
    else:
        return setting.default, "default"
    try:
        return setting.parse(value), source
    except BadValueError as error:
        where, hint = variable, f"Correct or unset {variable}."
        if source == "config.toml":
            where, hint = stored.place(name), file.HINT
        raise ConfigError(f"{error.of(name)} (from {where}).", hint=hint) from error


def unknown(stored: file.Stored) -> tuple[str, ...]:
    """A warning for each unknown key in config.toml. Not errors: another version may know the key."""
    lines = []
    for name in stored.values:
        if name == KEY.name:
            problem = "the key does not belong here and is not used; run: mira config set key"
        elif name not in BY_NAME:
            near = nearest(name, tuple(BY_NAME))
            problem = f"no setting '{shown(name)}'; " + (f"did you mean '{near}'?" if near else "ignored.")
        else:
            continue
        lines.append(f"{stored.place(name)}: {problem}")
    return tuple(lines)
