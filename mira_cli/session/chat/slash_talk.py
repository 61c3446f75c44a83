"""Commands on what was said: /retry /continue /edit /undo /clear /context /pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.history import LeftOut
from mira_cli.conversation.overview import rows_of, standing_of
from mira_cli.conversation.question import own_words
from mira_cli.errors import UsageError
from mira_cli.session.chat import turn as chat_turn
from mira_cli.terminal.table import aligned

if TYPE_CHECKING:
    from mira_cli.conversation.overview import Row
    from mira_cli.session.chat.state import Chat

_MOST_DIGITS = 9
_WHO = {"system": "system", "user": "you", "assistant": "Mira"}


def retry(chat: Chat, _rest: str) -> None:
    """Ask the last question again."""
    chat_turn.retry(chat)


def go_on(chat: Chat, _rest: str) -> None:
    """Ask for the rest of a cut reply."""
    chat_turn.go_on(chat)


def edit(chat: Chat, text: str) -> None:
    """Ask another question in place of the last: `text`, or what becomes of it in the input line or editor.

    Raises:
        UsageError: There is none yet, or nothing to change it with.
        ConfigError: The editor fails.
    """
    turns = chat.session.conversation.turns
    if chat.unanswered is not None:
        last = chat.unanswered.typed or chat.unanswered.sent
    elif turns:
        last = turns[-1].question.content
    else:
        raise UsageError("There is no question to edit yet.")
    replacing = chat.unanswered is None
    if text:
        chat.replacing = replacing
        chat_turn.ask(chat, text)
        return
    if chat.interactive and not chat.streams.plain:
        chat.draft, chat.replacing = last, replacing
        if replacing:
            chat.streams.note("What you send next takes the place of the last question and its reply.")
        return
    if not chat.interactive and not (chat.env.get("VISUAL") or chat.env.get("EDITOR")):
        raise UsageError("There is no editor to change it in.", hint="/edit TEXT asks TEXT in its place.")
    from mira_cli.session.editing import write_in_editor

    with chat.free():
        changed = write_in_editor(last, chat.env)
    if not changed.strip() or changed == last.rstrip("\n"):
        chat.streams.note("Nothing changed; nothing was asked.")
        return
    chat.replacing = replacing
    chat_turn.ask(chat, changed)


def undo(chat: Chat, _rest: str) -> None:
    """Take the last turn out.

    Raises:
        UsageError: There is none.
    """
    chat.unanswered = None
    turn = chat.session.conversation.forget()
    if turn is None:
        raise UsageError("There is nothing to undo.")
    chat.streams.note(f"Taken back: {_start(turn.question.content)}")


def clear(chat: Chat, _rest: str) -> None:
    """Forget all turns and waiting files."""
    chat.session.conversation.clear()
    chat.session.left_out = LeftOut()
    chat.unanswered = None
    chat.files.clear()
    kept = "; the system prompt stays." if chat.session.conversation.system else "."
    chat.streams.note(f"Cleared{kept}")


def show_context(chat: Chat, _rest: str) -> None:
    """One line a message: number, who, tokens, whether it would be sent, its beginning."""
    conversation = chat.session.conversation
    rows = rows_of(conversation)
    standing = standing_of(conversation)
    about = "" if conversation.calibrated or not standing.tokens else "~"
    if rows:
        table = [("#", "WHO", "TOKENS", "", "TEXT")]
        table += [
            (str(row.number or ""), _WHO[row.role], f"{about}{row.tokens:,}", _state(row), row.start)
            for row in rows
        ]
        chat.say(aligned(table, chat.streams.err_width()))
    chat.say(f"{about}{standing.tokens:,} of {standing.budget:,} tokens go with the next question.")
    sent = standing.messages - standing.trimmed
    messages = f"{sent:,} of {standing.messages:,} messages"
    chat.say(f"{messages} are sent, {standing.trimmed:,} trimmed. /pin N keeps one in any case.")
    for name, text in chat.files:
        chat.say(f"With it goes {name}, {len(text):,} characters.")


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
    at = (number - 1) // 2
    return 0 <= at < len(turns) and turns[at].pinned


def _set_pin(chat: Chat, number: int, *, pinned: bool) -> None:
    conversation = chat.session.conversation
    conversation.pin(number, pinned=pinned)
    what = "Pinned, always sent" if pinned else "Not pinned any more"
    chat.streams.note(f"{what}: {_start(conversation.turns[(number - 1) // 2].question.content)}")


def _state(row: Row) -> str:
    states = ["pinned" if row.pinned else "sent" if row.sent else "trimmed"]
    if row.cut:
        states.append("cut")
    return ", ".join(states)


def _start(question: str) -> str:
    """A question in a few words, without its files."""
    words = " ".join(own_words(question)[:400].split())
    return words if len(words) <= 60 else f"{words[:59]}…"  # noqa: PLR2004 - most of a line
