"""Scripted replies and faults, from a TOML or JSON file."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mira_cli.errors import UsageError
from mira_cli.simulator.faults import FAULTS, parse
from mira_cli.simulator.replies import pieces_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mira_cli.simulator.faults import Fault

_USAGE = ("prompt_tokens", "completion_tokens", "total_tokens")


@dataclass(slots=True)
class ScriptedReply:
    """A reply, or a fault, for the next `count` requests whose question contains `match`.

    `changes` are the fields of a `Completion` that it replaces.
    """

    match: str = ""
    fault: Fault | None = None
    count: int = 1
    changes: dict[str, Any] = field(default_factory=dict)


def load(text: str, path: str) -> list[ScriptedReply]:
    """The replies of a script: TOML with `[[reply]]` tables, or JSON of that shape or a bare list.

    Raises:
        UsageError: It cannot be read, or something in it is wrong.
    """
    try:
        data: Any = json.loads(text) if _is_json(text, path) else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        known = isinstance(error, json.JSONDecodeError | tomllib.TOMLDecodeError)
        why = str(error) if known else "it is nested too deeply, or a number has too many digits"
        raise UsageError(f"The script {path} cannot be read: {why}.") from error
    rows = data.get("reply") if isinstance(data, dict) else data
    unknown = sorted(set(data) - {"reply"}) if isinstance(data, dict) else []
    if unknown or not isinstance(rows, list):
        what = f"unknown name '{unknown[0]}'" if unknown else "there is no list of replies"
        hint = "Write [[reply]] tables with text = … or fail = …"
        raise UsageError(f"The script {path}: {what}.", hint=hint)
    try:
        return read(rows)
    except UsageError as error:
        raise UsageError(f"The script {path}: {error.message}", hint=error.hint) from error


def _is_json(text: str, path: str) -> bool:
    """Whether a script is JSON, by its name or how it begins; "[" and a name begin a table of TOML."""
    return path.endswith(".json") or re.match(r'\s*(?:\{|\[\s*[{"\]])', text) is not None


def read(rows: Iterable[object], faults: Mapping[str, Fault] = FAULTS) -> list[ScriptedReply]:
    """The replies of a list of tables; a bare string is a text.

    Raises:
        UsageError: A table is wrong; the message has its number.
    """
    replies = []
    for number, row in enumerate(rows, 1):
        try:
            replies.append(_reply({"text": row} if isinstance(row, str) else row, faults))
        except UsageError as error:
            raise UsageError(f"reply {number}: {error.message}", hint=error.hint) from error
    return replies


def _reply(row: object, faults: Mapping[str, Fault]) -> ScriptedReply:
    if not isinstance(row, Mapping):
        raise UsageError("a table with text or fail is wanted.")
    unknown = sorted(set(row) - set(_FIELDS))
    if unknown:
        raise UsageError(f"unknown name '{unknown[0]}'.", hint=f"Known: {', '.join(_FIELDS)}")
    if ("text" in row) == ("fail" in row):
        raise UsageError("give either text or fail.")
    for name, value in row.items():
        wanted, fits = _FIELDS[name]
        if not fits(value):
            raise UsageError(f"{name} must be {wanted}.")
    changes = {name: value for name, value in row.items() if name not in {"text", "fail", "match"}}
    if changes.get("usage") is False:
        changes["usage"] = None
    match = row.get("match", "")
    if "fail" in row:
        fault, count = parse(str(row["fail"]), faults)
        return ScriptedReply(match, fault, count or 1, changes)
    pieces = pieces_of(row["text"]) if isinstance(row["text"], str) else tuple(row["text"])
    return ScriptedReply(
        match, changes={"pieces": pieces, "reasoning": (), "finish_reason": "stop", **changes}
    )


def _is_string(value: object) -> bool:
    return isinstance(value, str)


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list | tuple) and all(map(_is_string, value)))


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def _is_usage(value: object) -> bool:
    if not isinstance(value, Mapping):
        return value is False
    return set(value) <= set(_USAGE) and all(type(count) is int for count in value.values())


_FIELDS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "text": ("a string, or a list of strings that are streamed one by one", _is_text),
    "fail": ("the name of a fault", lambda value: isinstance(value, str | int)),
    "match": ("a string", _is_string),
    "model": ("a string", _is_string),
    "delay": ("a number of seconds, 0 or more", _is_amount),
    "rate": ("a number of tokens a second, 0 or more", _is_amount),
    "finish_reason": ("a string", _is_string),
    "usage": (f"a table of whole numbers ({', '.join(_USAGE)}), or false", _is_usage),
}
