"""The loop of a chat: lines from a person or from a pipe, one after the other."""

from __future__ import annotations

import gc
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from mira_cli.background import in_background
from mira_cli.errors import Interrupted, MiraError, OutputError
from mira_cli.session import prompts
from mira_cli.session.chat import turn as chat_turn
from mira_cli.session.chat.commands import COMMANDS, as_message, find_command
from mira_cli.session.signals import ends_all
from mira_cli.settings.table import BY_NAME, SETTINGS
from mira_cli.terminal import color
from mira_cli.terminal.prompt.keyboard import can_edit
from mira_cli.terminal.prompt.reader import PromptSetup, open_prompt
from mira_cli.terminal.reading import stdin_lines
from mira_cli.terminal.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mira_cli.session.chat.chat import Chat
    from mira_cli.session.opening import Session
    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.prompt.reader import LineReader

_PATHS_AFTER = frozenset(("/file", "/save", "/load"))
_PLACEHOLDER, _AGAIN = "Ask anything", "↑ or /retry asks again"
_NARROW = 60  # columns below which the toolbar shows only model and tokens
_READS_REPLY = ("mira_cli.api.stream", "encodings.idna")
_DRAWS_REPLY = ("mira_cli.terminal.markdown.drawing", "mira_cli.terminal.drawn_writers")


def converse(chat: Chat, first: str = "") -> None:
    """Ask `first`, then what the person types, until they leave.

    Raises:
        Interrupted: A signal came, or Ctrl-C twice.
        OutputError: The replies cannot be written.
        ReaderGone: Nobody reads them any more.
    """
    line, reader = first, chat.reader
    if first.strip() and reader is not None:
        if chat.draft:  # the loaded file ends with a question
            line, chat.draft = f"{chat.draft}\n\n{first}", ""
        reader.remember(line)
        chat.show_question(line, whole=False)
    while reader is not None and not chat.leaving:
        if line.strip():
            _run_line(chat, line)
        line = "" if chat.leaving else _read(chat, reader)
    chat.save_if_changed()
    if chat.totals.questions:
        chat.streams.note(chat.totals.summary(plain=chat.streams.plain))


def converse_piped(chat: Chat, first: str = "") -> int:
    """Ask `first`, then what the lines of standard input say, until they end or one of them leaves.

    Returns:
        The exit code: that of the last line that failed, 0 if none did.

    Raises:
        MiraError: Standard input cannot be read, a signal came, or the replies cannot be written.
        ReaderGone: Nobody reads them any more.
    """
    _collect_garbage_again()
    if first.strip():
        run_line(chat, first)
    for message in joined(stdin_lines(chat.streams)):
        if chat.leaving:
            break
        run_line(chat, message)
    chat.save_if_changed()
    return chat.exit_code


def run_line(chat: Chat, line: str) -> None:
    """Do what a line says: a command or a question. An empty one only ends a change that /edit began.

    Raises:
        Interrupted: The chat is to end.
        OutputError: Its replies cannot be written.
        ReaderGone: Nobody reads them any more.
    """
    try:
        found = find_command(line)
        if found is not None:
            command, rest = found
            chat.replacing = False
            command.run(chat, rest)
        elif line.strip():
            chat_turn.ask(chat, as_message(line))
        else:
            chat.replacing = False
    except (Interrupted, OutputError):
        raise
    except MiraError as error:
        chat.fail(error)


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


def open_reader(chat: Chat, keyboard: Keyboard) -> None:
    """Open the input line of a chat, from which it reads from now on."""
    settings = chat.session.settings
    preload = cache(lambda: _preload(chat.session))

    def edit(text: str) -> str:
        from mira_cli.session.editing import write_in_editor

        return write_in_editor(text, chat.env)

    def stop_replacing() -> None:
        chat.replacing = False

    setup = PromptSetup(
        history_file=settings.paths.history_file if settings.history else "",
        vi=settings.vi,
        commands=[(name, command.help) for command in COMMANDS for name in (command.name, *command.also)],
        values=lambda typed: completions(chat, typed),
        paths_after=_PATHS_AFTER,
        toolbar=lambda width: toolbar(chat, width),
        edit=edit,
        note=chat.streams.note,
        drawn=preload,  # now it delays nothing
        cleared=stop_replacing,
        accent=color.accent(settings.theme),
    )
    chat.reader = open_prompt(chat.streams, setup, keyboard)
    if not can_edit(chat.streams):
        preload()  # nobody tells when the prompt is drawn


_SETTING_OF = {"/model": "model", "/prompt": "prompt"}


def completions(chat: Chat, typed: str) -> Sequence[str]:
    """What may follow a command that takes a word: "/model", "/prompt", "/set theme", "/copy"."""
    command, _, name = typed.partition(" ")
    if command == "/set" and not name:
        return [row.name for row in SETTINGS if row.in_chat or row.name == "key"]
    if command == "/copy" and not name:
        return ("code",)
    setting = BY_NAME.get(name if command == "/set" else _SETTING_OF.get(command, ""))
    if setting is None:
        return ()
    if setting.name == "model":
        return chat.models.names()
    if setting.name == "prompt":
        return prompts.names(chat.session.settings.paths)
    return ("true", "false") if setting.is_switch else setting.choices


def toolbar(chat: Chat, width: int) -> str:
    """`mira-pro · 3,140 of 28,000 tokens · 12 messages, 4 trimmed · /help`; `~` for an estimate."""
    conversation = chat.session.conversation
    sent, messages = conversation.would_send(), 2 * len(conversation.turns)
    about = "~" if sent.estimated else ""
    parts = [
        clean_line(chat.session.options.model),
        f"{about}{sent.tokens:,} of {conversation.budget:,} tokens",
    ]
    if width >= _NARROW:
        trimmed = f", {sent.dropped:,} trimmed" if sent.dropped else ""
        parts.append(f"{messages:,} messages{trimmed}")
        if chat.files:
            parts.append(f"{len(chat.files)} file{'s' * (len(chat.files) != 1)} to send")
        parts.append("replaces the last question" if chat.replacing else "/help")
    return " · ".join(parts)


def _preload(session: Session) -> None:
    """Load what the first reply needs, and connect, while the person types. Never waits."""
    session.client.warm_up()
    draws = session.streams.out_tty and not session.streams.plain
    in_background(lambda: _load((*_READS_REPLY, *(_DRAWS_REPLY if draws else ()))))


def _load(names: tuple[str, ...]) -> None:
    for name in names:
        import_module(name)
    _collect_garbage_again()


def _collect_garbage_again() -> None:
    """Collect reference cycles again, which short runs do without; what is loaded so far is exempt."""
    gc.freeze()
    gc.enable()


def _read(chat: Chat, reader: LineReader) -> str:
    """What the person types next, "" if they leave, or if Ctrl-C came before the input line was there."""
    if chat.prompted:
        chat.streams.empty_row()
    chat.prompted = True
    placeholder = _AGAIN if chat.unanswered else "" if chat.session.conversation.turns else _PLACEHOLDER
    try:
        line = reader.read(chat.draft, placeholder, returned=chat.draft_returned)
    except EOFError:
        chat.leaving = True
        return ""
    except KeyboardInterrupt as stop:
        if ends_all(stop):
            raise
        return ""  # there was nothing to stop
    chat.draft, chat.draft_returned = "", False
    return line


def _run_line(chat: Chat, line: str) -> None:
    """Run a line. Ctrl-C stops that alone, unless it comes while an earlier one is still being handled."""
    try:
        run_line(chat, line)
    except KeyboardInterrupt as stop:
        if ends_all(stop):
            raise
        chat.streams.note("Stopped.")
