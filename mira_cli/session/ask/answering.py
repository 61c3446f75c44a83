"""One question within a conversation, answered in the form that was asked for."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mira_cli.session.ask.questioning import gather
from mira_cli.session.opening import open_session
from mira_cli.session.turn import say_how_it_ended, show_usage, take_turn
from mira_cli.terminal.stdio import STDOUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mira_cli.conversation.history import Conversation
    from mira_cli.session.ask.options import AskOptions
    from mira_cli.session.reply_parts.json_reply import JsonFormat
    from mira_cli.session.state import Session
    from mira_cli.session.turn import Turn
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams


def answer(
    options: AskOptions,
    settings: Settings,
    conversation: Conversation,
    streams: Streams,
    env: Mapping[str, str],
    *,
    pending: str = "",
) -> tuple[str, str] | None:
    """Ask within a conversation and put the answer out.

    Args:
        options: What is wanted.
        settings: The settings in force.
        conversation: What was said before; it is not changed but for its calibration.
        streams: The standard streams.
        env: The environment.
        pending: A question of the conversation that was never answered; it is asked along.

    Returns:
        Question and reply to remember; None after a dry run.
    """
    if options.dry_run:
        from mira_cli.session.ask.dry_run import show_request

        show_request(options, settings, conversation, streams, env, pending)
        return None
    streams.check_stdout()
    json_format = None
    if options.wants_json:
        from mira_cli.session.reply_parts.json_asking import open_json_format

        json_format = open_json_format(options.schema)
    session = open_session(streams, env, settings, conversation, form=options.form, raw=options.raw)
    try:
        question = gather(options, streams, env, pending)
        turn = _ask(session, options, json_format, question)
        return question, turn.reply.text
    finally:
        session.client.close()


def _ask(session: Session, options: AskOptions, json_format: JsonFormat | None, question: str) -> Turn:
    if json_format is not None:
        from mira_cli.session.reply_parts.json_asking import ask_for_json

        turn = ask_for_json(session, json_format, question, session.new_writer(), reask=options.reask)
    elif options.wants_code:
        from mira_cli.session.ask.code_asking import ask_for_code

        turn = ask_for_code(session, options, question)
    else:
        writer = session.new_writer()
        with _keys_unseen(session.streams):
            writer.start(session.options.model)
            turn = take_turn(session, question, writer)
            writer.done(turn.result)
    say_how_it_ended(session, turn)
    show_usage(session, turn)
    return turn


@contextmanager
def _keys_unseen(streams: Streams) -> Iterator[None]:
    """While a reply is drawn on a terminal, show nothing of what is typed into it: it is for the shell."""
    if not streams.out_tty or streams.plain:
        yield
        return
    from mira_cli.terminal.prompt.keyboard import Keyboard

    keyboard = Keyboard(  # of standard output, since standard input may be a pipe
        streams.write, stopping=streams.without_status, for_shell=True, terminal=STDOUT
    )
    keyboard.hold()
    try:
        yield
    finally:
        keyboard.release()
