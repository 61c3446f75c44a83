"""`--json-reply` and `--schema`: asks for JSON, and asks once more if the reply is something else."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from mira_cli.errors import (
    ContextError,
    IncompleteError,
    MiraError,
    MismatchError,
    ReaderGone,
    TooLargeError,
)
from mira_cli.session.turn import run_turn, show_usage
from mira_cli.terminal.writers import Writer

if TYPE_CHECKING:
    from mira_cli.session.opening import Session
    from mira_cli.session.reply_parts.json_format import JsonFormat
    from mira_cli.session.reply_parts.json_value import JsonValue
    from mira_cli.session.turn import Turn


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


def ask_for_json(
    session: Session, json_format: JsonFormat, question: str, writer: Writer, *, reask: bool = True
) -> Turn:
    """Run the turn, and a second one if the reply doesn't match; write the JSON exactly as in the reply.

    A reply that was cut off goes to standard error, since it was paid for.

    Args:
        session: Its conversation is not changed.
        json_format: The requested JSON.
        question: The question, without the instruction.
        writer: The JSON writer; unused if the session's form is text.
        reask: Whether there is a second try.

    Returns:
        The turn; its result holds the value.

    Raises:
        MismatchError: No reply matches; nothing was printed.
        MiraError: The turn failed.
    """
    shown = Writer(session.streams) if session.form == "text" else writer
    shown.start(session.options.model)
    session = replace(session, options=json_format.options(session.options))
    try:
        turn, found = _ask_once_or_twice(session, json_format, question, shown, reask=reask)
    except ReaderGone as error:
        shown.fail(error)
        raise
    except MiraError as error:
        shown.fail(error)
        if session.form == "text" and error.partial and not isinstance(error, MismatchError):
            session.streams.show(error.partial)  # the message of a mismatch quotes the reply
        raise
    turn = turn._replace(result=replace(turn.result, data=found.value))
    if session.form == "text":
        session.write_part(found.text, turn.result)
    else:
        shown.write(turn.result.text)
    shown.done(turn.result)
    return turn


def _ask_once_or_twice(
    session: Session, json_format: JsonFormat, question: str, shown: Writer, *, reask: bool
) -> tuple[Turn, JsonValue]:
    """The turn with the matching reply, and its value.

    The second try includes the first reply, or its end if it is too long.
    """
    question = json_format.question(question)
    held = _HeldWriter(shown)
    turn = run_turn(session, question, held)
    try:
        return turn, _value_of(session, turn, json_format, last=not reask)
    except MismatchError as error:
        if not reask:
            raise
        mismatch = error
    shown.notice("reask", f"{mismatch.message} Asking once more.")
    conversation = copy(session.conversation)
    conversation.remember(question, turn.result.text)
    try:
        second = run_turn(
            replace(session, conversation=conversation), json_format.again(mismatch), held, about_last=True
        )
    except (ContextError, TooLargeError):
        show_usage(session, turn)
        raise mismatch from None
    except MiraError as error:
        error.partial = error.partial or turn.result.text  # neither reply is lost
        raise
    return second, _value_of(session, second, json_format, last=True)


def _value_of(session: Session, turn: Turn, json_format: JsonFormat, *, last: bool) -> JsonValue:
    """The value in a reply, which must be complete: truncated JSON may parse and still be wrong.

    Raises:
        MismatchError, IncompleteError: There is none. After the last try, shows the usage.
    """
    try:
        turn.check_whole("JSON")
        return json_format.check(turn.result.text)
    except (IncompleteError, MismatchError) as error:
        if last or isinstance(error, IncompleteError):
            show_usage(session, turn)
        raise
