"""Asking for JSON and checking that it came: `--json-reply` and `--schema`. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.errors import MismatchError
from mira_cli.session.reply_parts import json_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.session.reply_parts.json_value import JsonValue
    from mira_cli.session.reply_parts.schema import Schema

# The API takes a body whose brackets are at most 20 deep; a schema in it stands below four of them.
_DEEPEST_SCHEMA = 16

_FIRST_WORDS = 80


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """The JSON that a reply should be: an object, or what fits a schema."""

    schema: Schema | None = None

    @property
    def response_format(self) -> Mapping[str, object]:
        """For the request; a server may ignore it."""
        schema = self.schema.value if self.schema else None
        if not isinstance(schema, dict) or json_value.depth(schema) > _DEEPEST_SCHEMA:
            return {"type": "json_object"}
        return {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema}}

    def question(self, text: str) -> str:
        """The question with the instruction after it."""
        return f"{text}\n\nAnswer with {self._instruction}"

    def again(self, mismatch: MismatchError) -> str:
        """What to ask after a reply that was something else."""
        return f"That was not what I asked for. {mismatch.message}\n\nAnswer again, with {self._instruction}"

    def check(self, reply: str) -> JsonValue:
        """Find the value in a reply.

        Raises:
            MismatchError: It has none, or not the one asked for; `partial` holds the reply.
        """
        found = json_value.find(reply)
        if found is None:
            raise _mismatch("The reply is not JSON.", reply)
        if self.schema is None:
            if not isinstance(found.value, dict):
                raise _mismatch("The reply is JSON, but not an object.", reply)
        elif problem := self.schema.problem(found.value):
            raise _mismatch(f"The reply does not fit the schema at {problem}.", reply)
        return found

    @property
    def _instruction(self) -> str:
        if self.schema is None:
            return "one JSON object and nothing else: no prose, no code fence."
        return (
            "JSON that fits this JSON Schema and nothing else: no prose, no code fence.\n\n"
            + self.schema.text
        )


def _mismatch(message: str, reply: str) -> MismatchError:
    words = " ".join(reply[: 4 * _FIRST_WORDS].split())
    start = words if len(words) <= _FIRST_WORDS else words[:_FIRST_WORDS] + "…"
    return MismatchError(message, hint=f"It begins: {start}", partial=reply)
