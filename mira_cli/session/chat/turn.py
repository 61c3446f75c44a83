"""A turn of a chat: it may fail or be stopped, and the chat goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.message import StoredTurn
from mira_cli.conversation.question import compose
from mira_cli.errors import (
    AuthError,
    BlockedError,
    ContextError,
    IncompleteError,
    Interrupted,
    MiraError,
    OutputError,
    TooLargeError,
    UsageError,
)
from mira_cli.session.chat.chat import Question
from mira_cli.session.signals import as_error, ends_all
from mira_cli.session.turn import note_ending, run_turn, show_usage, what_fits, whole_usage

if TYPE_CHECKING:
    from mira_cli.session.chat.chat import Chat
    from mira_cli.session.turn import Turn
    from mira_cli.terminal.writers import Writer

_CONTINUE_HINT = "The partial reply is kept; /continue asks for the rest."
_CONTINUE = (
    "Your last reply was cut off. Go on exactly where it ends, without repeating anything and without any"
    " introduction."
)


def ask(chat: Chat, typed: str) -> None:
    """Ask what was typed, behind the files and the draft that wait for it.

    Typed once more after it failed, a question still takes the place of the turn that it was to replace.
    """
    before, files = chat.unanswered, tuple(chat.files)
    again = before is not None and before.typed == typed and before.replaces_last
    sent = compose((typed,), files=files) if files else typed
    if chat.draft:
        sent = f"{chat.draft}\n\n{sent}"
    replaces_last, chat.replacing = chat.replacing or again, False
    _ask(chat, Question(typed, sent, files, replaces_last))


def retry(chat: Chat, _rest: str) -> None:
    """Ask the last question again.

    Its old reply is kept unless a new one comes.
    """
    turns = chat.session.conversation.turns
    if chat.unanswered is not None:
        _ask(chat, chat.unanswered)
    elif turns:
        _ask(chat, Question("", turns[-1].question.content, replaces_last=True))
    else:
        raise UsageError("There is no question to ask again yet.")


def continue_reply(chat: Chat, _rest: str) -> None:
    """Get the rest of a reply that was cut off."""
    turns = chat.session.conversation.turns
    if not turns:
        raise UsageError("There is no reply to continue yet.")
    if not turns[-1].cut:
        raise UsageError("The last reply is complete.", hint="To get more, just ask.")
    question = Question("", _CONTINUE, about_last=True)
    _run(chat, question)
    if not question.stored:
        chat.streams.note("The reply is unchanged.")


def _ask(chat: Chat, question: Question) -> None:
    """Ask, and store question and reply; without a reply, the turn that was to be replaced stays."""
    conversation = chat.session.conversation
    replaced = conversation.remove_last() if question.replaces_last else None
    question.pinned = replaced is not None and replaced.pinned
    chat.unanswered = question if question.typed or replaced is None else None
    try:
        _run(chat, question)
    finally:
        if replaced is not None and not question.stored:
            conversation.add(replaced)


def _run(chat: Chat, question: Question) -> None:
    """Take the turn, store what came of it, and show how it ended.

    Raises:
        Interrupted: TERM, HUP, or Ctrl-C where no person could ask again.
        OutputError: The reply cannot be written anywhere.
        ReaderGone: Nobody reads it any more.
    """
    session = chat.session
    writer = session.new_writer()
    if chat.interactive and session.streams.out_tty:
        session.streams.empty_row()
    try:
        writer.start(session.options.model)
        turn = run_turn(session, question.sent, writer, about_last=question.about_last)
    except MiraError as error:
        _fail(chat, question, error)
        return
    except KeyboardInterrupt as stop:  # before the request, or within the stop
        if ends_all(stop):
            raise
        _fail(chat, question, as_error(stop))
        return
    if turn.result.text:
        _store(chat, question, turn.result.text, cut=turn.result.truncated)
    usage = turn.result.usage
    chat.count(usage)
    if question.stored and not (question.about_last or usage.estimated or turn.result.reasoning):
        session.conversation.set_count(turn.sent, usage.prompt_tokens + usage.completion_tokens)
    _show_end(chat, turn, writer)
    chat.save_if_changed()


def _store(chat: Chat, question: Question, reply: str, *, cut: bool) -> None:
    """Keep a reply; neither its question nor what was sent with it waits any longer."""
    conversation = chat.session.conversation
    question.stored = True
    if question.about_last:
        conversation.join_last(reply, cut=cut)
        return
    conversation.add(StoredTurn.of(question.sent, reply, cut=cut, pinned=question.pinned))
    chat.unanswered, chat.draft = None, ""
    chat.files = [file for file in chat.files if file not in question.files]
    chat.questions += 1


def _fail(chat: Chat, question: Question, error: MiraError) -> None:
    """The turn failed or was stopped: store the part of the reply that came, and say what happened."""
    if error.partial and not isinstance(error, BlockedError):
        sent = what_fits(chat.session, question.sent, about_last=question.about_last)
        chat.count(whole_usage(sent, error.partial))
        _store(chat, question, error.partial, cut=True)
        chat.save_if_changed()
    if isinstance(error, OutputError):
        raise error
    if not isinstance(error, Interrupted):
        chat.fail(error, _hint(chat, question, error))
        if isinstance(error, TooLargeError | ContextError) and error.status is None:  # refused here
            _return_question(chat, question)
    elif error.exit_code != Interrupted.exit_code or not chat.interactive:
        raise error
    elif question.stored:
        chat.streams.note("Stopped; the partial reply stays in the chat.")
    else:
        chat.streams.note("Stopped.")
        _return_question(chat, question)


def _return_question(chat: Chat, question: Question) -> None:
    """Put the question back into the input line, to be changed."""
    if chat.interactive and not question.about_last:
        chat.draft, chat.draft_returned = question.typed, True
        chat.replacing = question.replaces_last and bool(question.typed)


def _hint(chat: Chat, question: Question, error: MiraError) -> str:
    """What to do about an error, where a chat knows better than the error itself; else ""."""
    if not chat.interactive:
        return ""
    if question.stored:
        return _CONTINUE_HINT if isinstance(error, IncompleteError) else ""
    again = "/retry asks again." if chat.streams.plain else "↑ or /retry asks again."
    if isinstance(error, AuthError) and error.key_refused:
        return f"Set another key: /set key. Then {again}"
    if not error.retryable or question.about_last:
        return ""
    return again if error.hint in {"", "Try again."} else f"{error.hint.rstrip('.')}. {again}"


def _show_end(chat: Chat, turn: Turn, writer: Writer) -> None:
    """End the reply on the screen. A Ctrl-C now comes too late to stop anything but this."""
    try:
        writer.done(turn.result)
        note_ending(chat.session, turn, in_chat=True)
        show_usage(chat.session, turn)
    except KeyboardInterrupt as stop:
        if ends_all(stop):
            raise
        writer.fail(Interrupted())
