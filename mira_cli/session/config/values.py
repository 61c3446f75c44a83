"""`mira config`: list, get, set, unset, edit, path."""

from __future__ import annotations

import os
from io import BufferedReader
from typing import TYPE_CHECKING

from mira_cli.errors import AuthError, UsageError
from mira_cli.masking import redact
from mira_cli.session.startup import KEY_PROMPT, store_key
from mira_cli.settings import file, files, keys, paths, resolve
from mira_cli.settings.parse import display, origin, typed, visible
from mira_cli.settings.table import BY_NAME, KEY, SETTINGS, find
from mira_cli.terminal.prompt.tty import read_hidden
from mira_cli.terminal.result import as_line
from mira_cli.terminal.table import settings_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.settings.paths import Paths
    from mira_cli.terminal.streams import Streams

_LARGEST_INPUT = 1 << 16  # bytes


def show_list(streams: Streams, env: Mapping[str, str], *, as_json: bool = False) -> None:
    """Print every setting with its value and source: as a table, in a pipe tab-separated, or as JSON."""
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
    """Print the value in force on one line; exit code 1 if it is not set and has no default.

    Keys are masked unless `reveal`, also in key_command. Other settings may be bad.
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
    """Check a value and store it in config.toml, or the key for the current base URL in its own file.

    Without a value, reads it from standard input; on a terminal, asks for a key, hidden.
    """
    setting = find(name)
    if setting is KEY:
        _set_key(streams, env, value)
        return
    if value is None and not (value := _piped(streams)):
        raise UsageError(f"No value for {setting.name}.", hint=f"mira config set {setting.name} VALUE")
    parsed = typed(setting.parse, value, setting.name)
    found = paths.locate(env)
    file.assign(found, setting.name, parsed, streams.note)
    streams.note(f"Saved in {found.config_file}.")
    if env.get(setting.env):
        streams.warn(f"{setting.env} is set and overrides it.")


def _set_key(streams: Streams, env: Mapping[str, str], value: str | None) -> None:
    if value and value.strip():
        streams.warn("Your key is now in your shell history; next time leave it out and paste it.")
    elif value is None:
        value = read_hidden(streams, KEY_PROMPT) if streams.in_tty else _piped(streams)
    if not value or not value.strip():
        raise AuthError("No key was given.", hint="Pipe it in, or run this on a terminal and paste it.")
    key = keys.check(value)
    found, stored, origin = _key_place(env)
    store_key(streams, found, origin, key)
    if len(key) not in keys.USUAL_LENGTHS:
        streams.warn(f"That key has {len(key)} characters; keys usually have 48. Is it complete?")
    if env.get(keys.VARIABLE):
        streams.warn(f"{keys.VARIABLE} is set and overrides it.")
    elif env.get(BY_NAME[keys.COMMAND].env) or keys.COMMAND in stored.values:
        streams.warn(f"{keys.COMMAND} is set and overrides it.")


def _piped(streams: Streams) -> str:
    """The text on standard input without trailing newlines; "" if there is none."""
    data = BufferedReader(streams.stdin).read(_LARGEST_INPUT) if streams.stdin else b""
    return data.decode("utf-8-sig", "replace").rstrip("\r\n")


def _key_place(env: Mapping[str, str]) -> tuple[Paths, file.Stored, str]:
    """The paths, config.toml, and the origin of the current base URL; other bad settings don't matter."""
    found = paths.locate(env)
    stored = file.load(found.config_file)
    url, _ = resolve.pick(BY_NAME["base_url"], {}, env, stored)
    return found, stored, origin(url)


def unset(streams: Streams, env: Mapping[str, str], name: str) -> None:
    """Remove a setting from config.toml, or the key for the current base URL from the key file."""
    setting = find(name)
    if setting is KEY:
        found, _, origin = _key_place(env)
        if not keys.store(found, origin, "", streams.warn):
            others = " and ".join(sorted(keys.load(found.key_file, streams.warn)))
            streams.note(f"No key is stored for {origin}" + (f", only for {others}." if others else "."))
    else:
        found = paths.locate(env)
        if not file.assign(found, setting.name, None, streams.note):
            streams.note(f"{setting.name} is not set in {found.config_file or 'config.toml'}.")
    if env.get(setting.env):
        streams.warn(f"{setting.env} is still set.")


def edit(streams: Streams, env: Mapping[str, str]) -> None:
    """Open config.toml in the editor, created from a template if missing, and check it afterwards."""
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
    """Print the path of config.toml or of the key file, without reading it."""
    found = paths.locate(env)
    path = paths.in_home(found.key_file if key else found.config_file)
    streams.write((visible(path) if streams.out_tty else path) + "\n")
