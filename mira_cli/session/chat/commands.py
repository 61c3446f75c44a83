"""The slash commands of a chat: the table, how a typed line is matched, and those about the conversation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mira_cli.conversation.question import own_words
from mira_cli.errors import UsageError
from mira_cli.session.chat import chat_files, chat_turn, clipboard
from mira_cli.session.chat import commands_settings as settings
from mira_cli.session.chat.chat import Question
from mira_cli.settings.parse import nearest
from mira_cli.settings.table import BY_NAME, KEY
from mira_cli.terminal.table import aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.session.chat.chat import Chat

# Paths (/etc/hosts), comments (/* … */) and divisions are messages.
_COMMAND = re.compile(r"/(?:\w[\w-]*|\?)(?=\s|$)")
_NUMBER = re.compile(r"[0-9]{1,9}")
_DOUBLE = "To send a message that starts with a slash, double it."
_KEYS = (
    ("Alt-Enter, Ctrl-J", "Start a new line."),
    ("Ctrl-C", "Stop a reply; the partial reply is kept."),
    ("Ctrl-R, Tab", "Search the history; complete."),
    ("Ctrl-G", "Edit the text in $EDITOR."),
    ("Ctrl-D", "Quit."),
)
_NUMBERS_HINT = "/context shows their numbers."
_SHOWN = 60  # characters of a message in a notice
_LONGEST_START = 200  # characters of a message in /context; the terminal shows fewer


def undo(chat: Chat, _rest: str) -> None:
    """Undo the last question and its reply.

    A question without a reply goes first, alone.
    """
    conversation, unanswered = chat.session.conversation, chat.unanswered
    if unanswered is not None:
        undone, loaded = unanswered.typed, unanswered.loaded
        chat.unanswered = Question(loaded, loaded, loaded=loaded) if loaded not in {"", undone} else None
    elif conversation.turns:
        undone = conversation.turns[-1].question.content
        conversation.turns = conversation.turns[:-1]
    else:
        raise UsageError("There is nothing to undo.")
    chat.streams.note(f"Undone: {_start(undone)}")


def clear(chat: Chat, _rest: str) -> None:
    """Clear the conversation; the system prompt stays.

    So are attached files and a question without a reply.
    """
    chat.session.conversation.turns = ()
    chat.session.last_sent = None
    chat.unanswered = None
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
        chat.say(chat_files.attached(name, text))


def show(chat: Chat, rest: str) -> None:
    """Show message N again, or the last reply."""
    turns = chat.session.conversation.turns
    if not turns:
        raise UsageError("There is no message to show yet.")
    number = _number(rest, "/show") if rest else 2 * len(turns)
    if not 1 <= number <= 2 * len(turns):
        raise UsageError(f"There is no message {number}.", hint=_NUMBERS_HINT)
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
    """Pin the turn of a message, or unpin it; None toggles."""
    turn = chat.session.conversation.pin(number, pinned=pinned)
    text = _start((turn.question if number % 2 else turn.reply).content)
    chat.streams.note(f"{'Pinned' if turn.pinned else 'Unpinned'}: {text}")


def _number(rest: str, command: str) -> int:
    if not _NUMBER.fullmatch(rest):
        raise UsageError(f"Which message? {command} N", hint=_NUMBERS_HINT)
    return int(rest)


def _start(text: str) -> str:
    """The start of a message on one line, without the files of a question."""
    words = " ".join(own_words(text)[:400].split())
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"


def show_help(chat: Chat, _rest: str) -> None:
    """Show this list."""
    rows = [(f"{name} {takes}".strip(), help_of(name)) for name, (_, takes) in COMMANDS.items()]
    rows += [("//text", "Send a message that starts with a slash."), ("\\ Enter", "Start a new line.")]
    rows += _KEYS if chat.interactive and not chat.streams.plain else ()
    chat.say(aligned(rows, chat.streams.err_width()))


def leave(_chat: Chat, _rest: str) -> None:
    """Quit."""
    raise EOFError


COMMANDS: dict[str, tuple[Callable[[Chat, str], None], str]] = {
    "/retry": (chat_turn.retry, ""),
    "/continue": (chat_turn.continue_reply, ""),
    "/edit": (chat_turn.edit, "[TEXT]"),
    "/undo": (undo, ""),
    "/clear": (clear, ""),
    "/file": (chat_files.add_file, "PATH"),
    "/copy": (clipboard.copy, "[code [N]]"),
    "/save": (chat_files.save, "PATH"),
    "/load": (chat_files.load, "PATH"),
    "/model": (settings.model, "[NAME]"),
    "/prompt": (settings.prompt, "[NAME]"),
    "/system": (settings.system, "[TEXT]"),
    "/set": (settings.change, "[KEY VALUE]"),
    "/context": (show_context, ""),
    "/show": (show, "[N]"),
    "/pin": (pin, "N"),
    "/unpin": (unpin, "N"),
    "/info": (settings.info, ""),
    "/help": (show_help, ""),
    "/exit": (leave, ""),
}
"""By name: the function, which takes the chat and the argument, and the argument as shown by /help."""

ALIASES = {"/?": "/help", "/quit": "/exit", "/bye": "/exit", "exit": "/exit", "quit": "/exit"}


def help_of(name: str) -> str:
    """What a command does: the first line of its docstring."""
    return (COMMANDS[name][0].__doc__ or "").partition("\n")[0]


def find_command(line: str) -> tuple[str, str] | None:
    """The name of the command on a line, and its argument; None if the line is a message.

    Raises:
        UsageError: It looks like a command but is unknown; the message has the nearest one.
    """
    line = line.strip()
    found = _COMMAND.match(line)
    typed = found[0] if found else line
    name = ALIASES.get(typed.casefold(), typed.casefold())
    if found is None and name != "/exit" and line != "/":
        return None
    rest = line[len(typed) :].strip()
    if name not in COMMANDS:
        setting = BY_NAME.get(name[1:].replace("-", "_"))
        if setting is not None and (setting.in_chat or setting is KEY):
            near = f"/set {name[1:]} {rest}".strip()
        else:
            near = nearest(typed, (*COMMANDS, "/quit", "/bye"))
        told = f"Did you mean {near}?" if near else "See /help."
        raise UsageError(f"Unknown command {typed}. {told}", hint="" if near else _DOUBLE)
    if rest and not COMMANDS[name][1]:
        raise UsageError(f"{name} takes no argument.", hint=_DOUBLE)
    return name, rest


def as_message(line: str) -> str:
    """The message on a line: a doubled slash at its start becomes a single one."""
    return line[1:] if line.startswith("//") else line
