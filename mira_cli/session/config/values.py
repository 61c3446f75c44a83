"""What `mira config` does: list, get, set, unset, edit, path."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError, UsageError
from mira_cli.masking import redact
from mira_cli.session.key import piped, set_key, unset_key
from mira_cli.settings import file, files, keys, paths, resolve
from mira_cli.settings.parse import display, visible
from mira_cli.settings.table import KEY, SETTINGS, find
from mira_cli.terminal.result import as_line
from mira_cli.terminal.table import settings_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.terminal.streams import Streams


def show_list(streams: Streams, env: Mapping[str, str], *, as_json: bool = False) -> None:
    """Print every setting with its value and source: aligned, or tab-separated off a terminal, or as JSON.

    Raises:
        ConfigError: config.toml is broken or a value is bad.
    """
    settings = resolve.resolve({}, env)
    for warning in settings.warnings:
        streams.warn(warning)
    mask, source = keys.listed(settings, env, streams.warn)
    values: list[tuple[str, object, str]] = [(KEY.name, mask or None, source)]
    values += [
        (setting.name, _masked(getattr(settings, setting.name)), settings.sources[setting.name])
        for setting in SETTINGS
        if setting is not KEY
    ]
    if as_json:
        streams.write(as_line({name: {"value": value, "source": source} for name, value, source in values}))
        return
    rows = [(name, display(value), source) for name, value, source in values]
    if streams.out_tty:
        streams.write(settings_table(rows, streams.width()))
    else:
        streams.write("".join("\t".join(row) + "\n" for row in rows))


def get(streams: Streams, env: Mapping[str, str], name: str, *, reveal: bool = False) -> int:
    """Print the value in force, one line; keys masked unless `reveal`, also one that a key_command names.

    Returns:
        The exit code: 1 when it is set nowhere and has no default.

    Raises:
        UsageError: There is no such setting.
        AuthError: The key is malformed or for another origin.
        ConfigError: config.toml is broken, or this value of it.
    """
    setting = find(name)
    value: object
    if setting is KEY:
        key = keys.lookup(resolve.resolve({}, env), env, streams.warn)
        value, source = key and key.value, "default"
    else:
        value, source = resolve.pick(setting, {}, env, file.load(paths.locate(env).config_file))
    if source == "default" and value in {None, "", ()}:
        return 1
    streams.write(f"{display(value if reveal else _masked(value))}\n")
    return 0


def _masked(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(map(redact, value))
    return redact(value) if isinstance(value, str) else value


def set_value(streams: Streams, env: Mapping[str, str], name: str, value: str | None) -> None:
    """Check a value and write it to config.toml, or the key to its own file.

    Without a value it is read from standard input, or the key from the terminal.

    Raises:
        UsageError: No such setting, a bad value, or none.
        AuthError: The key is malformed; nothing is stored.
        ConfigError: The file is broken or cannot be written.
    """
    setting = find(name)
    if setting is KEY:
        set_key(streams, env, value)
        return
    if value is None:
        value = piped(streams)
        if not value:
            raise UsageError(f"No value for {setting.name}.", hint=f"mira config set {setting.name} VALUE")
    parsed = resolve.parse_value(setting, value, "config set")
    found = paths.locate(env)
    file.assign(found, setting.name, parsed, streams.note)
    streams.note(f"Saved in {found.config_file}.")
    if env.get(setting.env):
        streams.warn(f"{setting.env} is set and overrides it.")


def unset(streams: Streams, env: Mapping[str, str], name: str) -> None:
    """Remove a setting from config.toml, or the key for the base URL in force from its file.

    Raises:
        UsageError: There is no such setting.
        ConfigError: The file is broken or cannot be written.
    """
    setting = find(name)
    found = paths.locate(env)
    if setting is KEY:
        unset_key(streams, env)
    elif not file.assign(found, setting.name, None, streams.note):
        streams.note(f"{setting.name} is not set in {found.config_file or 'config.toml'}.")
    if env.get(setting.env):
        streams.warn(f"{setting.env} is still set.")


def edit(streams: Streams, env: Mapping[str, str]) -> None:
    """Open config.toml in the editor, made from a template when missing, and check it afterwards.

    Raises:
        ConfigError: The editor fails, or the file is broken or has a bad value.
    """
    from mira_cli.session.editing import edit_file

    found = paths.locate(env)
    files.make_directory(found.config_dir)
    config = found.config_file
    if not os.path.isfile(config):
        files.write(config, file.template().encode())
    edit_file(config, env)
    for warning in resolve.resolve({}, {"MIRA_CONFIG_DIR": found.config_dir}).warnings:
        streams.warn(warning)


def show_path(streams: Streams, env: Mapping[str, str], *, key: bool = False) -> None:
    """Print where config.toml is, or the key file. Reads neither.

    Raises:
        ConfigError: There is no home directory to put them in.
    """
    found = paths.locate(env)
    if not found.config_dir:
        raise ConfigError(
            "There is no home directory to keep settings in.", hint="Set HOME or MIRA_CONFIG_DIR."
        )
    path = found.key_file if key else found.config_file
    streams.write((visible(path) if streams.out_tty else path) + "\n")
