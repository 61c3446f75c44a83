"""config.toml: read with tomllib; values are changed with tomlkit, which keeps everything else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError
from mira_cli.settings.table import KEY, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mira_cli.settings.paths import Paths

HINT = "Fix it with: mira config edit"
_BOM = "\ufeff"
_LARGEST = 1 << 20  # bytes


class Stored:
    """The contents of config.toml: its path, its text ("" if there is no file), and its values by key."""

    def __init__(self, path: str = "", text: str = "") -> None:
        self.path, self.text = path, text
        self.values: Mapping[str, object] = _parse(text, path) if text else {}

    def place(self, name: str) -> str:
        """Where `name`, or a table of that name, is set: "config.toml line 3"."""
        key = rf"""^\ufeff?[ \t]*(?:\[+[ \t]*)?(["']?){re.escape(name)}\1[ \t]*[.=\]]"""
        match = re.search(key, self.text, re.MULTILINE)
        line = self.text.count("\n", 0, match.start()) + 1 if match else 0
        return f"config.toml line {line}" if match else "config.toml"


def load(path: str) -> Stored:
    """The contents of config.toml; a missing file counts as empty.

    Raises:
        ConfigError: It cannot be read or is broken; says file, line and column.
    """
    if not path:
        return Stored()
    file, data = Path(path), b""
    try:
        if file.is_fifo() or file.is_socket():  # reading could block forever
            raise ConfigError(f"{path} is not a file.", hint="Move it away.")
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise ConfigError(f"{path} is over 1 MB; that is no settings file.", hint="Move it away.")
        return Stored(path, data.decode())
    except (FileNotFoundError, NotADirectoryError):
        return Stored(path)
    except OSError as error:
        raise ConfigError(f"Cannot read {path}: {error.strerror}.", hint="Check the file.") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path} line {line} is not UTF-8 text.", hint=HINT) from error


def _parse(text: str, path: str) -> Mapping[str, object]:
    import tomllib

    try:
        return tomllib.loads(text.removeprefix(_BOM))
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).rpartition(" (at ")  # "Invalid value (at line 3, column 9)"
        lines = text.split("\n")
        line, column = re.findall(r"\d+", place) or (len(lines), len(lines[-1]) + 1)  # or at the end
        raise ConfigError(f"{path} line {line}, column {column}: {what}.", hint=HINT) from error
    except (RecursionError, ValueError) as error:  # ValueError: an integer of more than 4,300 digits
        raise ConfigError(f"{path} is nested too deeply, or holds too long a number.", hint=HINT) from error


def assign(paths: Paths, name: str, value: object, note: Callable[[str], None] = lambda _: None) -> bool:
    """Write `name = value` to config.toml, or remove it (None). Returns whether it was set before.

    `note` gets a line after a second of waiting for another process.

    Raises:
        ConfigError: The file is broken, cannot be written, or has a table called `name`.
    """
    from mira_cli.settings import files

    path = paths.config_file
    if value is None and name not in load(path).values:
        return False
    files.make_directory(paths.config_dir)
    with files.locked(paths.lock_file, path, note):
        before = load(path)
        text = _edited(before, name, _short(value))
        if text != before.text:
            files.write(path, text.encode())
    return name in before.values


def _edited(stored: Stored, name: str, value: object) -> str:
    """The text with `name` set to `value`, or without it (None)."""
    import tomlkit
    from tomlkit.items import AoT

    text = stored.text.removeprefix(_BOM)
    if text and name not in stored.values and not text.endswith("\n"):
        text += "\n"  # which tomlkit forgets after a.b.c = 1
    document = tomlkit.parse(text)
    if isinstance(document.get(name), dict | AoT):
        raise ConfigError(f"{name} is a table in {stored.path} and can't be changed here.", hint=HINT)
    if value is None:
        document.pop(name, None)
    else:
        document[name] = value
    text = tomlkit.dumps(document)
    if "\r\n" in stored.text:
        text = re.sub(r"(?<!\r)\n", "\r\n", text)
    return _BOM + text if stored.text.startswith(_BOM) else text


def _short(value: object) -> object:
    """The value as people would write it: 2 for 2.0, a list for a tuple."""
    if isinstance(value, tuple):
        return list(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def template() -> str:
    """The initial config.toml: each setting as a comment, with its default or an example."""
    import json

    text = "# Precedence of settings: flag, environment variable, this file, default.\n"
    text += "# The key is kept in its own file: mira config set key\n"
    for row in SETTINGS:
        if row is not KEY:
            value = json.dumps(_short(row.example or row.default))
            text += f"\n# {row.help}\n# {row.name} = {value}\n"
    return text
