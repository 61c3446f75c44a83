"""config.toml: read with tomllib; one value is changed with tomlkit, and everything else kept."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError
from mira_cli.settings import files
from mira_cli.settings.table import KEY, SETTINGS, Setting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mira_cli.settings.paths import Paths

_TEMPLATE = """\
# The settings of mira. Precedence: flag, environment variable, this file, default.
# The key is kept in its own file: mira config set key
"""
_EXAMPLES: dict[str, object] = {
    "temperature": 0.7,
    "top_p": 1,
    "max_tokens": 1024,
    "stop": ["END"],
    "context": 16000,
    "max_time": 600,
    "key_command": "pass show mira",
}
HINT = "Fix it with: mira config edit"
_PLAINER = {
    "Cannot overwrite": "this is already set above",
    "Cannot declare": "this table is already above",
}  # by the beginning of what tomllib says
_LARGEST = 1 << 20  # bytes
_BOM = "\ufeff"
_TRAILING_COMMENTS = re.compile(r"(?:^[ \t]*(?:#[^\n]*)?\n)*\Z", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stored:
    """The contents of config.toml.

    Attributes:
        path: Where it is.
        text: Its text, BOM and line ends included; "" when there is no file.
        values: The TOML values by key.
    """

    path: str = ""
    text: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def line(self, name: str) -> int:
        """The number of the line that sets `name` or begins a table of that name, from 1; 0 if not found."""
        key = rf"""[ \t]*(?:{re.escape(name)}|"{re.escape(name)}"|'{re.escape(name)}')[ \t]*"""
        table = re.compile(rf"^[ \t]*\[\[?{key}[.\]]", re.MULTILINE)
        text = self.text.removeprefix(_BOM)
        end = _end_of_root(text)
        candidates = [
            *re.compile(rf"^{key}[.=]", re.MULTILINE).finditer(text, 0, end),
            *table.finditer(text, end),
        ]
        starts = (match.start() for match in candidates)
        start = next((start for start in starts if _is_complete(text[:start])), None)
        return 0 if start is None else text.count("\n", 0, start) + 1


def load(path: str) -> Stored:
    """Read config.toml; a missing or empty file holds nothing.

    Raises:
        ConfigError: It cannot be read or is broken; names file, line and column.
    """
    text = read_text(path)
    return Stored(path, text, _parse(text, path)) if text else Stored(path)


def read_text(path: str) -> str:
    """The text of config.toml, a BOM and line ends as they are; "" when there is no file.

    Raises:
        ConfigError: It is a directory, cannot be read, is too large or is not UTF-8.
    """
    if not path:
        return ""
    file = Path(path)
    try:
        mode = file.stat().st_mode
        if stat.S_ISDIR(mode):
            raise ConfigError(f"{path} is a directory, not a settings file.", hint="Move it away.")
        if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
            raise ConfigError(f"{path} is not a file.", hint="Move it away.")
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise ConfigError(f"Cannot read {path}: {error.strerror}.", hint="Check its permissions.") from error
    if len(data) > _LARGEST:
        raise ConfigError(f"{path} is over 1 MB, too large for a settings file.", hint="Move it away.")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path} line {line} is not UTF-8 text.", hint=HINT) from error


def assign(paths: Paths, name: str, value: object, note: Callable[[str], None] = lambda _: None) -> None:
    """Write `name = value` into config.toml, in place of its old value or on a new line before the tables.

    Args:
        paths: Where the files are.
        name: The setting.
        value: Its value.
        note: Told when the wait for another process has lasted a second.

    Raises:
        ConfigError: The file is broken, cannot be written, or sets `name` in another way, such as a table.
    """
    _change(paths, name, value, note)


def remove(paths: Paths, name: str, note: Callable[[str], None] = lambda _: None) -> bool:
    """Remove `name` from config.toml; False when it is not there. Arguments and errors as for `assign`."""
    if name not in load(paths.config_file).values:
        return False
    return _change(paths, name, None, note)


def _change(paths: Paths, name: str, value: object, note: Callable[[str], None]) -> bool:
    """Set `name`, or remove it (None), under the lock.

    Returns:
        Whether `name` was there before.
    """
    path = paths.config_file
    files.make_directory(paths.config_dir)
    with files.locked(paths.lock_file, name=path, waiting=lambda: note(files.waiting_for(path))):
        before = load(path)
        wanted = list(value) if isinstance(value, tuple) else value
        text = _edited(before.text, name, wanted, path)
        try:
            after = _parse(text, path)  # tomllib has the last word on what the new text means
        except ConfigError:
            after = {}
        if after.get(name) != wanted or _others(after, name) != _others(before.values, name):
            raise _unchangeable(path, name)
        if text != before.text:
            files.write(path, text.encode())
    return name in before.values


def _edited(text: str, name: str, value: object, path: str) -> str:
    """The text of `path` with `name` set to `value`, or without it (None); all other lines are kept.

    Only the part before the first table is edited, and the comments above that table stay with it.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    bom = _BOM if text.startswith(_BOM) else ""
    body = text.removeprefix(_BOM)
    end = _end_of_root(body)
    if end < len(body):
        comments = _TRAILING_COMMENTS.search(body, 0, end)
        end = comments.start() if comments else end
    try:
        root = tomlkit.parse(body[:end])
        if value is not None and name not in root and root and not body[:end].endswith("\n"):
            root = tomlkit.parse(
                body[:end] + "\n"
            )  # before 0.15 tomlkit appends to a last line without an end
        if isinstance(root.get(name), dict):
            raise _unchangeable(path, name)
        if value is None:
            root.pop(name, None)
        else:
            root[name] = _short(value)
        edited = tomlkit.dumps(root)
    except TOMLKitError as error:
        raise _unchangeable(path, name) from error
    if "\r\n" in body and body.count("\r\n") == body.count("\n"):
        edited = re.sub(r"(?<!\r)\n", "\r\n", edited)
    return bom + edited + body[end:]


def _short(value: object) -> object:
    """The value as people write it: 2 for 2.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unchangeable(path: str, name: str) -> ConfigError:
    return ConfigError(f"{path} sets {name} in a way that cannot be changed here.", hint=HINT)


def _others(values: Mapping[str, object], name: str) -> dict[str, str]:
    return {key: repr(value) for key, value in values.items() if key != name}  # repr, as nan is not nan


def _end_of_root(text: str) -> int:
    """Where the first table begins, or the end of the text: before it are the settings."""
    headers: Iterator[re.Match[str]] = re.compile(r"^[ \t]*\[", re.MULTILINE).finditer(text)
    starts = (match.start() for match in headers)
    return next((start for start in starts if _is_complete(text[:start])), len(text))


def _is_complete(text: str) -> bool:
    """Whether this beginning of a TOML text ends outside of every string and list."""
    import tomllib

    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _parse(text: str, path: str) -> Mapping[str, object]:
    import tomllib

    try:
        return tomllib.loads(text.removeprefix(_BOM))
    except tomllib.TOMLDecodeError as error:
        line, column, what = _place(str(error), text)
        raise ConfigError(f"{path} line {line}, column {column}: {what}.", hint=HINT) from error
    except RecursionError as error:
        raise ConfigError(f"{path} is nested too deeply.", hint=HINT) from error
    except ValueError as error:  # Python's own limit on the digits of an integer
        raise ConfigError(f"{path} holds a number with too many digits.", hint=HINT) from error


def _place(message: str, text: str) -> tuple[int, int, str]:
    """Line, column and reason in what tomllib says: "Invalid value (at line 3, column 9)"."""
    what, _, place = message.rpartition(" (at ")
    what = next((plain for begin, plain in _PLAINER.items() if what.startswith(begin)), what)
    numbers = [int(part.strip("),")) for part in place.split() if part.strip("),").isdigit()]
    if len(numbers) == 2:  # noqa: PLR2004 - a line and a column
        return numbers[0], numbers[1], what
    lines = text.split("\n")  # "(at end of document)"
    return len(lines), len(lines[-1]) + 1, what or message


def template() -> str:
    """A config.toml to begin with: each setting as a comment, with its default or an example."""
    return _TEMPLATE + "".join(_entry(setting) for setting in SETTINGS if setting is not KEY)


def _entry(setting: Setting) -> str:
    import json

    value = json.dumps(_short(_EXAMPLES.get(setting.name, setting.default)))
    help_text = setting.help.removesuffix(".")
    if setting.choices and setting.range and setting.choices[0] not in help_text:
        help_text += f" ({setting.range})"
    return f"\n# {help_text}.\n# {setting.name} = {value}\n"
