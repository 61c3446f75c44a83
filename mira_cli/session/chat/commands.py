"""The slash commands of a chat: what each does, their table, and how a typed line is matched."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mira_cli.conversation.question import own_words
from mira_cli.errors import AuthError, UsageError
from mira_cli.session import prompts
from mira_cli.session.chat import chat_files, chat_turn, clipboard
from mira_cli.session.chat.chat import Question
from mira_cli.session.opening import client_with, limits_from
from mira_cli.session.startup import KEY_PROMPT, ask_for_key, system_text, with_system
from mira_cli.settings import keys
from mira_cli.settings.parse import display, nearest
from mira_cli.settings.table import BY_NAME, KEY, SETTINGS, find
from mira_cli.terminal.table import aligned, settings_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mira_cli.session.chat.chat import Chat
    from mira_cli.settings.resolve import Settings
    from mira_cli.settings.table import Setting
    from mira_cli.terminal.streams import Streams

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
_EMPTY = {'""', "''"}
_NONE = {*_EMPTY, "none", "default"}  # not for texts: "none" can be a system prompt


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


def model(chat: Chat, name: str) -> None:
    """List models, or switch."""
    if name:
        _assign(chat, "model", name)
        return
    current, known = chat.session.options.model, chat.models.names()
    rows = []
    for each in known if current in known else (current, *known):
        window = chat.models.find(each).context_window
        rows.append(("*" if each == current else "", each, f"{window:,} tokens" if window else ""))
    chat.say(aligned(rows, chat.streams.err_width()))
    if not chat.models.listed:
        chat.say("These are the built-in ones; any name is accepted: /model NAME")


def system(chat: Chat, text: str) -> None:
    """Show the system prompt, or change it ("": none)."""
    if text:
        _assign(chat, "system", text)
    else:
        chat.say(chat.session.conversation.system or "No system prompt. Set one: /system TEXT")


def prompt(chat: Chat, name: str) -> None:
    """Use a saved prompt, or list them."""
    if name:
        _assign(chat, "prompt", name)
        return
    paths, current = chat.session.settings.paths, chat.session.settings.prompt
    rows = [
        ("*" if each == current else "", each, line) for each, line in prompts.listed(paths, chat.streams)
    ]
    none = "There are no saved prompts yet; in a shell: mira prompts edit NAME"
    chat.say(aligned(rows, chat.streams.err_width()) or none)


def change(chat: Chat, rest: str) -> None:
    """Show the settings, or change one for this chat."""
    name, _, value = rest.partition(" ")
    if not name:
        _show_settings(chat, [setting for setting in SETTINGS if setting.in_chat])
        return
    setting, value = find(name), value.strip()
    if setting is KEY:
        _change_key(chat, value)
    elif not value:
        _show_settings(chat, [setting])
    elif setting.in_chat:
        _assign(chat, setting.name, value)
    else:
        raise UsageError(
            f"{setting.name} can't be changed in a chat.",
            hint=f"Quit and run: mira config set {setting.name} VALUE",
        )


def info(chat: Chat, _rest: str) -> None:
    """Show all settings and where each was set.

    The key is masked.
    """
    _show_settings(chat, SETTINGS)
    if chat.save_path:
        chat.say(f"The chat is saved after each turn in {chat.save_path}.")


def _show_settings(chat: Chat, settings: Sequence[Setting]) -> None:
    current = chat.session.settings
    rows = []
    for setting in settings:
        if setting is KEY:
            rows.append((setting.name, *keys.listed(current, chat.streams.env, chat.streams.warn)))
            continue
        value = getattr(current, setting.name)
        if setting.name == "system":  # a loaded conversation has its own
            value = chat.session.conversation.system
        rows.append((setting.name, display(value), current.sources[setting.name]))
    chat.say(settings_table(rows, chat.streams.err_width()))


def _assign(chat: Chat, name: str, value: str) -> None:
    """Change a setting for this chat."""
    conversation, before = chat.session.conversation, chat.session.settings
    settings = _with_value(before, name, value, chat.streams)
    if limits_from(settings) != limits_from(before):
        _reopen(chat, settings)
    chat.use_settings(settings)
    if name == "vi" and chat.reader is not None:
        chat.reader.use_vi(settings.vi)
    if name in {"system", "prompt"}:
        conversation.system = settings.system
    shown = display(getattr(settings, name)) or "not set"
    budget = f"; context limit {conversation.budget:,} tokens" if name in {"model", "context"} else ""
    chat.streams.note(f"{name}: {shown}{budget}")


def _with_value(settings: Settings, name: str, value: str, streams: Streams) -> Settings:
    """The settings with one changed. `""` unsets one that has no default; for a number, `none` does too."""
    default = BY_NAME[name].default
    if default in {None, "", ()} and value.casefold() in (_NONE if default is None else _EMPTY):
        unset: dict[str, Any] = {name: default}
        if name in {"system", "prompt"}:
            unset = {"system": "", "prompt": ""}
        return replace(settings, sources={**settings.sources, name: "/set"}, **unset)
    if name == "system":
        return replace(settings, prompt="").with_value(name, system_text(value, streams))
    settings = settings.with_value(name, value)
    return with_system(settings, streams, hint="/prompt lists them.") if name == "prompt" else settings


def _change_key(chat: Chat, value: str) -> None:
    """Ask for another key without echo, store it, and use it."""
    if value:
        raise UsageError(
            "The key was not used: it was visible on the screen.", hint="Type just /set key, then paste it."
        )
    if chat.reader is None:
        raise UsageError("A key can only be entered on a terminal.", hint="Run: mira config set key")
    settings = chat.session.settings
    with chat.free():
        key = ask_for_key(chat.streams, settings, KEY_PROMPT, ahead=chat.reader.take_line())
    if key is None:
        raise AuthError("No key was given; the current one is kept.")
    if chat.streams.env.get(keys.VARIABLE):
        chat.streams.warn(f"{keys.VARIABLE} overrides it in the next run.")
    chat.key = key
    _reopen(chat, settings)


def _reopen(chat: Chat, settings: Settings) -> None:
    """Replace the client by one with the current key and the new limits."""
    session, streams = chat.session, chat.streams
    client = client_with(chat.key, streams.env, settings, session.observer, output=streams.output)
    session.client.close()
    session.client = client


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
    "/model": (model, "[NAME]"),
    "/prompt": (prompt, "[NAME]"),
    "/system": (system, "[TEXT]"),
    "/set": (change, "[KEY VALUE]"),
    "/context": (show_context, ""),
    "/show": (show, "[N]"),
    "/pin": (pin, "N"),
    "/unpin": (unpin, "N"),
    "/info": (info, ""),
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
        advice = f"Did you mean {near}?" if near else "See /help."
        raise UsageError(f"Unknown command {typed}. {advice}", hint="" if near else _DOUBLE)
    if rest and not COMMANDS[name][1]:
        raise UsageError(f"{name} takes no argument.", hint=_DOUBLE)
    return name, rest


def as_message(line: str) -> str:
    """The message on a line: a doubled slash at its start becomes a single one."""
    return line[1:] if line.startswith("//") else line
