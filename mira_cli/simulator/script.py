"""Scripted replies and faults, from a TOML or JSON file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mira_cli.errors import UsageError
from mira_cli.simulator.faults import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mira_cli.simulator.faults import Fault

_MAX_SIZE = 64 << 20  # bytes; more is a device, or the wrong file
_USAGE = ("prompt_tokens", "completion_tokens", "total_tokens")


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """One `[[reply]]`: a text or a fault, for the next request or the next whose question contains `match`.

    Attributes:
        text: The reply; a tuple gives the pieces in which it is streamed.
        fault: The fault instead of a text.
        count: How many requests get the fault.
        match: What the last user message must contain.
        usage: Token counts, False to leave usage out.

    The others replace what the simulator would have said.
    """

    text: str | tuple[str, ...] | None = None
    fault: Fault | None = None
    count: int = 1
    match: str = ""
    model: str | None = None
    delay: float | None = None
    rate: float | None = None
    finish_reason: str | None = None
    usage: Mapping[str, int] | bool | None = None


def load(path: str) -> list[ScriptedReply]:
    """The replies of a script file: TOML with `[[reply]]` tables, JSON with `reply` or a bare list.

    Raises:
        UsageError: The file cannot be read, or something in it is wrong.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a device must not be read to its end
            raw = file.read(_MAX_SIZE + 1)
    except OSError as error:
        raise UsageError(f"Cannot read the script {path}: {error.strerror}.") from error
    if len(raw) > _MAX_SIZE:
        raise UsageError(f"The script {path} holds more than {_MAX_SIZE >> 20} MB.")
    try:
        text = raw.decode("utf-8-sig")
        data: Any = json.loads(text) if _is_json(path, text) else tomllib.loads(text)
    except RecursionError as error:
        raise UsageError(f"The script {path} cannot be read: it is nested too deeply.") from error
    except ValueError as error:
        known = isinstance(error, UnicodeError | json.JSONDecodeError | tomllib.TOMLDecodeError)
        why = str(error) if known else "one of its numbers has too many digits"
        raise UsageError(f"The script {path} cannot be read: {why}.") from error
    rows = data.get("reply") if isinstance(data, dict) else data
    unknown = sorted(set(data) - {"reply"}) if isinstance(data, dict) else []
    if unknown or not isinstance(rows, list):
        what = f"unknown name '{unknown[0]}'" if unknown else "there is no list of replies"
        hint = "Write [[reply]] tables with text = … or fail = …"
        raise UsageError(f"The script {path}: {what}.", hint=hint)
    try:
        return read(rows, {})
    except UsageError as error:
        raise UsageError(f"The script {path}: {error.message}", hint=error.hint) from error


def _is_json(path: str, text: str) -> bool:
    # A TOML table header also begins with "[", so the file's name decides first.
    if path.endswith((".json", ".toml")):
        return path.endswith(".json")
    start = text.lstrip()[:2]
    return start.startswith("{") or (start.startswith("[") and start != "[[")


def read(rows: Iterable[object], faults: Mapping[str, Fault]) -> list[ScriptedReply]:
    """The replies of a list of tables; a bare string is a text, a reply stays as it is.

    Raises:
        UsageError: A table is wrong; the message has its number.
    """
    replies = []
    for number, row in enumerate(rows, 1):
        try:
            replies.append(row if isinstance(row, ScriptedReply) else _reply(row, faults))
        except UsageError as error:
            raise UsageError(f"reply {number}: {error.message}", hint=error.hint) from error
    return replies


def _reply(row: object, faults: Mapping[str, Fault]) -> ScriptedReply:
    row = {"text": row} if isinstance(row, str) else row
    if not isinstance(row, Mapping):
        raise UsageError("a table with text or fail is wanted.")
    unknown = sorted(set(row) - set(_FIELDS) - {"text", "fail"})
    if unknown:
        raise UsageError(f"unknown name '{unknown[0]}'.", hint=f"Known: text, fail, {', '.join(_FIELDS)}")
    if ("text" in row) == ("fail" in row):
        raise UsageError("give either text or fail.")
    given: dict[str, Any] = {}
    for name, (wanted, fits) in _FIELDS.items():
        if name in row and not fits(row[name]):
            raise UsageError(f"{name} must be {wanted}.")
        if name in row:
            given[name] = row[name]
    if "fail" in row:
        fault, count = parse(str(row["fail"]), faults)
        return ScriptedReply(fault=fault, count=count or 1, **given)
    return ScriptedReply(text=_text(row["text"]), **given)


def _text(value: object) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(piece, str) for piece in value):
        return tuple(value)
    raise UsageError("text must be a string, or a list of strings that are streamed one by one.")


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
