"""The rows of a batch: parses each input line into a question with options, or an error."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mira_cli.errors import MiraError, TooLargeError, UsageError
from mira_cli.session.batch.input import LONGEST
from mira_cli.session.reply_parts.json_value import parse_strict
from mira_cli.settings.parse import nearest, typed
from mira_cli.settings.table import BY_NAME
from mira_cli.terminal.reading import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mira_cli.conversation.message import Options
    from mira_cli.session.reply_parts.json_format import JsonFormat
    from mira_cli.terminal.streams import Streams

_KEY_LENGTH = 32  # hexadecimal digits, 128 bits
_LARGEST_EXACT = 2.0**53  # above it, a float is not an exact whole number
_BOM = b"\xef\xbb\xbf"
# For each key of a row: its JSON types, and their name in messages. A bool is not a number here.
_FIELDS: dict[str, tuple[tuple[type, ...], str]] = {
    "question": ((str,), "a text"),
    "id": ((str, int), "a text or a whole number"),
    "model": ((str,), "a text"),
    "system": ((str,), "a text"),
    "temperature": ((int, float), "a number"),
    "top_p": ((int, float), "a number"),
    "max_tokens": ((int,), "a whole number"),
    "stop": ((str, list), "a text or a list of texts"),
}
_WHOLE = ("id", "max_tokens")  # 5.0 counts as 5 here, since pandas and others write it that way
_NO_OPTIONS = ("question", "id", "system")


@dataclass(frozen=True)  # no slots: a cached property needs __dict__
class Defaults:
    """The defaults for rows. `json_format`: the JSON that each reply should be, None for any text."""

    system: str
    options: Options
    json_format: JsonFormat | None = None

    def key(self, identity: str | int, question: str, system: str, options: Options) -> str:
        """A hash of the id and the request. Unset options are left out, so new options don't change keys."""
        own = system is not self.system or options is not self.options
        rest = self._hashed(system, options) if own else self._shared
        asked = self.json_format.question(question) if self.json_format else question
        return _hash_text(f'[{json.dumps(identity)}, {{"question": {json.dumps(asked)}{rest}}}]')

    @cached_property
    def _shared(self) -> str:
        """The part of the hash input that most rows share."""
        return self._hashed(self.system, self.options)

    def _hashed(self, system: str, options: Options) -> str:
        facts: dict[str, object] = {
            "system": system or None,
            "model": options.model,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "max_tokens": options.max_tokens,
            "stop": options.stop or None,
            "fold_system": options.fold_system or None,
            "response_format": self.json_format.response_format if self.json_format else None,
        }
        sent = {name: value for name, value in facts.items() if value is not None}
        return f", {json.dumps(sent)[1:-1]}"


@dataclass(frozen=True, slots=True)
class Row:
    """A question; `id` is the one in the line, else the line number; `key` is a hash of id and request."""

    id: str | int
    key: str
    question: str
    system: str
    options: Options


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that is not a question; `key` is a hash of the id and the line."""

    id: str | int
    key: str
    error: MiraError


def read_rows(
    lines: Iterable[bytes | None], defaults: Defaults, streams: Streams, *, plain: bool = False
) -> Iterator[Row | BadRow]:
    """The rows in these lines, in order; empty lines are skipped.

    Args:
        lines: All lines from the first on; None for one that was too long.
        defaults: For whatever a row doesn't set.
        streams: Get a notice if a line is not all UTF-8.
        plain: Each line is a question, not JSON.
    """
    for number, raw in enumerate(lines, 1):
        if raw is None:
            size = f"Line {number} is over {LONGEST // 1024**2} MB."
            yield BadRow(number, _hash(number, size), TooLargeError(size))
            continue
        line = raw.removeprefix(_BOM) if number == 1 else raw
        if not line.strip():
            continue
        fields: dict[str, Any] = {}
        try:
            fields = {"question": decode(line, f"line {number}", streams)} if plain else _parse(line)
            yield _row(number, fields, defaults)
        except UsageError as error:
            message = f"Line {number}: {error.message.removeprefix(f'line {number} ')}"
            given = fields.get("id")
            identity = given if isinstance(given, str | int) and not isinstance(given, bool) else number
            key = _hash(identity, line.decode("utf-8", "backslashreplace"))
            yield BadRow(identity, key, UsageError(message))


def _parse(line: bytes) -> dict[str, Any]:
    """The members of a strict JSON object, without known keys that are null.

    Raises:
        UsageError: The line is something else.
    """
    try:
        value = parse_strict(line.decode()).value
    except UnicodeDecodeError:
        raise UsageError("not UTF-8 text.") from None
    except ValueError as error:
        raise UsageError(f"{str(error).removeprefix('is ')}.") from None
    if not isinstance(value, dict):
        raise UsageError('not a JSON object such as {"question": "…"}.')
    given = {name: member for name, member in value.items() if member is not None or name not in _FIELDS}
    for name in _WHOLE:
        member = given.get(name)
        if isinstance(member, float) and member.is_integer() and abs(member) <= _LARGEST_EXACT:
            given[name] = int(member)
    return given


def _row(number: int, fields: dict[str, Any], defaults: Defaults) -> Row:
    """The row with these fields.

    Raises:
        UsageError: A field is unknown or has the wrong type, or there is no question.
    """
    changes: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in _FIELDS:
            near = nearest(name, tuple(_FIELDS))
            raise UsageError(f"unknown key '{name}'" + (f"; did you mean '{near}'?" if near else "."))
        types, kind = _FIELDS[name]
        if not isinstance(value, types) or isinstance(value, bool):
            raise UsageError(f"{name} must be {kind}.")
        if name not in _NO_OPTIONS:
            # As a list, because a string would be parsed like a flag, which may be a JSON list.
            listed = [value] if name == "stop" and isinstance(value, str) else value
            changes[name] = typed(BY_NAME[name].parse, listed, name)
    question, system = fields.get("question", ""), fields.get("system", defaults.system)
    if not question.strip():
        raise UsageError("the question is empty." if "question" in fields else "there is no question.")
    identity = fields.get("id", number)
    options = replace(defaults.options, **changes) if changes else defaults.options
    return Row(identity, defaults.key(identity, question, system, options), question, system, options)


def _hash(identity: str | int, line: str) -> str:
    return _hash_text(json.dumps([identity, line]))


def _hash_text(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_KEY_LENGTH]
