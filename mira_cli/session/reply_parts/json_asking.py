"""`mira ask --json-reply` and `--schema`: a reply that must be JSON, asked for once more when it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mira_cli.errors import IncompleteError, MismatchError
from mira_cli.session.reply_parts.json_reply import JsonFormat
from mira_cli.session.turn import show_usage, take_turn
from mira_cli.terminal.writers import SilentWriter, WholeWriter

if TYPE_CHECKING:
    from mira_cli.conversation.request import Options
    from mira_cli.session.reply_parts.json_value import JsonValue
    from mira_cli.session.state import Session
    from mira_cli.session.turn import Turn
    from mira_cli.terminal.writers import Writer


def open_json_format(schema: str | None) -> JsonFormat:
    """What the JSON should be: an object, or what fits the schema in that file.

    Raises:
        UsageError: The schema cannot be read, is none, or the extra that checks it is not installed.
    """
    if schema is None:
        return JsonFormat()
    from mira_cli.session.reply_parts.schema import load_schema

    return JsonFormat(load_schema(schema))


def with_format(options: Options, json_format: JsonFormat) -> Options:
    """The options with the API's `response_format`, which a server may ignore."""
    return replace(options, response_format=json_format.response_format)


def ask_for_json(
    session: Session, json_format: JsonFormat, question: str, writer: Writer, *, reask: bool = True
) -> Turn:
    """Take the turn, and once more with what was wrong; print the JSON as the model wrote it.

    Args:
        session: Its conversation is not changed, though what is asked again is asked within it.
        json_format: What the JSON should be.
        question: The question, without the instruction.
        writer: For programs, the writer of their form; else it is not used.
        reask: Whether there is a second try.

    Returns:
        The turn; its result holds the value.

    Raises:
        MismatchError: The reply is still something else; nothing was printed.
        MiraError: The turn failed.
    """
    people = session.form == "text"
    shown: Writer = SilentWriter(session.streams) if people else writer
    shown.start(session.options.model)
    session.options = with_format(session.options, json_format)
    before = session.conversation
    turn, found, holding = _take(session, json_format, json_format.question(question), shown, reask=reask)
    session.conversation = before
    turn = turn._replace(result=turn.result._replace(data=found.value))
    if people:
        session.show(found.text, turn.result)
    holding.done(turn.result)
    return turn


def _take(
    session: Session,
    json_format: JsonFormat,
    asked: str,
    shown: Writer,
    *,
    reask: bool,
    about_last: bool = False,
) -> tuple[Turn, JsonValue, WholeWriter]:
    """A turn, its JSON, and the writer that holds the reply: of two only the one that counts is told."""
    holding = WholeWriter(shown)
    turn = take_turn(session, asked, holding, about_last=about_last)
    try:
        _see_that_it_is_whole(turn)
        return turn, json_format.check(turn.reply.text), holding
    except (IncompleteError, MismatchError) as error:
        if not reask or isinstance(error, IncompleteError):
            shown.fail(error)
            show_usage(session, turn)  # it was paid for all the same
            raise
        shown.notice("reask", f"{error.message} Asking once more.")
        again = json_format.again(error)
    session.conversation = session.conversation.copy()
    session.conversation.remember(asked, turn.reply.text)
    return _take(session, json_format, again, shown, reask=False, about_last=True)


def _see_that_it_is_whole(turn: Turn) -> None:
    """JSON that max_tokens cut may parse and be wrong all the same."""
    if turn.result.truncated:
        raise IncompleteError(
            "The reply was cut off at its longest; its JSON is not whole.",
            hint="Raise --max-tokens.",
            partial=turn.reply.text,
        )
