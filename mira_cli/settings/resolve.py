"""The settings in force: flag > environment > config.toml > default, and which of them spoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mira_cli.errors import ConfigError, MiraError, UsageError
from mira_cli.settings import file, paths
from mira_cli.settings.coerce import BadValueError
from mira_cli.settings.nearest import nearest
from mira_cli.settings.table import BY_NAME, KEY, SETTINGS, Setting

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_SHOWN = 60  # characters of a bad value in a message


class Settings(NamedTuple):
    """The settings in force, one attribute a row of the table; None, "" and () mean: not set.

    Attributes:
        paths: Where the files live.
        sources: Who set each: "default", "config.toml", "env MIRA_MODEL", "flag --model", "/set".
        warnings: What in config.toml was not understood and left alone, a line each.
    """

    model: str
    system: str
    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    stop: tuple[str, ...]
    context: int | None
    stream: bool
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

    def source(self, name: str) -> str:
        """Who set it: "default", "config.toml", "env MIRA_MODEL", "flag --model" or "/set"."""
        return self.sources[name]

    def from_flag(self, name: str) -> bool:
        """Whether a flag set it, for this run."""
        return self.sources[name].startswith("flag")

    def with_value(self, name: str, value: object, *, source: str = "/set") -> Settings:
        """These settings with one changed.

        Raises:
            UsageError: The setting does not take this value.
        """
        changed: dict[str, Any] = {name: read(BY_NAME[name], value, source)}
        return self._replace(sources={**self.sources, name: source}, **changed)


def resolve(flags: Mapping[str, object], env: Mapping[str, str]) -> Settings:
    """The settings in force. `flags` holds only those that were given, by the name of their setting.

    A value that is overruled is not looked at, so a flag gets round a bad line in config.toml.

    Raises:
        UsageError: A flag has a bad value.
        ConfigError: config.toml is broken, or it or a variable has a bad value; says which.
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
    """The value of one setting, and who set it. An empty variable counts as not set."""
    if setting.name in flags:
        source = f"flag {setting.flags[-1]}" if setting.flags else "flag"
        return read(setting, flags[setting.name], source), source
    if env.get(setting.env):
        source = f"env {setting.env}"
        return read(setting, env[setting.env], source), source
    if setting.name in stored.values:
        return read(setting, stored.values[setting.name], "config.toml", stored), "config.toml"
    return setting.default, "default"


def read(setting: Setting, value: object, source: str, stored: file.Stored | None = None) -> object:
    """The value as the setting holds it.

    Raises:
        UsageError: It does not take this value, which was typed.
        ConfigError: It does not take this value, which comes from config.toml or a variable.
    """
    try:
        return setting.read(value)
    except BadValueError as error:
        raise _refused(setting, value, source, stored, error) from error


def unknown(stored: file.Stored) -> tuple[str, ...]:
    """A line for each key of config.toml that is no setting; another version may know it, so no failure."""
    lines = []
    for name in stored.values:
        if name in BY_NAME and name != KEY.name:
            continue
        place = _place(stored, name)
        if name == KEY.name:
            lines.append(f"{place}: the key does not belong here and is not used; run: mira config set key")
        else:
            near = nearest(name, tuple(BY_NAME))
            lines.append(
                f"{place}: no setting '{_shown(name)}'"
                + (f"; did you mean '{near}'?" if near else "; ignored.")
            )
    return tuple(lines)


def _place(stored: file.Stored, name: str) -> str:
    """Where config.toml sets it."""
    line = stored.line(name)
    return f"config.toml line {line}" if line else "config.toml"


def _refused(
    setting: Setting, value: object, source: str, stored: file.Stored | None, error: BadValueError
) -> MiraError:
    shown = _shown(value)
    if source.startswith("flag"):
        return UsageError(f"{error.of_flag(setting.flags[-1], shown)}.", hint=error.hint)
    what = error.of_setting(setting.name, shown)
    if source == "config.toml" and stored is not None:
        hint = f"{error.hint} {file.HINT}".strip()
        return ConfigError(f"{what} (from {_place(stored, setting.name)}).", hint=hint)
    if source.startswith("env "):
        hint = f"{error.hint} Correct or unset {setting.env}.".strip()
        return ConfigError(f"{what} (from {setting.env}).", hint=hint)
    return UsageError(f"{what}.", hint=error.hint)


def _shown(value: object) -> str:
    """A bad value in a message, as config.toml would write it but for the quotes around a text."""
    from mira_cli.settings.toml_lines import literal

    if isinstance(value, dict):
        return "a table"
    shown = literal(value) if isinstance(value, bool | list) else str(value)
    return shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 1] + "…"
