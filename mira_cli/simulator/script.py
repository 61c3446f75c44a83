"""Replies and faults in a given order, from a TOML or JSON file or from a test."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mira_cli.errors import UsageError
from mira_cli.simulator.faults.table import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.simulator.faults.fault import Fault

_LARGEST = 64 << 20  # bytes; beyond that it is a device, or something else by mistake
_USAGE = ("prompt_tokens", "completion_tokens", "total_tokens")


@dataclass(frozen=True, slots=True)
class Entry:
    """One `[[reply]]`: a text or a fault, for the next request or the next whose question has `match`.

    `text` as a list gives the pieces in which it is streamed. `model`, `delay`, `rate`, `finish_reason` and
    `usage` replace what the simulator would have said; `usage = false` leaves it out. `count` requests meet
    a fault.
    """

    text: str | tuple[str, ...] | None = None
    fault: Fault | None = None
    count: int = 1
    match: str = ""
    model: str | None = None
    delay: float | None = None
    rate: float | None = None
    finish_reason: str | None = None
    usage: Mapping[str, int] | None = None
    no_usage: bool = False


def load(path: str) -> list[Entry]:
    """The entries of a script file: TOML with `[[reply]]` tables, JSON with `reply` or a bare list.

    Raises:
        UsageError: The file cannot be read, or something in it is not as it should be.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs more than it gives here
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"Cannot read the script {path}: {error.strerror}.") from error
    if len(raw) > _LARGEST:
        raise UsageError(f"The script {path} holds more than {_LARGEST >> 20} MB.")
    try:
        text = raw.decode("utf-8-sig")
        data = json.loads(text) if _looks_like_json(path, text) else _toml(text)
    except RecursionError as error:
        raise UsageError(f"The script {path} cannot be read: it is nested too deeply.") from error
    except ValueError as error:
        import tomllib

        known = isinstance(error, UnicodeError | json.JSONDecodeError | tomllib.TOMLDecodeError)
        why = str(error) if known else "one of its numbers has too many digits"
        raise UsageError(f"The script {path} cannot be read: {why}.") from error
    rows = data.get("reply") if isinstance(data, dict) else data
    extra = sorted(set(data) - {"reply"}) if isinstance(data, dict) else []
    if extra or not isinstance(rows, list):
        what = f"unknown name '{extra[0]}'" if extra else "there is no list of replies"
        raise UsageError(
            f"The script {path}: {what}.", hint="Write [[reply]] tables with text = … or fail = …"
        )
    try:
        return read(rows)
    except UsageError as error:
        raise UsageError(f"The script {path}: {error.message}", hint=error.hint) from error


def _looks_like_json(path: str, text: str) -> bool:
    # A TOML table header also begins with "[", so the file's name has the first word.
    if path.endswith((".json", ".toml")):
        return path.endswith(".json")
    return text.lstrip().startswith("{") or (text.lstrip()[:1] == "[" and not text.lstrip().startswith("[["))


def _toml(text: str) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(text)


def read(rows: Iterable[object]) -> list[Entry]:
    """The entries of a list of tables; a bare string is a text, an entry stays as it is.

    Raises:
        UsageError: An entry is wrong; the message has its number.
    """
    entries = []
    for number, row in enumerate(rows, 1):
        try:
            entries.append(
                row if isinstance(row, Entry) else _entry({"text": row} if isinstance(row, str) else row)
            )
        except UsageError as error:
            raise UsageError(f"reply {number}: {error.message}", hint=error.hint) from error
    return entries


def _entry(row: object) -> Entry:
    if not isinstance(row, Mapping):
        raise UsageError("a table with text or fail is wanted.")
    unknown = sorted(set(row) - set(_FIELDS) - {"text", "fail"})
    if unknown:
        raise UsageError(f"unknown name '{unknown[0]}'.", hint=f"Known: text, fail, {', '.join(_FIELDS)}")
    if ("text" in row) == ("fail" in row):
        raise UsageError("either text or fail is wanted, not both and not none.")
    given: dict[str, Any] = {name: _checked(name, row[name]) for name in _FIELDS if name in row}
    if given.get("usage") is False:
        given |= {"usage": None, "no_usage": True}
    if "fail" in row:
        fault, count = parse(str(row["fail"]))
        return Entry(fault=fault, count=count or 1, **given)
    return Entry(text=_text(row["text"]), **given)


def _text(value: object) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(piece, str) for piece in value):
        return tuple(value)
    raise UsageError("text must be a string, or a list of strings to be streamed one by one.")


def _checked(name: str, value: object) -> object:
    wanted, fits = _FIELDS[name]
    if not fits(value):
        raise UsageError(f"{name} must be {wanted}.")
    return value


def _is_string(value: object) -> bool:
    return isinstance(value, str)


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def _is_usage(value: object) -> bool:
    if not isinstance(value, Mapping):
        return value is False
    return set(value) <= set(_USAGE) and all(type(count) is int for count in value.values())


_FIELDS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "match": ("a string", _is_string),
    "model": ("a string", _is_string),
    "delay": ("a number of seconds, 0 or more", _is_amount),
    "rate": ("a number of tokens a second, 0 or more", _is_amount),
    "finish_reason": ("a string", _is_string),
    "usage": (f"a table of whole numbers ({', '.join(_USAGE)}), or false", _is_usage),
}


class Script:
    """The entries that are still to come; not thread-safe, its owner holds the lock."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._left = [(entry, entry.count) for entry in entries]

    def next_for(self, question: str) -> Entry | None:
        """The first entry that fits the question, which is then used up; None when there is none."""
        for place, (entry, count) in enumerate(self._left):
            if entry.match in question:
                self._left[place : place + 1] = [(entry, count - 1)] if count > 1 else []
                return entry
        return None

    def add(self, entries: Iterable[Entry]) -> None:
        """Put more entries at the end."""
        self._left += [(entry, entry.count) for entry in entries]
