"""The loop of a chat: lines from a person or from a pipe, one after the other."""

from __future__ import annotations

import gc
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from mira_cli.background import in_background
from mira_cli.errors import Interrupted, MiraError, OutputError
from mira_cli.session.signals import ends_all
from mira_cli.settings.table import BY_NAME, SETTINGS
from mira_cli.terminal.prompt import open_prompt
from mira_cli.terminal.prompt.reader import PromptSetup
from mira_cli.terminal.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mira_cli.session.chat.chat import Chat
    from mira_cli.session.opening import Session
    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.prompt.reader import LineReader

_PATHS_AFTER = ("/file", "/save", "/load")
_SETTING_OF = {"/model": "model", "/prompt": "prompt"}
_PLACEHOLDER, _AGAIN = "Ask anything", "↑ or /retry asks again"
_NARROW = 60  # columns below which the toolbar shows only model and tokens
_READS_REPLY = ("mira_cli.api.stream", "encodings.idna")
_DRAWS_REPLY = ("mira_cli.terminal.markdown.drawing", "mira_cli.terminal.drawn_writers")


def converse(chat: Chat, reader: LineReader, first: str = "") -> None:
    """Ask `first`, then what the person types, until they leave.

    Raises:
        Interrupted: A signal came, or Ctrl-C twice.
        OutputError: The replies cannot be written.
        ReaderGone: Nobody reads them any more.
    """
    line = first
    if first.strip():
        if chat.draft:  # the loaded file ends with a question
            line, chat.draft = f"{chat.draft}\n\n{first}", ""
        reader.remember(line)
        chat.show_question(line)
    with suppress(EOFError):
        while True:
            try:
                if line.strip():
                    run_line(chat, line)
                line = ""
                line = _read(chat, reader)
            except KeyboardInterrupt as stop:  # stops the line alone, unless an earlier one is being handled
                if ends_all(stop):
                    raise
                if line.strip():
                    chat.streams.note("Stopped.")
                line = ""
    chat.save_if_changed()
    if chat.questions:
        chat.streams.note(chat.summary())


def converse_piped(chat: Chat, first: str = "") -> int:
    """Ask `first`, then what the lines of standard input say, until they end or one of them leaves.

    Returns:
        The exit code: that of the last line that failed, 0 if none did.

    Raises:
        MiraError: Standard input cannot be read, a signal came, or the replies cannot be written.
        ReaderGone: Nobody reads them any more.
    """
    from mira_cli.terminal.reading import stdin_lines

    _collect_garbage_again()
    with suppress(EOFError):
        if first.strip():
            run_line(chat, first)
        for message in joined(stdin_lines(chat.streams)):
            run_line(chat, message)
    chat.save_if_changed()
    return chat.exit_code


def run_line(chat: Chat, line: str) -> None:
    """Do what a line says: a command or a question. An empty one only ends a change that /edit began.

    Raises:
        EOFError: The person leaves.
        Interrupted: The chat is to end.
        OutputError: Its replies cannot be written.
        ReaderGone: Nobody reads them any more.
    """
    from mira_cli.session.chat import commands, files, turn

    try:
        if found := commands.find_command(line):
            name, rest = found
            chat.replacing = False
            commands.COMMANDS[name][0](chat, rest)
        elif not line.strip():
            chat.replacing = False
        elif chat.interactive and files.is_dropped(line):
            files.add_file(chat, line)
        else:
            turn.ask(chat, commands.as_message(line))
    except (Interrupted, OutputError):
        raise
    except MiraError as error:
        chat.fail(error)


def _read(chat: Chat, reader: LineReader) -> str:
    """What the person types next. Raises as the reader."""
    if chat.prompted:
        chat.streams.empty_row()
    chat.prompted = True
    placeholder = _AGAIN if chat.unanswered else "" if chat.session.conversation.turns else _PLACEHOLDER
    line = reader.read(chat.draft, placeholder, returned=chat.draft_returned)
    chat.draft, chat.draft_returned = "", False
    return line


def joined(lines: Iterable[str]) -> Iterator[str]:
    r"""The messages: a line each, or several lines when each but the last ends in `\`."""
    parts: list[str] = []
    for line in lines:
        if line.endswith("\\"):
            parts.append(line[:-1])
            continue
        yield "\n".join([*parts, line])
        parts.clear()
    if parts:
        yield "\n".join(parts)


def open_reader(chat: Chat, keyboard: Keyboard) -> LineReader:
    """Open the input line of a chat."""
    settings = chat.session.settings
    preload = cache(lambda: _preload(chat.session))

    def edit(text: str) -> str:
        from mira_cli.session.editing import write_in_editor

        return write_in_editor(text, chat.streams.env)

    def stop_replacing() -> None:
        chat.replacing = False

    setup = PromptSetup(
        history_file=settings.paths.history_file if settings.history else "",
        vi=settings.vi,
        theme=settings.theme,
        words=lambda before: completions(chat, before),
        toolbar=lambda columns: toolbar(chat, columns),
        edit=edit,
        drawn=preload,  # now it delays nothing
        cleared=stop_replacing,
    )
    chat.reader = open_prompt(chat.streams, setup, keyboard)
    if not keyboard.edits:
        preload()  # nobody tells when the prompt is drawn
    return chat.reader


def completions(chat: Chat, before: str) -> Sequence[tuple[str, str]] | None:
    """The words that may follow `before`, with what each does; None where a path goes.

    Before a command there is "", before its argument "/model", "/set" or "/set theme".
    """
    from mira_cli.session.chat.commands import ALIASES, COMMANDS, help_of

    command, _, name = before.partition(" ")
    if not command:
        names = (*COMMANDS, *(each for each in ALIASES if each.startswith("/")))
        return [(each, help_of(ALIASES.get(each, each))) for each in names]
    if command in _PATHS_AFTER:
        return None
    words: Sequence[str] = ()
    setting = BY_NAME.get(name if command == "/set" else _SETTING_OF.get(command, ""))
    if command == "/set" and not name:
        words = [row.name for row in SETTINGS if row.in_chat or row.name == "key"]
    elif command == "/copy" and not name:
        words = ("code",)
    elif setting is not None and setting.name == "model":
        words = chat.models.names()
    elif setting is not None and setting.name == "prompt":
        from mira_cli.session import prompts

        words = prompts.names(chat.session.settings.paths)
    elif setting is not None:
        words = ("true", "false") if setting.is_switch else setting.choices
    return [(word, "") for word in words]


def toolbar(chat: Chat, columns: int) -> str:
    """`mira-pro · 3,140 of 28,000 tokens · 12 messages, 4 trimmed · /help`, as much of it as fits.

    Below 60 columns model and tokens alone; `~` stands before an estimate.
    """
    conversation = chat.session.conversation
    sent, messages = conversation.would_send(), 2 * len(conversation.turns)
    about = "~" if sent.estimated else ""
    shown = (
        f"{clean_line(chat.session.options.model)} · {about}{sent.tokens:,} of {conversation.budget:,} tokens"
    )
    waiting = f"{len(chat.files)} file{'s' * (len(chat.files) != 1)} to send" if chat.files else ""
    for part in (
        f"{messages:,} messages{f', {sent.dropped:,} trimmed' if sent.dropped else ''}",
        waiting,
        "replaces the last question" if chat.replacing else "/help",
    ):
        if part and columns >= max(_NARROW, len(f" {shown} · {part}")):
            shown += f" · {part}"
    return shown


def _preload(session: Session) -> None:
    """Load what the first turn needs, while the person types. Never waits.

    In one thread and in the order of use: two that load the same packages at once can stand in each other's
    way, which Python reports as an error in one of them.
    """

    def load() -> None:
        import_module("mira_cli.session.chat.commands")
        with suppress(MiraError):  # told when something is sent
            session.client.load()
        for name in (*_READS_REPLY, *(_DRAWS_REPLY if session.streams.draws else ())):
            import_module(name)

    in_background(load)
    _collect_garbage_again()


def _collect_garbage_again() -> None:
    """Collect reference cycles again, which short runs do without; what is loaded so far is exempt."""
    gc.freeze()
    gc.enable()
