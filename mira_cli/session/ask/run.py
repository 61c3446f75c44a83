"""`mira ask`: one question, and its reply in the form that was asked for."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mira_cli.conversation.history import Conversation
from mira_cli.conversation.message import Request
from mira_cli.errors import MiraError
from mira_cli.session.ask.question import check_for_question, gather
from mira_cli.session.opening import budget_from, open_session, options_from
from mira_cli.session.startup import open_settings
from mira_cli.session.turn import note_ending, run_turn, show_usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mira_cli.session.ask.options import AskOptions
    from mira_cli.session.opening import Session
    from mira_cli.session.reply_parts.json_format import JsonFormat
    from mira_cli.session.turn import Turn
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams


def ask(options: AskOptions, flags: Mapping[str, object], streams: Streams, env: Mapping[str, str]) -> None:
    """Ask one question and print the answer.

    Args:
        options: The options that are not settings.
        flags: The flags that are settings, by name.
        streams: The standard streams.
        env: The environment.

    Raises:
        MiraError: Whatever went wrong, with its exit code.
        ReaderGone: Nobody reads the answer any more.
    """
    options.check()
    settings = open_settings(streams, env, flags, quiet=options.quiet, verbose=options.verbose)
    check_for_question(options, streams)
    if options.conversation is not None:
        _ask_in_file(options.conversation, options, settings, streams, env)
        return
    conversation = Conversation(settings.system, budget=budget_from(settings))
    _answer(options, settings, conversation, streams, env)


def _ask_in_file(
    path: str, options: AskOptions, settings: Settings, streams: Streams, env: Mapping[str, str]
) -> None:
    """Read the conversation file, ask, and write it, under one lock. Any failure leaves it untouched.

    Raises:
        UsageError: The file is something else, or in use for too long.
        MiraError: The turn failed.
        ReaderGone: Nobody reads the answer any more.
    """
    from mira_cli.conversation.file_format import REPLIES_SKIPPED, StoredConversation
    from mira_cli.session.conversation_store import open_conversation

    with open_conversation(path, timeout=settings.timeout, note=streams.note) as file:
        if settings.sources["model"] == "default" and file.stored.model:
            settings = settings.with_value("model", file.stored.model, source=path)
        if file.stored.skipped:
            streams.note(REPLIES_SKIPPED)
        system = settings.system
        if file.stored.system and not settings.from_flag("system"):  # an empty flag means none
            system = file.stored.system
        conversation = Conversation(system, budget=budget_from(settings), turns=file.stored.turns)
        asked = _answer(options, settings, conversation, streams, env, pending=file.stored.unanswered)
        if asked is not None:
            conversation.remember(*asked)
            file.write(StoredConversation.of(conversation, settings.model))


def _answer(
    options: AskOptions,
    settings: Settings,
    conversation: Conversation,
    streams: Streams,
    env: Mapping[str, str],
    *,
    pending: str = "",
) -> tuple[str, str] | None:
    """Ask within a conversation and print the answer; `pending` is its last question if that has no reply.

    Returns:
        Question and reply, for the conversation; None after a dry run.
    """
    if not options.dry_run:
        streams.check_stdout()
    json_format = None
    if options.wants_json:
        from mira_cli.session.reply_parts.json_format import open_json_format

        json_format = open_json_format(options.schema, settings.max_time)
    if options.dry_run:
        _show_request(settings, conversation, gather(options, streams, env, pending), json_format, streams)
        return None
    session = open_session(streams, env, settings, conversation, form=options.form, raw=options.raw)
    try:
        question = gather(options, streams, env, pending)
        turn = _reply(session, options, json_format, question)
        return question, turn.result.text
    finally:
        session.client.close()


def _show_request(
    settings: Settings,
    conversation: Conversation,
    question: str,
    json_format: JsonFormat | None,
    streams: Streams,
) -> None:
    """Print the exact request body on standard output, and its size on standard error.

    On a terminal, characters that would act on it are written as JSON escapes.

    Raises:
        RefusedError: It is too large to be sent.
    """
    from mira_cli.api.request import encode
    from mira_cli.settings.parse import visible

    options = options_from(settings)
    if json_format is not None:
        question, options = json_format.question(question), json_format.options(options)
    sent = conversation.with_question(question, folded=options.fold_system)
    body = encode(Request(sent.messages, options))
    text = body.decode()
    streams.write((visible(text) if streams.out_tty else text) + "\n")
    count = len(sent.messages)
    streams.note(
        f"POST {settings.base_url}/chat/completions: {count} message{'s' * (count != 1)},"
        f" {len(body):,} bytes, about {sent.tokens:,} of {conversation.budget:,} tokens;"
        f" {sent.dropped:,} trimmed. Nothing was sent."
    )


def _reply(session: Session, options: AskOptions, json_format: JsonFormat | None, question: str) -> Turn:
    """Run the turn and print the reply, or the part of it that was asked for."""
    if json_format is not None:
        from mira_cli.session.reply_parts.json_reply import ask_for_json

        turn = ask_for_json(session, json_format, question, session.new_writer(), reask=options.reask)
    elif options.wants_code:
        turn = _ask_for_code(session, options, question)
    else:
        writer = session.new_writer()
        with _keys_unseen(session.streams):
            writer.start(session.options.model)
            turn = run_turn(session, question, writer)
            writer.done(turn.result)
    note_ending(session, turn)
    show_usage(session, turn)
    return turn


def _ask_for_code(session: Session, options: AskOptions, question: str) -> Turn:
    """Run the turn and print the first code block, or all of them.

    Without any code to print, the text of the reply goes to standard error: it was paid for.

    Raises:
        MismatchError: The reply has no such block.
        IncompleteError: The reply did not end naturally: half a program must not be run by accident.
        MiraError: The turn failed.
    """
    from mira_cli.session.reply_parts.code_blocks import find_code
    from mira_cli.terminal.writers import SilentWriter

    writer = SilentWriter(session.streams)
    writer.start(session.options.model)
    try:
        turn = run_turn(session, question, writer)
        try:
            turn.check_whole("code")
            code = find_code(turn.result.text, options.lang or "", every=options.code_all)
        except MiraError:
            show_usage(session, turn)
            raise
    except MiraError as error:
        if error.partial:
            session.streams.show(error.partial)
        raise
    session.write_part(code, turn.result)
    writer.done(turn.result)
    return turn


@contextmanager
def _keys_unseen(streams: Streams) -> Iterator[None]:
    """While a reply is drawn on a terminal, echo nothing of what is typed: it is meant for the shell."""
    if not streams.out_tty or streams.plain:
        yield
        return
    from mira_cli.terminal.prompt.keyboard import Keyboard

    keyboard = Keyboard(streams, for_shell=True)
    keyboard.hold()
    try:
        yield
    finally:
        keyboard.release()
