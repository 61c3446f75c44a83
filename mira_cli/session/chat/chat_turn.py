"""A turn of a chat: asks what is typed, /retry, /continue, /edit. If it fails, the chat goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from mira_cli.session.chat.chat import Draft, Question
from mira_cli.session.chat.chat_files import save_if_changed
from mira_cli.session.signals import as_error, ends_all
from mira_cli.session.turn import note_ending, run_turn, show_usage, whole_usage
from mira_cli.settings.keys import is_key

if TYPE_CHECKING:
    from mira_cli.session.chat.chat import Chat
    from mira_cli.session.turn import Turn
    from mira_cli.terminal.writers import Writer

_CONTINUE_HINT = "The partial reply is kept; /continue asks for the rest."
_CONTINUE = (
    "Your last reply was cut off. Go on exactly where it ends, without repeating anything and without any"
    " introduction."
)


def ask(chat: Chat, typed: str, *, replaces_last: bool = False) -> None:
    """Ask a question, with the attached files and the unanswered question of a loaded file.

    Raises UsageError for a text that is only an API key: it was pasted at the wrong place.
    """
    if is_key(typed):
        hint = "To use it: /set key, then paste it." if chat.interactive else ""
        raise UsageError("That is an API key; it was not sent.", hint=hint)
    before, files = chat.unanswered, tuple(chat.files)
    loaded = before.loaded if before is not None else ""
    if before is not None and before.typed == typed:  # an edited question that failed, typed again
        replaces_last = replaces_last or before.replaces_last
    sent = compose((typed,), files=files) if files else typed
    if loaded:
        sent = f"{loaded}\n\n{sent}"
    chat.unanswered = Question(typed, sent, files, replaces_last=replaces_last, loaded=loaded)
    _run(chat, chat.unanswered)


def retry(chat: Chat, _rest: str) -> None:
    """Ask the last question again.

    Its old reply is kept unless a new one arrives.
    """
    turns = chat.session.conversation.turns
    if chat.unanswered is not None:
        _run(chat, chat.unanswered)
    elif turns:
        _run(chat, Question("", turns[-1].question.content, replaces_last=True))
    else:
        raise UsageError("There is no question to ask again yet.")


def continue_reply(chat: Chat, _rest: str) -> None:
    """Get the rest of a reply that was cut off."""
    turns = chat.session.conversation.turns
    if not turns:
        raise UsageError("There is no reply to continue yet.")
    if not turns[-1].cut:
        raise UsageError("The last reply is complete.", hint="To get more, just ask.")
    _run(chat, Question("", _CONTINUE, about_last=True))
    if chat.session.conversation.turns is turns:
        chat.streams.note("The reply is unchanged.")


def edit(chat: Chat, text: str) -> None:
    """Change the last question and ask it again.

    Without `text` it returns to the input line, or opens in the editor where that can't be edited.
    """
    turns, unanswered = chat.session.conversation.turns, chat.unanswered
    if unanswered is not None:
        last, replaces_last = unanswered.typed, unanswered.replaces_last
    elif turns:
        last, replaces_last = turns[-1].question.content, True
    else:
        raise UsageError("There is no question to edit yet.")
    if not text and chat.interactive and not chat.streams.plain:
        chat.draft = Draft(last, replaces_last=replaces_last)
        if replaces_last:
            chat.streams.note("Your next message will replace the last question and reply.")
        return
    if not text:
        env = chat.streams.env
        if not (chat.interactive or env.get("VISUAL") or env.get("EDITOR")):
            raise UsageError("There is no editor to change it in.", hint="To ask TEXT instead: /edit TEXT")
        from mira_cli.session.editing import write_in_editor

        with chat.free():
            text = write_in_editor(last, env)
        if not text.strip() or text == last.rstrip("\n"):
            chat.streams.note("Nothing changed; nothing was sent.")
            return
    if unanswered is not None and unanswered.typed == unanswered.loaded:
        chat.unanswered = None
    ask(chat, text, replaces_last=replaces_last)


def _run(chat: Chat, question: Question) -> None:
    """Send a question, keep the reply or the part that arrived, and show how it ended.

    Raises the errors that end the chat; see `repl.run_line`.
    """
    session, conversation = chat.session, chat.session.conversation
    writer = session.new_writer()
    if chat.interactive and session.streams.out_tty:
        session.streams.empty_row()
    turn: Turn | None = None
    error: MiraError | None = None
    reply, before = "", conversation.turns
    earlier = before[:-1] if question.replaces_last else before
    try:
        conversation.turns = earlier
        try:
            writer.start(session.options.model)
            turn = run_turn(session, question.sent, writer, about_last=question.about_last)
            reply = turn.result.text
        except MiraError as failure:
            error = failure
            reply = "" if isinstance(error, BlockedError) else error.partial
        except KeyboardInterrupt as stop:  # before the request, or while a Ctrl-C is handled
            if ends_all(stop):
                raise
            error = as_error(stop)
        if reply:
            _keep(chat, question, reply, turn, pinned=question.replaces_last and before[-1].pinned)
        if error is not None:
            _show_failure(chat, question, error, kept=bool(reply))
        elif turn is not None:
            _show_end(chat, turn, writer)
    finally:
        if conversation.turns is earlier:  # nothing was kept
            conversation.turns = before
        else:
            save_if_changed(chat)


def _keep(chat: Chat, question: Question, reply: str, turn: Turn | None, *, pinned: bool) -> None:
    """Keep a reply and what it used; `turn` is None if only a part of it arrived."""
    session, conversation = chat.session, chat.session.conversation
    cut = turn is None or turn.result.truncated
    if question.about_last:
        conversation.join_last(reply, cut=cut)
    else:
        conversation.remember(question.sent, reply, cut=cut, pinned=pinned)
        chat.unanswered = None
        chat.files = [file for file in chat.files if file not in question.files]
        chat.questions += 1
    if turn is not None:
        usage = turn.result.usage
        chat.used.append(usage)
        if not (question.about_last or usage.estimated or turn.result.reasoning):
            conversation.set_count(turn.sent, usage.prompt_tokens + usage.completion_tokens)
    elif session.last_sent is not None:
        chat.used.append(whole_usage(session.last_sent, reply))


def _show_end(chat: Chat, turn: Turn, writer: Writer) -> None:
    """End a complete reply on the screen. A Ctrl-C only stops this; the reply is kept already."""
    try:
        writer.done(turn.result)
        note_ending(chat.session, turn, in_chat=True)
        show_usage(chat.session, turn)
    except KeyboardInterrupt as stop:
        if ends_all(stop):
            raise
        writer.fail(Interrupted())


def _show_failure(chat: Chat, question: Question, error: MiraError, *, kept: bool) -> None:
    """Say why a turn failed or was stopped, or raise what ends the chat.

    A question returns to the prompt if it was stopped, or is too large to be sent.
    """
    stopped = isinstance(error, Interrupted)
    ends = isinstance(error, OutputError) or (stopped and error.exit_code != Interrupted.exit_code)
    if ends or (stopped and not chat.interactive):
        raise error
    if stopped:
        chat.streams.note("Stopped; the partial reply stays in the chat." if kept else "Stopped.")
    else:
        chat.fail(error, _hint(chat, question, error, kept=kept))
    refused_here = isinstance(error, TooLargeError | ContextError) and error.status is None
    if ((stopped and not kept) or refused_here) and chat.interactive and question.typed:
        chat.draft = Draft(question.typed, returned=True, replaces_last=question.replaces_last)


def _hint(chat: Chat, question: Question, error: MiraError, *, kept: bool) -> str:
    """What to do about an error, where a chat knows better than the error itself; else ""."""
    if not chat.interactive:
        return ""
    if kept:
        return _CONTINUE_HINT if isinstance(error, IncompleteError) else ""
    again = "/retry asks again." if chat.streams.plain else "↑ or /retry asks again."
    if isinstance(error, AuthError) and error.key_refused:
        return f"Set another key: /set key. Then {again}"
    if not error.retryable or question.about_last:
        return ""
    return again if error.hint in {"", "Try again."} else f"{error.hint.rstrip('.')}. {again}"
