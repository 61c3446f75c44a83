"""The slash commands of a chat: a table, and which command a typed line calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mira_cli.errors import UsageError
from mira_cli.session.chat import clipboard, files, turn
from mira_cli.session.chat import commands_conversation as conversation
from mira_cli.session.chat import commands_settings as settings
from mira_cli.settings.parse import nearest
from mira_cli.settings.table import BY_NAME, KEY
from mira_cli.terminal.table import aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.session.chat.chat import Chat

# A path (/etc/hosts), a comment (/* … */) and a division are messages.
_COMMAND = re.compile(r"/(?:\w[\w-]*|\?)(?=\s|$)")
_DOUBLE = "To send a message that starts with a slash, double it."
_KEYS = (
    ("Alt-Enter, Ctrl-J", "Start a new line."),
    ("Ctrl-C", "Stop a reply; the partial reply is kept."),
    ("Ctrl-R, Tab", "Search the history; complete."),
    ("Ctrl-G", "Edit the text in $EDITOR."),
    ("Ctrl-D", "Quit."),
)


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
    "/retry": (turn.retry, ""),
    "/continue": (turn.continue_reply, ""),
    "/edit": (conversation.edit, "[TEXT]"),
    "/undo": (conversation.undo, ""),
    "/clear": (conversation.clear, ""),
    "/file": (files.add_file, "PATH"),
    "/copy": (clipboard.copy, "[code [N]]"),
    "/save": (files.save, "PATH"),
    "/load": (files.load, "PATH"),
    "/model": (settings.model, "[NAME]"),
    "/prompt": (settings.prompt, "[NAME]"),
    "/system": (settings.system, "[TEXT]"),
    "/set": (settings.change, "[KEY VALUE]"),
    "/context": (conversation.show_context, ""),
    "/show": (conversation.show, "[N]"),
    "/pin": (conversation.pin, "N"),
    "/unpin": (conversation.unpin, "N"),
    "/info": (settings.info, ""),
    "/help": (show_help, ""),
    "/exit": (leave, ""),
}
"""Each with what does it, given the chat and its argument, and that argument as help shows it."""

ALIASES = {"/?": "/help", "/quit": "/exit", "/bye": "/exit", "exit": "/exit", "quit": "/exit"}


def help_of(name: str) -> str:
    """What a command does, in one line: the first of its docstring."""
    return (COMMANDS[name][0].__doc__ or "").partition("\n")[0]


def find_command(line: str) -> tuple[str, str] | None:
    """The name of the command that a line calls, and its argument; None when the line is a message.

    Raises:
        UsageError: It looks like a command but is unknown; names what is nearest.
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
        is_setting = setting is not None and (setting.in_chat or setting is KEY)
        near = (
            f"/set {name[1:]} {rest}".strip() if is_setting else nearest(typed, (*COMMANDS, "/quit", "/bye"))
        )
        told = f"Did you mean {near}?" if near else "See /help."
        raise UsageError(f"Unknown command {typed}. {told}", hint="" if near else _DOUBLE)
    if rest and not COMMANDS[name][1]:
        raise UsageError(f"{name} takes no argument.", hint=_DOUBLE)
    return name, rest


def as_message(line: str) -> str:
    """The message of a line: a doubled slash at its start counts once."""
    return line[1:] if line.startswith("//") else line
