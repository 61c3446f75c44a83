"""converse(): turns in a loop until the person leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.session.chat.line import take_line
from mira_cli.session.chat.loading import Preload
from mira_cli.session.chat.slash import COMMANDS
from mira_cli.session.chat.toolbar import toolbar
from mira_cli.session.signals import ends_all
from mira_cli.settings.table import BY_NAME, SETTINGS
from mira_cli.terminal.prompt.keyboard import can_edit
from mira_cli.terminal.prompt.reader import PromptSetup, open_prompt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mira_cli.session.chat.state import Chat
    from mira_cli.terminal.prompt.keyboard import Keyboard

_PATHS_AFTER = frozenset(("/file", "/save", "/load"))
_PLACEHOLDER = "Ask anything"


def converse(chat: Chat, first: str = "") -> None:
    """Ask `first`, then what the person types, until they leave.

    Raises:
        Interrupted: A signal came, or Ctrl-C twice.
        OutputError: The answers cannot be written.
        ReaderGone: Nobody reads them any more.
    """
    line: str | None = first
    while line is not None:
        if line.strip():
            _take(chat, line)
        line = None if chat.leaving else _read(chat)
    chat.keep_saved()
    if chat.balance.questions:
        chat.streams.note(chat.balance.words(plain=chat.streams.plain))


def open_reader(chat: Chat, keyboard: Keyboard) -> None:
    """Open the input line of a chat, from which it reads from now on."""
    settings = chat.session.settings
    preload = Preload(chat.session)

    def edit(text: str) -> str:
        from mira_cli.session.editing import write_in_editor

        return write_in_editor(text, chat.env)

    def show_toolbar(width: int) -> str:
        preload.start()  # the input line stands, so what is loaded now delays nothing
        return toolbar(chat, width)

    def take_back_edit() -> None:
        chat.replacing = False

    setup = PromptSetup(
        history_file=settings.paths.history_file if settings.history else "",
        vi=settings.vi,
        commands=[(name, command.help) for command in COMMANDS for name in (command.name, *command.also)],
        values=lambda typed: completions(chat, typed),
        paths_after=_PATHS_AFTER,
        toolbar=show_toolbar,
        edit=edit,
        note=chat.streams.note,
        cleared=take_back_edit,
    )
    chat.reader = open_prompt(chat.streams, setup, keyboard)
    if not can_edit(chat.streams):
        preload.start()  # there is no toolbar that would


def completions(chat: Chat, typed: str) -> Sequence[str]:
    """What may follow a command that takes a word: "/model", "/set", "/set theme", "/copy"."""
    command, _, name = typed.partition(" ")
    setting = BY_NAME.get(name)
    if command == "/model" or (command == "/set" and name == "model"):
        return chat.models.names()
    if command == "/copy" and not name:
        return ("code",)
    if command != "/set":
        return ()
    if not name:
        return [row.name for row in SETTINGS if row.in_chat or row.name == "key"]
    if setting is None:
        return ()
    return ("true", "false") if setting.is_switch else setting.choices


def _read(chat: Chat) -> str | None:
    """What the person types next, "" if a Ctrl-C came before the input line stood, None when they leave."""
    if chat.reader is None:
        return None
    placeholder = "" if chat.session.conversation.turns else _PLACEHOLDER
    try:
        line = chat.reader.read(chat.draft, placeholder)
    except EOFError:
        return None
    except KeyboardInterrupt as stop:
        if ends_all(stop):
            raise
        return ""  # there was nothing to stop
    chat.draft = ""
    return line


def _take(chat: Chat, line: str) -> None:
    """Do what the line says. Ctrl-C stops that alone, unless it comes while the one before still works."""
    try:
        take_line(chat, line)
    except KeyboardInterrupt as stop:
        if ends_all(stop):
            raise
        chat.streams.note("Stopped.")
