"""A turn of a chat: it may fail or be stopped, and the chat goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.conversation.message import StoredTurn
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
    """Ask what was typed, together with the files that wait for it."""
    question = chat.new_question(typed)
    chat.replacing = False
    _ask(chat, question)


def retry(chat: Chat, _rest: str = "") -> None:
    """/retry: ask the last question again. Its old reply is kept unless a new one comes.

    Raises:
        UsageError: There is none yet.
    """
    turns = chat.session.conversation.turns
    if chat.unanswered is not None:
        _ask(chat, chat.unanswered)
    elif turns:
        _ask(chat, Question("", turns[-1].question.content, replaces_last=True))
    else:
        raise UsageError("There is no question to ask again yet.")


def continue_reply(chat: Chat, _rest: str = "") -> None:
    """/continue: ask for the rest of a reply that was cut, and join it.

    Raises:
        UsageError: There is no such reply.
    """
    turns = chat.session.conversation.turns
    if not turns:
        raise UsageError("There is no reply to continue yet.")
    if not turns[-1].cut:
        raise UsageError("The last reply is complete.", hint="To get more, just ask.")
    turn = _ChatTurn(chat, None)
    turn.run()
    if not turn.stored:
        chat.streams.note("The reply is unchanged.")


def _ask(chat: Chat, question: Question) -> None:
    """Ask, and store question and reply; without a reply, the turn that was to be replaced stays."""
    conversation = chat.session.conversation
    replaced = conversation.remove_last() if question.replaces_last else None
    chat.unanswered = question if question.typed or replaced is None else None
    turn = _ChatTurn(chat, question, pinned=replaced is not None and replaced.pinned)
    try:
        turn.run()
    finally:
        if replaced is not None and not turn.stored:
            conversation.add(replaced)


@dataclass(slots=True)
class _ChatTurn:
    """A turn under way.

    Attributes:
        chat: The chat.
        question: What is asked; None for the rest of the last reply.
        pinned: Whether the turn will be pinned.
        stored: Whether the conversation has the reply, or the part of it that came.
    """

    chat: Chat
    question: Question | None
    pinned: bool = False
    stored: bool = False

    @property
    def text(self) -> str:
        """The message that is sent."""
        return _CONTINUE if self.question is None else self.question.sent

    def run(self) -> None:
        """Take the turn, store what came of it, and show how it ended.

        Raises:
            Interrupted: TERM, HUP, or Ctrl-C where no person could ask again.
            OutputError: The reply cannot be written anywhere.
            ReaderGone: Nobody reads it any more.
        """
        session = self.chat.session
        writer = session.new_writer()
        if self.chat.interactive and session.streams.out_tty:
            session.streams.empty_row()
        try:
            writer.start(session.options.model)
            turn = run_turn(session, self.text, writer, about_last=self.question is None)
        except MiraError as error:
            self._fail(error)
            return
        except KeyboardInterrupt as stop:  # before the request, or within the stop
            if ends_all(stop):
                raise
            self._fail(as_error(stop))
            return
        if turn.result.text:
            self._store(turn.result.text, cut=turn.result.truncated)
        usage = turn.result.usage
        self.chat.totals.add(usage)
        if self.stored and self.question is not None and not usage.estimated and not turn.result.reasoning:
            session.conversation.set_count(turn.sent, usage.prompt_tokens + usage.completion_tokens)
        self._show_end(turn, writer)
        self.chat.save_if_changed()

    def _store(self, reply: str, *, cut: bool) -> None:
        conversation = self.chat.session.conversation
        if self.question is None:
            conversation.join_last(reply, cut=cut)
        else:
            conversation.add(StoredTurn.of(self.question.sent, reply, cut=cut, pinned=self.pinned))
            self.chat.answered(self.question)
        self.stored = True

    def _fail(self, error: MiraError) -> None:
        """The turn failed or was stopped: store the part of the reply that came, and say what happened."""
        chat = self.chat
        if error.partial and not isinstance(error, BlockedError):
            sent = what_fits(chat.session, self.text, about_last=self.question is None)
            chat.totals.add(whole_usage(sent, error.partial))
            self._store(error.partial, cut=True)
            chat.save_if_changed()
        if isinstance(error, OutputError):
            raise error
        if not isinstance(error, Interrupted):
            chat.fail(error, self._hint(error))
            if isinstance(error, TooLargeError | ContextError) and error.status is None:  # refused here
                self._return_question()
        elif error.exit_code != Interrupted.exit_code or not chat.interactive:
            raise error
        elif self.stored:
            chat.streams.note("Stopped; the partial reply stays in the chat.")
        else:
            chat.streams.note("Stopped.")
            self._return_question()

    def _return_question(self) -> None:
        """Put the question back into the input line, to be changed."""
        if self.question is not None and self.chat.interactive:
            self.chat.draft, self.chat.draft_returned = self.question.typed, True
            self.chat.replacing = self.question.replaces_last and bool(self.question.typed)

    def _hint(self, error: MiraError) -> str:
        """What to do about an error, where a chat knows better than the error itself; else ""."""
        if not self.chat.interactive:
            return ""
        if self.stored:
            return _CONTINUE_HINT if isinstance(error, IncompleteError) else ""
        again = "/retry asks again." if self.chat.streams.plain else "↑ or /retry asks again."
        if isinstance(error, AuthError) and error.key_refused:
            return f"Set another key: /set key. Then {again}"
        if not error.retryable or self.question is None:
            return ""
        return again if error.hint in {"", "Try again."} else f"{error.hint.rstrip('.')}. {again}"

    def _show_end(self, turn: Turn, writer: Writer) -> None:
        """End the reply on the screen. A Ctrl-C now comes too late to stop anything but this."""
        session = self.chat.session
        try:
            writer.done(turn.result)
            note_ending(session, turn, in_chat=True)
            show_usage(session, turn)
        except KeyboardInterrupt as stop:
            if ends_all(stop):
                raise
            writer.fail(Interrupted())
