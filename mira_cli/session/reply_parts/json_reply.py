"""`--json-reply` and `--schema`: asks for JSON, checks the reply, and asks once more if need be."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mira_cli.errors import (
    ContextError,
    IncompleteError,
    MiraError,
    MismatchError,
    ReaderGone,
    TooLargeError,
)
from mira_cli.session.reply_parts import json_value
from mira_cli.session.turn import run_turn, show_usage
from mira_cli.terminal.writers import SilentWriter, Writer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.conversation.message import Options
    from mira_cli.session.opening import Session
    from mira_cli.session.reply_parts.json_value import JsonValue
    from mira_cli.session.reply_parts.schema import Schema
    from mira_cli.session.turn import Turn
    from mira_cli.terminal.result import Result

# The API takes a body whose brackets are at most 20 deep; a schema in it is already four deep.
_DEEPEST_SCHEMA = 16

_LONGEST_CHECK = 10.0  # seconds
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

    def options(self, options: Options) -> Options:
        """The options of a request with `response_format`."""
        return replace(options, response_format=self.response_format)

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


def open_json_format(schema: str | None, max_time: float | None) -> JsonFormat:
    """What the JSON should be: an object, or what fits the schema in that file.

    Args:
        schema: The file, None for any object.
        max_time: The time limit of a whole request in seconds, None for none. A check takes no longer.

    Raises:
        UsageError: The schema cannot be read or used, or the extra that checks it is not installed.
    """
    if schema is None:
        return JsonFormat()
    from mira_cli.session.reply_parts.schema import load_schema

    return JsonFormat(load_schema(schema, time_limit=min(max_time or _LONGEST_CHECK, _LONGEST_CHECK)))


class _HeldWriter(Writer):
    """Keeps a reply back until it is known to be the one that counts; a failed one is not shown."""

    at_end = True

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._pieces: list[str] = []

    def write(self, text: str) -> None:
        """Keep the piece."""
        self._pieces.append(text)

    def reasoning(self, text: str) -> None:
        """Pass it on."""
        self._writer.reasoning(text)

    def notice(self, kind: str, message: str) -> None:
        """Pass it on."""
        self._writer.notice(kind, message)

    def done(self, result: Result) -> None:
        """Show the reply."""
        self._writer.write("".join(self._pieces))
        self._writer.done(result)


def ask_for_json(
    session: Session, json_format: JsonFormat, question: str, writer: Writer, *, reask: bool = True
) -> Turn:
    """Run the turn, and a second one with what was wrong; write the JSON as the model wrote it.

    A reply that was cut goes to standard error: it was paid for.

    Args:
        session: Its conversation is not changed, though the second question is asked within it.
        json_format: What the JSON should be.
        question: The question, without the instruction.
        writer: For programs, the writer of their form; for people it is not used.
        reask: Whether there is a second try.

    Returns:
        The turn; its result holds the value.

    Raises:
        MismatchError: The reply is still something else; nothing was printed.
        MiraError: The turn failed.
    """
    shown = SilentWriter(session.streams) if session.form == "text" else writer
    shown.start(session.options.model)
    session = replace(session, options=json_format.options(session.options))
    try:
        turn, found, held = _ask_once_or_twice(session, json_format, question, shown, reask=reask)
    except ReaderGone as error:
        shown.fail(error)
        raise
    except MiraError as error:
        shown.fail(error)
        if session.form == "text" and error.partial and not isinstance(error, MismatchError):
            session.streams.show(error.partial)  # a mismatch says how its reply begins
        raise
    turn = turn._replace(result=replace(turn.result, data=found.value))
    if session.form == "text":
        session.write_part(found.text, turn.result)
    held.done(turn.result)
    return turn


def _ask_once_or_twice(
    session: Session, json_format: JsonFormat, question: str, shown: Writer, *, reask: bool
) -> tuple[Turn, JsonValue, _HeldWriter]:
    """The turn whose reply holds the value, the value, and the writer that kept the reply back."""
    held = _HeldWriter(shown)
    turn = run_turn(session, json_format.question(question), held)
    try:
        return turn, _value_of(turn, json_format), held
    except MismatchError as mismatch:
        if not reask:
            show_usage(session, turn)  # it was paid for all the same
            raise
        shown.notice("reask", f"{mismatch.message} Asking once more.")
        held = _HeldWriter(shown)
        return *_ask_again(session, json_format, question, turn, mismatch, held), held
    except IncompleteError:
        show_usage(session, turn)
        raise


def _ask_again(
    session: Session,
    json_format: JsonFormat,
    question: str,
    turn: Turn,
    mismatch: MismatchError,
    writer: Writer,
) -> tuple[Turn, JsonValue]:
    """The second try, which sends back the reply, or its end if it is too long.

    Raises:
        MismatchError: The reply is still something else; or the first one cannot be sent back.
    """
    conversation = copy(session.conversation)
    conversation.remember(json_format.question(question), turn.result.text)
    session = replace(session, conversation=conversation)
    try:
        second = run_turn(session, json_format.again(mismatch), writer, about_last=True)
    except (ContextError, TooLargeError):
        show_usage(session, turn)
        raise mismatch from None
    except MiraError as error:
        error.partial = error.partial or turn.result.text  # neither reply is lost
        raise
    try:
        return second, _value_of(second, json_format)
    except (IncompleteError, MismatchError):
        show_usage(session, second)
        raise


def _value_of(turn: Turn, json_format: JsonFormat) -> JsonValue:
    """The value in a reply, which must be whole: JSON that was cut may parse and be wrong all the same."""
    turn.check_whole("JSON")
    return json_format.check(turn.result.text)


def _mismatch(message: str, reply: str) -> MismatchError:
    words = " ".join(reply[: 4 * _FIRST_WORDS].split())
    start = words if len(words) <= _FIRST_WORDS else words[:_FIRST_WORDS] + "…"
    return MismatchError(message, hint=f"It begins: {start}", partial=reply)
