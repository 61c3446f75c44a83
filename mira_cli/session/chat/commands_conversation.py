"""Commands about the conversation: /retry /continue /edit /undo /clear /context /show /pin /unpin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.history import LeftOut
from mira_cli.conversation.overview import context_use, message_rows
from mira_cli.conversation.question import own_words
from mira_cli.errors import UsageError
from mira_cli.session.chat import turn as chat_turn
from mira_cli.session.chat.chat import Question
from mira_cli.session.chat.showing import show_message
from mira_cli.terminal.table import aligned

if TYPE_CHECKING:
    from mira_cli.conversation.overview import MessageRow
    from mira_cli.session.chat.chat import Chat

_MOST_DIGITS = 9
_WHO = {"system": "system", "user": "you", "assistant": "Mira"}


def retry(chat: Chat, _rest: str) -> None:
    """Ask the last question again."""
    chat_turn.retry(chat)


def continue_reply(chat: Chat, _rest: str) -> None:
    """Ask for the rest of a reply that was cut."""
    chat_turn.continue_reply(chat)


def edit(chat: Chat, text: str) -> None:
    """Ask another question in place of the last: `text`, or what it becomes in the input line or editor.

    Raises:
        UsageError: There is none yet, or no editor to change it in.
        ConfigError: The editor fails.
    """
    turns = chat.session.conversation.turns
    if chat.unanswered is not None:
        last, replacing = chat.unanswered.typed or chat.unanswered.sent, chat.unanswered.replaces_last
    elif turns:
        last, replacing = turns[-1].question.content, True
    else:
        raise UsageError("There is no question to edit yet.")
    if not text and chat.interactive and not chat.streams.plain:
        chat.draft, chat.replacing = last, replacing
        if replacing:
            chat.streams.note("Your next message will replace the last question and reply.")
        return
    text = text or _edited(chat, last)
    if not text:
        chat.streams.note("Nothing changed; nothing was sent.")
        return
    if last == chat.loaded_question:
        chat.loaded_question = ""
    chat.replacing = replacing
    chat_turn.ask(chat, text)


def _edited(chat: Chat, text: str) -> str:
    """What the user makes of a text in their editor, "" if nothing changed."""
    if not chat.interactive and not (chat.env.get("VISUAL") or chat.env.get("EDITOR")):
        raise UsageError("There is no editor to change it in.", hint="To ask TEXT instead: /edit TEXT")
    from mira_cli.session.editing import write_in_editor

    with chat.free():
        changed = write_in_editor(text, chat.env)
    return "" if not changed.strip() or changed == text.rstrip("\n") else changed


def undo(chat: Chat, _rest: str) -> None:
    """Remove the question that got no reply, or else the last turn.

    Raises:
        UsageError: There is none.
    """
    question = chat.unanswered
    if question is not None:
        undone = question.typed or question.sent
        if undone == chat.loaded_question:
            chat.loaded_question = ""
        loaded = chat.loaded_question
        chat.unanswered = Question(loaded, loaded) if loaded else None
    else:
        turn = chat.session.conversation.remove_last()
        if turn is None:
            raise UsageError("There is nothing to undo.")
        undone = turn.question.content
    chat.streams.note(f"Undone: {_start(undone)}")


def clear(chat: Chat, _rest: str) -> None:
    """Clear all turns and everything that waits to be sent."""
    chat.session.conversation.clear()
    chat.session.left_out = LeftOut()
    chat.unanswered, chat.loaded_question = None, ""
    chat.files.clear()
    kept = "; the system prompt stays." if chat.session.conversation.system else "."
    chat.streams.note(f"Cleared{kept}")


def show_context(chat: Chat, _rest: str) -> None:
    """One line a message: number, who, tokens, whether it would be sent, its beginning."""
    conversation = chat.session.conversation
    rows = message_rows(conversation)
    use = context_use(conversation)
    about = "~" if use.estimated else ""
    if rows:
        table = [("#", "WHO", "TOKENS", "", "TEXT")]
        table += [
            (str(row.number or ""), _WHO[row.role], f"~{row.tokens:,}", _state(row), row.start)
            for row in rows
        ]
        chat.say(aligned(table, chat.streams.err_width(), wraps=False))
    chat.say(f"{about}{use.tokens:,} of {use.budget:,} tokens are sent with the next question.")
    sent = use.messages - use.trimmed
    messages = f"{sent:,} of {use.messages:,} messages"
    chat.say(f"{messages} are sent, {use.trimmed:,} trimmed.")
    chat.say("/show N shows a message, /pin N keeps it in context.")
    for name, text in chat.files:
        chat.say(f"{name}, {len(text):,} characters, will be attached to your next message.")


def show(chat: Chat, rest: str) -> None:
    """Show message N again, or the last reply.

    Raises:
        UsageError: There is no such message.
    """
    turns = chat.session.conversation.turns
    if not turns:
        raise UsageError("There is no message to show yet.")
    number = _number(rest, "/show") if rest else 2 * len(turns)
    if not 1 <= number <= 2 * len(turns):
        raise UsageError(f"There is no message {number}.", hint="/context shows their numbers.")
    turn = turns[(number - 1) // 2]
    show_message(chat, turn.question if number % 2 else turn.reply)


def pin(chat: Chat, rest: str) -> None:
    """Pin the turn of message N, or unpin a pinned one.

    Raises:
        UsageError: N is no number of a message.
        TooLargeError: The message cannot be sent.
    """
    number = _number(rest, "/pin")
    _set_pin(chat, number, pinned=not _is_pinned(chat, number))


def unpin(chat: Chat, rest: str) -> None:
    """Unpin the turn of message N.

    Raises:
        UsageError: N is no number of a message.
    """
    _set_pin(chat, _number(rest, "/unpin"), pinned=False)


def _number(rest: str, command: str) -> int:
    if not (rest.isascii() and rest.isdigit() and len(rest) <= _MOST_DIGITS):
        raise UsageError(f"Which message? {command} N", hint="/context shows their numbers.")
    return int(rest)


def _is_pinned(chat: Chat, number: int) -> bool:
    """Whether the turn of that message is pinned; False if there is none."""
    turns = chat.session.conversation.turns
    index = (number - 1) // 2
    return 0 <= index < len(turns) and turns[index].pinned


def _set_pin(chat: Chat, number: int, *, pinned: bool) -> None:
    conversation = chat.session.conversation
    conversation.pin(number, pinned=pinned)
    turn = conversation.turns[(number - 1) // 2]
    text = _start(turn.question.content) if number % 2 else _start(turn.reply.content)
    chat.streams.note(f"{'Pinned' if pinned else 'Unpinned'}: {text}")


def _state(row: MessageRow) -> str:
    states = ["pinned" if row.pinned else "sent" if row.sent else "trimmed"]
    if row.cut:
        states.append("cut")
    return ", ".join(states)


def _start(text: str) -> str:
    """The beginning of a message on one line, without the files of a question."""
    words = " ".join(own_words(text)[:400].split())
    return words if len(words) <= 60 else f"{words[:59]}…"  # noqa: PLR2004 - most of a line
