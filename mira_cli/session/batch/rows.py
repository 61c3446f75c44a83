"""The rows of a batch: reads the input line by line, and parses each line into a question with options."""

from __future__ import annotations

import json
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from io import BufferedReader, FileIO
from itertools import islice
from typing import TYPE_CHECKING, Any

from mira_cli.errors import MiraError, TooLargeError, UsageError
from mira_cli.session.reply_parts.json_value import parse_strict
from mira_cli.settings.parse import nearest, typed
from mira_cli.settings.table import BY_NAME
from mira_cli.terminal.reading import STDIN_NAME, decode, is_stdin, no_such_file, reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mira_cli.conversation.message import Options
    from mira_cli.session.reply_parts.json_reply import JsonFormat
    from mira_cli.terminal.streams import Streams

LONGEST = 16 << 20  # bytes of a line; far more than the API accepts
_KEY_LENGTH = 32  # hexadecimal digits, 128 bits
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


@contextmanager
def open_input(path: str, streams: Streams) -> Iterator[tuple[int | None, Iterator[bytes | None]]]:
    """The number of non-empty lines in the input, None if unknown, and its lines.

    Lines come without line ends; None is a line that is too long. `-` and /dev/stdin are standard input.

    Raises:
        UsageError: It is missing, a directory, a terminal, or cannot be read; also while reading lines.
    """
    if is_stdin(path):
        if streams.in_tty:
            raise UsageError("Standard input is a terminal.", hint="Give a file, or pipe the questions in.")
        yield None, iter(()) if streams.stdin is None else lines_of(BufferedReader(streams.stdin), STDIN_NAME)
        return
    with _open(path) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            yield None, lines_of(file, path)
            return
        total = count = 0
        for line in lines_of(file, path):
            total += 1
            count += line is None or bool(line.strip())
        file.seek(0)
        # Don't read lines that are added from now on: the answers may be appended to this file.
        yield count, islice(lines_of(file, path), total)


def _open(path: str) -> BufferedReader:
    try:
        return BufferedReader(FileIO(path))
    except FileNotFoundError:
        raise no_such_file(path) from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a directory.", hint="Give a file of questions.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot read {path}: {reason(error)}.") from error


def lines_of(reader: BufferedReader, name: str) -> Iterator[bytes | None]:
    """The lines, as in `open_input`. `name` is for messages."""
    try:
        while line := reader.readline(LONGEST + 1):
            if len(line) <= LONGEST or line.endswith(b"\n"):
                yield line.removesuffix(b"\n").removesuffix(b"\r")
                continue
            while line and not line.endswith(b"\n"):  # skip the rest of it
                line = reader.readline(LONGEST)
            yield None
    except OSError as error:
        raise UsageError(f"Cannot read {name}: {reason(error)}.") from error


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
        sent = self.json_format.question(question) if self.json_format else question
        return _hash(f'[{json.dumps(identity)}, {{"question": {json.dumps(sent)}{rest}}}]')

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
    """A line of the input."""

    id: str | int  # as given in the line, else the line number
    key: str  # a hash of id and request; if the line is not a question, of id and line
    question: str
    system: str
    options: Options
    error: MiraError | None = None  # why the line is not a question


def read_rows(
    lines: Iterable[bytes | None], defaults: Defaults, streams: Streams, *, plain: bool = False
) -> Iterator[Row]:
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
            yield _bad_row(number, size, TooLargeError(size), defaults)
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
            text = line.decode("utf-8", "backslashreplace")
            yield _bad_row(identity, text, UsageError(message), defaults)


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
        if isinstance(member, float) and member.is_integer():
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
        if name not in ("question", "id", "system"):
            # As a list, because a string would be parsed like a flag, which may be a JSON list.
            listed = [value] if name == "stop" and isinstance(value, str) else value
            changes[name] = typed(BY_NAME[name].parse, listed, name)
    question, system = fields.get("question", ""), fields.get("system", defaults.system)
    if not question.strip():
        raise UsageError("the question is empty." if "question" in fields else "there is no question.")
    identity = fields.get("id", number)
    options = replace(defaults.options, **changes) if changes else defaults.options
    return Row(identity, defaults.key(identity, question, system, options), question, system, options)


def _bad_row(identity: str | int, line: str, error: MiraError, defaults: Defaults) -> Row:
    return Row(identity, _hash(json.dumps([identity, line])), "", "", defaults.options, error)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_KEY_LENGTH]
