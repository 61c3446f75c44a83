"""`--json-reply` and `--schema`: asks for JSON, and asks once more if the reply is something else."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mira_cli.errors import ContextError, MiraError, MismatchError, ReaderGone, TooLargeError, UsageError
from mira_cli.session.reply_parts import json_value, schema_check
from mira_cli.session.turn import run_turn, show_usage
from mira_cli.terminal.reading import reason
from mira_cli.terminal.sanitize import clean_line
from mira_cli.terminal.writers import Writer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.conversation.message import Options
    from mira_cli.session.opening import Session
    from mira_cli.session.reply_parts.json_value import JsonValue
    from mira_cli.session.turn import Turn

_LARGEST = 4 << 20  # bytes of a schema
# The API takes a body whose brackets are at most 20 deep; a schema in it is already four deep.
_DEEPEST = 16
_LONGEST_CHECK = 10.0  # seconds
_FIRST_WORDS = 80


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """The JSON that a reply should be."""

    schema: Any = None  # an object or a boolean; None: any JSON object is fine
    time_limit: float = _LONGEST_CHECK  # maximum seconds for checking a value
    reask: bool = True  # whether to ask once more if the reply is something else

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

    @property
    def _instruction(self) -> str:
        if self.schema is None:
            return "one JSON object and nothing else: no prose, no code fence."
        schema = json.dumps(self.schema, ensure_ascii=False, separators=(",", ":"))
        return f"JSON that fits this JSON Schema and nothing else: no prose, no code fence.\n\n{schema}"

    def check(self, reply: str) -> JsonValue:
        """Find the value in a reply.

        Raises:
            MismatchError: It has none, or not the one asked for; `partial` holds the reply.
        """
        found, unfit = json_value.find(reply)
        if found is None:
            problem = "is not JSON"
        elif self.schema is None:
            problem = "" if isinstance(found.value, dict) else "is JSON, but not an object"
        else:
            misfit = schema_check.check(self.time_limit, self.schema, found.value)
            problem = f"does not fit the schema at {misfit}" if misfit else ""
        if found is not None and not problem:
            return found
        problem = unfit or problem  # the more precise one
        hint = f"It begins: {clean_line(reply, _FIRST_WORDS)}"
        raise MismatchError(f"The reply {problem}.", hint=hint, partial=reply)


def open_json_format(schema: str | None, max_time: float | None, *, reask: bool = True) -> JsonFormat:
    """The format for `--json-reply`, or for the schema in a file. References to other files aren't followed.

    `max_time`, the time limit of a whole request in seconds, also limits the check of a value.

    Raises:
        UsageError: The schema cannot be read or used, or the extra that checks it is not installed.
    """
    if schema is None:
        return JsonFormat(reask=reask)
    if find_spec("jsonschema_rs") is None:  # which the child of schema_check uses
        raise UsageError("--schema needs jsonschema: pip install 'mira-cli[schema]'")
    try:
        with Path(schema).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot read the schema {schema}: {reason(error)}.") from error
    value, unusable = None, f"{schema} is not a usable JSON Schema"
    try:
        if len(data) > _LARGEST:
            raise ValueError(f"is over {_LARGEST >> 20} MB")
        value = json_value.parse_strict(data.decode("utf-8-sig")).value
    except UnicodeDecodeError:
        raise UsageError(f"{unusable}: it is not UTF-8 text.") from None
    except ValueError as error:
        raise UsageError(f"{unusable}: it {error}.") from None
    if problem := schema_check.check(_LONGEST_CHECK, value):
        raise UsageError(f"{unusable}: {problem.removeprefix('$: ').removesuffix('.')}.")
    return JsonFormat(value, min(max_time or _LONGEST_CHECK, _LONGEST_CHECK), reask)


class _HeldWriter(Writer):
    """Doesn't show the reply, which may be replaced by a second one."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def reasoning(self, text: str) -> None:
        """Pass it on."""
        self._writer.reasoning(text)

    def notice(self, kind: str, message: str) -> None:
        """Pass it on."""
        self._writer.notice(kind, message)


def ask_for_json(session: Session, json_format: JsonFormat, question: str, writer: Writer) -> Turn:
    """Run the turn, and a second one if the reply doesn't match; write the JSON exactly as in the reply.

    A reply that was cut off goes to standard error, since it was paid for. If the session's form is text, the
    writer must not print the reply. The conversation is not changed.

    Raises:
        MismatchError: No reply matches; nothing was printed.
        MiraError: The turn failed.
    """
    writer.start(session.options.model)
    session = replace(session, options=json_format.options(session.options))
    question = json_format.question(question)
    held, turn = _HeldWriter(writer), None
    try:
        turn = run_turn(session, question, held)
        try:
            found = _value_of(turn, json_format)
        except MismatchError as mismatch:
            if not json_format.reask:
                raise
            writer.notice("reask", f"{mismatch.message} Asking once more.")
            turn = _ask_again(session, json_format, question, mismatch, held)
            found = _value_of(turn, json_format)
    except (MiraError, ReaderGone) as error:
        if turn is not None:
            show_usage(session, turn)
        writer.fail(error)
        quoted = isinstance(error, MismatchError)  # the message begins with the reply
        if isinstance(error, MiraError) and error.partial and not quoted and session.form == "text":
            session.streams.show(error.partial)
        raise
    turn = turn._replace(result=replace(turn.result, data=found.value))
    if session.form == "text":
        session.write_part(found.text, turn.result)
    else:
        writer.write(turn.result.text)
    writer.done(turn.result)
    return turn


def _ask_again(
    session: Session, json_format: JsonFormat, question: str, mismatch: MismatchError, writer: Writer
) -> Turn:
    """Ask once more, with the first reply or its end. Raises `mismatch` if that can't be sent."""
    conversation = copy(session.conversation)
    conversation.remember(question, mismatch.partial)
    session = replace(session, conversation=conversation)
    try:
        return run_turn(session, json_format.again(mismatch), writer, about_last=True)
    except (ContextError, TooLargeError):
        raise mismatch from None
    except MiraError as error:
        error.partial = error.partial or mismatch.partial  # neither reply is lost
        raise


def _value_of(turn: Turn, json_format: JsonFormat) -> JsonValue:
    """The value in a reply, which must be complete: truncated JSON may parse and still be wrong."""
    turn.check_whole("JSON")
    return json_format.check(turn.result.text)
