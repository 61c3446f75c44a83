"""The slash commands of a chat: a table, and which command a typed line calls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.errors import UsageError
from mira_cli.session.chat import commands_conversation as conversation
from mira_cli.session.chat import commands_files as files
from mira_cli.session.chat import commands_settings as settings
from mira_cli.session.chat import turn
from mira_cli.settings.parse import nearest
from mira_cli.terminal.table import aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.session.chat.chat import Chat

# A path (/etc/hosts), a comment (/* … */) and a division are messages.
_COMMAND = re.compile(r"/(?:\w[\w-]*|\?)(?=\s|$)")
_DOUBLE = "To send a message that starts with a slash, double it."
_BARE = frozenset(("exit", "quit"))


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a chat.

    Attributes:
        name: As typed: "/retry".
        takes: Its argument, as help shows it.
        help: One line for people.
        run: Does it, given its argument.
        also: Other names.
    """

    name: str
    takes: str
    help: str
    run: Callable[[Chat, str], None]
    also: tuple[str, ...] = ()


def show_help(chat: Chat, _rest: str) -> None:
    """List the commands, and the keys that are not obvious."""
    rows = [(" ".join(filter(None, (command.name, command.takes))), command.help) for command in COMMANDS]
    keys = [("//text", "Send a message that starts with a slash."), ("\\ Enter", "Start a new line.")]
    if chat.interactive and not chat.streams.plain:
        keys += [
            ("Alt-Enter, Ctrl-J", "Start a new line."),
            ("Ctrl-C", "Stop a reply; the partial reply is kept."),
            ("Ctrl-R, Tab", "Search the history; complete."),
            ("Ctrl-G", "Edit the text in $EDITOR."),
            ("Ctrl-D", "Quit."),
        ]
    chat.say(aligned([*rows, *keys], chat.streams.err_width()))


def leave(chat: Chat, _rest: str) -> None:
    """End the chat."""
    chat.leaving = True


COMMANDS: tuple[Command, ...] = (
    Command("/retry", "", "Ask the last question again.", turn.retry),
    Command("/continue", "", "Get the rest of a reply that was cut off.", turn.continue_reply),
    Command("/edit", "[TEXT]", "Change the last question and ask it again.", conversation.edit),
    Command("/undo", "", "Undo the last question and its reply.", conversation.undo),
    Command("/clear", "", "Clear the conversation; the system prompt stays.", conversation.clear),
    Command(
        "/file", "PATH", "Attach a text file to your next message (no path: remove them).", files.add_file
    ),
    Command("/copy", "[code [N]]", "Copy the last reply, or a code block of it.", files.copy),
    Command("/save", "PATH", "Save the chat: .md for people, .json to load again.", files.save),
    Command("/load", "PATH", "Continue a saved chat.", files.load),
    Command("/model", "[NAME]", "List models, or switch.", settings.model),
    Command("/prompt", "[NAME]", "Use a saved prompt, or list them.", settings.prompt),
    Command("/system", "[TEXT]", 'Show the system prompt, or change it ("": none).', settings.system),
    Command("/set", "[KEY VALUE]", "Show the settings, or change one for this chat.", settings.change),
    Command("/context", "", "Show what would be sent, and what was trimmed.", conversation.show_context),
    Command("/show", "[N]", "Show message N again, or the last reply.", conversation.show),
    Command("/pin", "N", "Keep message N in context; repeat to unpin.", conversation.pin),
    Command("/unpin", "N", "Unpin message N.", conversation.unpin),
    Command("/info", "", "Show all settings and where each was set.", settings.info),
    Command("/help", "", "Show this list.", show_help, ("/?",)),
    Command("/exit", "", "Quit.", leave, ("/quit", "/bye")),
)
_BY_NAME = {name: command for command in COMMANDS for name in (command.name, *command.also)}
_WORDS = tuple(name for name in _BY_NAME if name != "/?")


def find_command(line: str) -> tuple[Command, str] | None:
    """The command that a line calls, and its argument; None when the line is a message.

    Raises:
        UsageError: It looks like a command but is unknown; names the nearest one.
    """
    line = line.strip()
    if line.casefold() in _BARE:
        return _BY_NAME["/exit"], ""
    found = _COMMAND.match(line)
    if found is None and line != "/":
        return None
    name = found[0] if found else line
    command = _BY_NAME.get(name.casefold())
    if command is None:
        near = nearest(name, _WORDS)
        told = f"Did you mean {near}?" if near else "See /help."
        raise UsageError(f"Unknown command {name}. {told}", hint="" if near else _DOUBLE)
    rest = line[len(name) :].strip()
    if rest and not command.takes:
        raise UsageError(f"{command.name} takes no argument.", hint=_DOUBLE)
    return command, rest


def as_message(line: str) -> str:
    """The message of a line: a doubled slash at its start counts once."""
    return line[1:] if line.startswith("//") else line
