"""Commands about the conversation: /edit /undo /clear /context /show /pin /unpin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.question import own_words
from mira_cli.errors import UsageError
from mira_cli.session.chat.chat import Question
from mira_cli.session.chat.files import attached
from mira_cli.session.chat.turn import ask
from mira_cli.terminal.table import aligned

if TYPE_CHECKING:
    from mira_cli.session.chat.chat import Chat

_MOST_DIGITS = 9
_LINE = 60  # characters of a message that is named
_LONGEST_START = 200  # characters of a message in /context; the terminal shows fewer


def edit(chat: Chat, text: str) -> None:
    """Change the last question and ask it again.

    Without `text` it returns to the input line, or is opened in the editor where that cannot be changed.

    Raises:
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
    if last == chat.draft:
        chat.draft = ""
    chat.replacing = replacing
    ask(chat, text)


def _edited(chat: Chat, text: str) -> str:
    """What the user makes of a text in their editor, "" if nothing changed."""
    if not chat.interactive and not (chat.streams.env.get("VISUAL") or chat.streams.env.get("EDITOR")):
        raise UsageError("There is no editor to change it in.", hint="To ask TEXT instead: /edit TEXT")
    from mira_cli.session.editing import write_in_editor

    with chat.free():
        changed = write_in_editor(text, chat.streams.env)
    return "" if not changed.strip() or changed == text.rstrip("\n") else changed


def undo(chat: Chat, _rest: str) -> None:
    """Undo the last question and its reply.

    A question that got no reply goes first, alone.
    """
    if chat.unanswered is not None:
        undone = chat.unanswered.typed or chat.unanswered.sent
        if undone == chat.draft:
            chat.draft = ""
        chat.unanswered = Question(chat.draft, chat.draft) if chat.draft else None
    else:
        turn = chat.session.conversation.remove_last()
        if turn is None:
            raise UsageError("There is nothing to undo.")
        undone = turn.question.content
    chat.streams.note(f"Undone: {_start(undone)}")


def clear(chat: Chat, _rest: str) -> None:
    """Clear the conversation; the system prompt stays.

    What waits to be sent is cleared as well.
    """
    chat.session.conversation.turns = ()
    chat.session.last_sent = None
    chat.unanswered, chat.draft = None, ""
    chat.files.clear()
    kept = "; the system prompt stays." if chat.session.conversation.system else "."
    chat.streams.note(f"Cleared{kept}")


def show_context(chat: Chat, _rest: str) -> None:
    """Show what would be sent, and what was trimmed."""
    conversation = chat.session.conversation
    sent = conversation.would_send()

    def row(number: str, who: str, text: str, *states: str) -> tuple[str, ...]:
        start = " ".join(text[: 2 * _LONGEST_START].split())[:_LONGEST_START]
        return number, who, f"~{conversation.tokens(text):,}", ", ".join(filter(None, states)), start

    rows = [row("", "system", conversation.system, "sent")] if conversation.system else []
    for index, turn in enumerate(conversation.turns):
        state = "pinned" if turn.pinned else "sent" if index in sent.kept else "trimmed"
        rows.append(row(str(2 * index + 1), "you", turn.question.content, state))
        rows.append(row(str(2 * index + 2), "Mira", turn.reply.content, state, "cut" if turn.cut else ""))
    if rows:
        rows.insert(0, ("#", "WHO", "TOKENS", "", "TEXT"))
        chat.say(aligned(rows, chat.streams.err_width(), wraps=False))
    about, count = "~" if sent.estimated else "", 2 * len(conversation.turns)
    chat.say(f"{about}{sent.tokens:,} of {conversation.budget:,} tokens are sent with the next question.")
    chat.say(f"{count - sent.dropped:,} of {count:,} messages are sent, {sent.dropped:,} trimmed.")
    chat.say("/show N shows a message, /pin N keeps it in context.")
    for name, text in chat.files:
        chat.say(attached(name, text))


def show(chat: Chat, rest: str) -> None:
    """Show message N again, or the last reply."""
    turns = chat.session.conversation.turns
    if not turns:
        raise UsageError("There is no message to show yet.")
    number = _number(rest, "/show") if rest else 2 * len(turns)
    if not 1 <= number <= 2 * len(turns):
        raise UsageError(f"There is no message {number}.", hint="/context shows their numbers.")
    turn = turns[(number - 1) // 2]
    if number % 2:
        chat.show_question(turn.question.content, whole=True)
    else:
        chat.show_reply(turn.reply)


def pin(chat: Chat, rest: str) -> None:
    """Keep message N in context; repeat to unpin."""
    _pin(chat, _number(rest, "/pin"), None)


def unpin(chat: Chat, rest: str) -> None:
    """Unpin message N."""
    _pin(chat, _number(rest, "/unpin"), pinned=False)


def _pin(chat: Chat, number: int, pinned: bool | None) -> None:
    """Pin the turn of a message or unpin it; None for the opposite of what holds."""
    conversation = chat.session.conversation
    now = conversation.pin(number, pinned=pinned)
    turn = conversation.turns[(number - 1) // 2]
    text = _start(turn.question.content if number % 2 else turn.reply.content)
    chat.streams.note(f"{'Pinned' if now else 'Unpinned'}: {text}")


def _number(rest: str, command: str) -> int:
    if not (rest.isascii() and rest.isdigit() and len(rest) <= _MOST_DIGITS):
        raise UsageError(f"Which message? {command} N", hint="/context shows their numbers.")
    return int(rest)


def _start(text: str) -> str:
    """The beginning of a message on one line, without the files of a question."""
    words = " ".join(own_words(text)[:400].split())
    return words if len(words) <= _LINE else f"{words[: _LINE - 1]}…"
