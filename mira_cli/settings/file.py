"""The settings file: config.toml is read and checked here, and changed a line at a time."""

# ruff: noqa: PTH116, PTH123 - pathlib costs more than all that is done here

from __future__ import annotations

import os
import stat
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from mira_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mira_cli.settings.paths import Paths

_PLAINER = {
    "Cannot overwrite": "this is set above already",
    "Cannot declare": "this table stands above already",
}  # what tomllib says in a programmer's words begins so
_LARGEST = 1 << 20  # bytes; a settings file beyond that is something else
HINT = "Mend it with: mira config edit"


class Stored(NamedTuple):
    """What config.toml holds.

    Attributes:
        path: Where it is.
        text: Its text as it stands, BOM and line ends included; "" when there is no file.
        values: The TOML values by key.
    """

    path: str = ""
    text: str = ""
    values: Mapping[str, object] = MappingProxyType({})

    def line(self, name: str) -> int:
        """The number of the line that sets `name` or begins a table of that name, from 1; 0 for none."""
        from mira_cli.settings import toml_lines

        return toml_lines.line_of(self.text, name)


def load(path: str) -> Stored:
    """Read config.toml; a missing or empty file holds nothing.

    Raises:
        ConfigError: It cannot be read or is broken; names file, line and column.
    """
    text = read_text(path)
    return Stored(path, text, parse(text, path)) if text else Stored(path)


def read_text(path: str) -> str:
    """The text of config.toml, a BOM and line ends as they are; "" when there is no file.

    Raises:
        ConfigError: It is a directory, cannot be read, is too large or is not UTF-8.
    """
    try:
        mode = os.stat(path).st_mode if path else 0
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise _unreadable(path, error) from error
    if not path:
        return ""
    if stat.S_ISDIR(mode):
        raise ConfigError(f"{path} is a directory, not a settings file.", hint="Move it away.")
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        raise ConfigError(f"{path} is not a file.", hint="Move it away.")
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(data) > _LARGEST:
        raise ConfigError(f"{path} is over 1 MB; that is no settings file.", hint="Move it away.")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path} line {line} is not UTF-8 text.", hint=HINT) from error


def parse(text: str, path: str) -> Mapping[str, object]:
    """The TOML values of `text`, which `path` holds.

    Raises:
        ConfigError: It is not TOML; names file, line and column.
    """
    import tomllib

    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        line, column, what = _place(str(error), text)
        raise ConfigError(f"{path} line {line}, column {column}: {what}.", hint=HINT) from error
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits; a list in a list in a list …
        raise ConfigError(f"{path} holds a value that cannot be read.", hint=HINT) from error


def assign(paths: Paths, name: str, value: object) -> None:
    """Write `name = value` into config.toml: one line changes or is added, all else stays as it is.

    Raises:
        ConfigError: The file is broken, cannot be written, or says `name` in a way that is not one line.
    """
    from mira_cli.settings import toml_lines

    _change(paths, name, value, lambda text: toml_lines.assign(text, name, toml_lines.literal(value)))


def remove(paths: Paths, name: str) -> bool:
    """Take the line of `name` out of config.toml; False when there is none.

    Raises:
        ConfigError: As `assign`.
    """
    from mira_cli.settings import toml_lines

    return _change(paths, name, None, lambda text: toml_lines.remove(text, name))


def _change(paths: Paths, name: str, value: object, edit: Callable[[str], str]) -> bool:
    """Apply `edit` under the lock, if `name` is then `value` (None: absent) and all else as it was.

    Returns:
        Whether `name` was there before.
    """
    from mira_cli.settings import files

    path = paths.config_file
    if value is None and name not in load(path).values:
        return False
    files.make_directory(paths.config_dir)
    with files.locked(paths.lock_file, name=path):
        before = load(path)
        text = edit(before.text)
        try:
            after = parse(text, path)
        except ConfigError:
            after = {}
        wanted = list(value) if isinstance(value, tuple) else value
        if after.get(name) != wanted or _others(after, name) != _others(before.values, name):
            raise ConfigError(f"{path} says {name} in a way that cannot be changed here.", hint=HINT)
        if text != before.text:
            files.write(path, text.encode())
    return name in before.values


def _others(values: Mapping[str, object], name: str) -> dict[str, str]:
    return {key: repr(value) for key, value in values.items() if key != name}  # repr, as nan is not nan


def _place(message: str, text: str) -> tuple[int, int, str]:
    """Line, column and words of what tomllib says: "Invalid value (at line 3, column 9)"."""
    what, _, place = message.rpartition(" (at ")
    what = next((plain for begin, plain in _PLAINER.items() if what.startswith(begin)), what)
    numbers = [int(part.strip("),")) for part in place.split() if part.strip("),").isdigit()]
    if len(numbers) == 2:  # noqa: PLR2004 - a line and a column
        return numbers[0], numbers[1], what
    lines = text.split("\n")  # "(at end of document)"
    return len(lines), len(lines[-1]) + 1, what or message


def _unreadable(path: str, error: OSError) -> ConfigError:
    return ConfigError(f"Cannot read {path}: {error.strerror}.", hint="Check who may read it.")
