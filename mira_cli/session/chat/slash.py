"""The commands of a chat: a table, and how a typed line is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mira_cli.errors import UsageError
from mira_cli.session.chat import slash_files, slash_settings, slash_talk
from mira_cli.settings.parse import nearest
from mira_cli.terminal.table import aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.session.chat.state import Chat

# A path (/etc/hosts), a comment (/* … */) or a division is text.
_COMMAND = re.compile(r"/(?:\w[\w-]*|\?)(?=\s|$)")
_WIDE = 72  # columns from which names and their help fit side by side
_TWICE = "A message that begins with a slash: type the slash twice."
_BARE = frozenset(("exit", "quit"))


class Command(NamedTuple):
    """A command of a chat.

    Attributes:
        name: As typed: "/retry".
        takes: What may follow it, as help shows it.
        help: One line for people.
        run: Does it, given what follows.
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
    keys = [("//text", "Send a message that begins with a slash."), ("\\ Enter", "Begin a new line.")]
    if chat.interactive and not chat.streams.plain:
        keys += [
            ("Alt-Enter, Ctrl-J", "Begin a new line."),
            ("Ctrl-C", "Stop a reply; what came stays."),
            ("Ctrl-R, Tab", "Search the history; complete."),
            ("Ctrl-G", "Edit the text in $EDITOR."),
            ("Ctrl-D", "Leave."),
        ]
    width = chat.streams.err_width()
    if width >= _WIDE:
        chat.say(aligned([*rows, *keys], width))
    else:
        chat.say("\n".join(f"{name}\n  {what}" for name, what in (*rows, *keys)))


def leave(chat: Chat, _rest: str) -> None:
    """End the chat."""
    chat.leaving = True


COMMANDS: tuple[Command, ...] = (
    Command("/retry", "", "Ask the last question again.", slash_talk.retry),
    Command("/continue", "", "Ask for the rest of a reply that was cut.", slash_talk.go_on),
    Command("/edit", "[TEXT]", "Change the last question and ask it again.", slash_talk.edit),
    Command("/undo", "", "Take back the last question and its reply.", slash_talk.undo),
    Command("/clear", "", "Forget what was said; the system prompt stays.", slash_talk.clear),
    Command("/file", "PATH", "Add a text file to the next question (none: drop them).", slash_files.add_file),
    Command("/copy", "[code [N]]", "Copy the last reply, or a code block of it.", slash_files.copy),
    Command("/save", "PATH", "Save the chat: .md for people, .json to load again.", slash_files.save),
    Command("/load", "PATH", "Go on with a saved chat.", slash_files.load),
    Command("/model", "[NAME]", "Show the models, or take another.", slash_settings.model),
    Command("/system", "[TEXT]", 'Show the system prompt, or change it ("": none).', slash_settings.system),
    Command("/set", "[KEY VALUE]", "Show the settings, or change one for this chat.", slash_settings.change),
    Command("/context", "", "Show what would be sent, and what was trimmed.", slash_talk.show_context),
    Command("/pin", "N", "Always send message N; again: no longer.", slash_talk.pin),
    Command("/unpin", "N", "Send message N no longer in any case.", slash_talk.unpin),
    Command("/info", "", "Show the settings and where each came from.", slash_settings.info),
    Command("/help", "", "Show this.", show_help, ("/?",)),
    Command("/exit", "", "Leave.", leave, ("/quit", "/bye")),
)
_BY_NAME = {name: command for command in COMMANDS for name in (command.name, *command.also)}
_WORDS = tuple(name for name in _BY_NAME if name != "/?")


def find_command(line: str) -> tuple[Command, str] | None:
    """The command that a line calls, and what follows it; None when the line is a message.

    Raises:
        UsageError: It looks like a command and is none; says the nearest.
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
        raise UsageError(f"Unknown command {name}. {told}", hint="" if near else _TWICE)
    rest = line[len(name) :].strip()
    if rest and not command.takes:
        raise UsageError(f"{command.name} takes nothing after it.", hint=_TWICE)
    return command, rest


def as_message(line: str) -> str:
    """The message that a line is: a slash in front that was typed twice stands once."""
    return line[1:] if line.startswith("//") else line
