"""The JSON that a reply should be: any object, or JSON that matches a schema (extra `mira-cli[schema]`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mira_cli.errors import MismatchError, UsageError
from mira_cli.session.reply_parts import json_value, schema_check
from mira_cli.settings.keys import without_key
from mira_cli.terminal.reading import reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.conversation.message import Options
    from mira_cli.session.reply_parts.json_value import JsonValue

_LARGEST = 4 << 20  # bytes of a schema
# The API takes a body whose brackets are at most 20 deep; a schema in it is already four deep.
_DEEPEST = 16
_LONGEST_CHECK = 10.0  # seconds
_FIRST_WORDS = 80


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """The JSON that a reply should be.

    Attributes:
        schema: The JSON Schema, an object or a boolean; None for any object.
        time_limit: Maximum seconds for checking a value.
    """

    schema: Any = None
    time_limit: float = _LONGEST_CHECK

    @property
    def response_format(self) -> Mapping[str, object]:
        """The `response_format` of the request, which a server may ignore."""
        if not isinstance(self.schema, dict) or json_value.depth(self.schema) > _DEEPEST:
            return {"type": "json_object"}
        return {"type": "json_schema", "json_schema": {"name": "reply", "schema": self.schema}}

    def options(self, options: Options) -> Options:
        """The options of a request with `response_format`."""
        return replace(options, response_format=self.response_format)

    def question(self, text: str) -> str:
        """The question with the instruction after it."""
        return f"{text}\n\nAnswer with {self._instruction}"

    def again(self, mismatch: MismatchError) -> str:
        """The second question, after a reply that was something else."""
        return f"That was not what I asked for. {mismatch.message}\n\nAnswer again, with {self._instruction}"

    def check(self, reply: str) -> JsonValue:
        """Find the value in a reply.

        Raises:
            MismatchError: It has none, or not the one asked for; `partial` holds the reply.
        """
        found = json_value.find(reply)
        problem = "is not JSON" if found is None else self._problem(found.value)
        if found is not None and not problem:
            return found
        problem = json_value.unfit(reply) or problem  # the more precise one
        words = " ".join(reply[: 4 * _FIRST_WORDS].split())
        start = words if len(words) <= _FIRST_WORDS else words[:_FIRST_WORDS] + "…"
        raise MismatchError(f"The reply {problem}.", hint=f"It begins: {start}", partial=reply)

    def _problem(self, value: Any) -> str:
        """What is wrong with a value, "" if nothing is."""
        if self.schema is None:
            return "" if isinstance(value, dict) else "is JSON, but not an object"
        misfit = _check([self.schema, value], self.time_limit)
        return f"does not fit the schema at {misfit}" if misfit else ""

    @property
    def _instruction(self) -> str:
        if self.schema is None:
            return "one JSON object and nothing else: no prose, no code fence."
        schema = json.dumps(self.schema, ensure_ascii=False, separators=(",", ":"))
        return f"JSON that fits this JSON Schema and nothing else: no prose, no code fence.\n\n{schema}"


def open_json_format(schema: str | None, max_time: float | None) -> JsonFormat:
    """The format for `--json-reply`, or for the schema in a file. References to other files aren't followed.

    Args:
        schema: The file, None for any object.
        max_time: The time limit of a whole request in seconds, or None; it also limits the check.

    Raises:
        UsageError: The schema cannot be read or used, or the extra that checks it is not installed.
    """
    if schema is None:
        return JsonFormat()
    try:
        import_module("jsonschema_rs")  # which the child uses
    except ImportError:
        raise UsageError("--schema needs jsonschema: pip install 'mira-cli[schema]'") from None
    try:
        with Path(schema).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot read the schema {schema}: {reason(error)}.") from error
    try:
        if len(data) > _LARGEST:
            raise ValueError(f"is over {_LARGEST >> 20} MB")
        value = json_value.parse_strict(data.decode("utf-8-sig")).value
    except UnicodeDecodeError:
        raise _unusable(schema, "it is not UTF-8 text") from None
    except ValueError as error:
        raise _unusable(schema, f"it {error}") from None
    if problem := _check([value], _LONGEST_CHECK):
        raise _unusable(schema, problem.removeprefix("$: ").removesuffix("."))
    return JsonFormat(value, min(max_time or _LONGEST_CHECK, _LONGEST_CHECK))


def _unusable(schema: str, why: str) -> UsageError:
    return UsageError(f"{schema} is not a usable JSON Schema: {why}.")


def _check(schema_and_value: list[Any], time_limit: float) -> str:
    """What `schema_check` finds wrong with a schema or with a value, "" for nothing."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", schema_check.__name__, str(time_limit)],
        input=json.dumps(schema_and_value),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=without_key(os.environ),
        text=True,
        check=False,
    )
    if done.returncode:
        return f"$: it can't be checked within {time_limit:g} s and {schema_check.MEMORY >> 30} GB of memory"
    return str(json.loads(done.stdout))
