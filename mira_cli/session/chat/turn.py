"""A turn within a chat: it may fail or be stopped, and the chat goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.history import StoredTurn
from mira_cli.errors import (
    AuthError,
    BlockedError,
    IncompleteError,
    Interrupted,
    MiraError,
    OutputError,
    UsageError,
)
from mira_cli.session.chat.state import Unanswered
from mira_cli.session.signals import as_error, ends_all
from mira_cli.session.turn import note_ending, run_turn, show_usage, what_fits, whole_usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.conversation.reply import Usage
    from mira_cli.session.chat.state import Chat
    from mira_cli.session.turn import Turn
    from mira_cli.terminal.writers import Writer

_GO_ON = "What came stays in the chat; /continue asks for the rest."
_CONTINUE = (
    "Your last reply was cut off. Go on exactly where it ends, without repeating anything and without any"
    " introduction."
)


def ask(chat: Chat, typed: str) -> None:
    """Ask what somebody typed, after the files that wait for it. Without a reply it returns as the draft."""
    question = chat.question(typed)
    replaced = chat.session.conversation.forget() if chat.replacing else None
    chat.replacing = False
    _ask(chat, Unanswered(typed, question), replaced)


def retry(chat: Chat) -> None:
    """Ask the last question again. Its old reply is gone as soon as another begins.

    Raises:
        UsageError: There is none yet.
    """
    if chat.unanswered is not None:
        _ask(chat, chat.unanswered, None)
        return
    last = chat.session.conversation.forget()
    if last is None:
        raise UsageError("There is no question to ask again yet.")
    _ask(chat, Unanswered("", last.question.content), last)


def go_on(chat: Chat) -> None:
    """Ask for the rest of a reply that was cut, and join it.

    Raises:
        UsageError: There is no such reply.
    """
    turns = chat.session.conversation.turns
    if not turns:
        raise UsageError("There is no reply to continue yet.")
    if not turns[-1].cut:
        raise UsageError("The last reply is complete.", hint="Ask for more in words of your own.")

    def keep(rest: str, cut: bool) -> None:
        chat.session.conversation.join_last(rest, cut=cut)

    if _hear(chat, _CONTINUE, keep, about_last=True) is None:
        chat.streams.note("The reply is as it was.")


def _ask(chat: Chat, question: Unanswered, replaced: StoredTurn | None) -> None:
    """Ask, and keep question and reply; without a reply, what was `replaced` stays."""
    conversation = chat.session.conversation
    chat.unanswered = question if replaced is None else None

    def keep(reply: str, cut: bool) -> None:
        nonlocal replaced
        pinned = replaced is not None and replaced.pinned
        conversation.add(StoredTurn.of(question.sent, reply, cut=cut, pinned=pinned))
        replaced = chat.unanswered = None
        chat.files.clear()
        chat.pending = ""
        chat.balance.questions += 1

    try:
        heard = _hear(chat, question.sent, keep)
    finally:
        edited = replaced is not None and bool(question.typed)
        if replaced is not None:
            conversation.add(replaced)
    if heard is None and chat.interactive:
        chat.draft = question.typed
        chat.replacing = edited


def _hear(
    chat: Chat, question: str, keep: Callable[[str, bool], None], *, about_last: bool = False
) -> str | None:
    """Take one turn, and hand to `keep` what came of a reply and whether it was cut.

    Returns:
        The text of the reply; None when nothing came that stays.

    Raises:
        Interrupted: TERM, HUP, or Ctrl-C where no person could ask again.
        OutputError: The reply cannot be written anywhere.
        ReaderGone: Nobody reads it any more.
    """
    session = chat.session

    def took(reply: str) -> Usage:
        return whole_usage(what_fits(session, question, about_last=about_last), reply)

    writer = session.new_writer()
    try:
        writer.start(session.options.model)
        turn = run_turn(session, question, writer, about_last=about_last)
    except MiraError as error:
        return _cut(chat, error, keep, took)
    except KeyboardInterrupt as stop:  # before the request, or within the stop
        if ends_all(stop):
            raise
        return _cut(chat, as_error(stop), keep, took)
    text, cut = turn.reply.text, turn.result.truncated
    if text:
        keep(text, cut)
    chat.balance.add(turn.result.usage)
    _show_end(chat, turn, writer)
    chat.keep_saved()
    return text or None


def _cut(
    chat: Chat, error: MiraError, keep: Callable[[str, bool], None], took: Callable[[str], Usage]
) -> str | None:
    """A turn failed or was stopped: keep what came of its reply and what it took, and say what happened."""
    stays = bool(error.partial) and not isinstance(error, BlockedError)
    if stays:
        chat.balance.add(took(error.partial))
        keep(error.partial, True)
        chat.keep_saved()
    if isinstance(error, OutputError):
        raise error
    if not isinstance(error, Interrupted):
        chat.fail(error, _hint(chat, error, stays=stays))
    elif error.exit_code != Interrupted.exit_code or not chat.interactive:
        raise error
    elif stays:
        chat.streams.note("Stopped; the partial reply stays in the chat.")
    else:
        chat.streams.note("Stopped.")
    return error.partial if stays else None


def _hint(chat: Chat, error: MiraError, *, stays: bool) -> str:
    """What to do about it, where a chat knows better than the error."""
    if not chat.interactive:
        return ""
    if isinstance(error, AuthError) and error.key_refused:
        return "Set another key without leaving: /set key"
    if stays and isinstance(error, IncompleteError):
        return _GO_ON
    return ""


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
