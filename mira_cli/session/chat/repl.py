"""The loop of a chat: reads lines from a person or a pipe, and runs them one after the other."""

from __future__ import annotations

import gc
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from mira_cli.background import in_background
from mira_cli.errors import Interrupted, MiraError, OutputError
from mira_cli.session.chat.chat import Draft
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

_PLACEHOLDER, _AGAIN = "Ask anything", "↑ or /retry asks again"
_NARROW = 60  # columns; below, the toolbar only shows the model and the tokens


def converse(chat: Chat, reader: LineReader, first: str = "") -> None:
    """Ask `first`, then run what the user types, until they quit. Raises as `run_line`."""
    line = first
    if first.strip():
        if chat.draft.text:  # the question without a reply of a loaded file
            line, chat.draft = f"{chat.draft.line}\n\n{first}", Draft()
        reader.remember(line)
        chat.show_question(line)
    with suppress(EOFError):
        while True:
            try:
                if line.strip():
                    run_line(chat, line)
                line = ""
                line = _read(chat, reader)
            except KeyboardInterrupt as stop:  # stops only this line, unless an earlier one is being handled
                if ends_all(stop):
                    raise
                if line.strip():
                    chat.streams.note("Stopped.")
                line = ""
    if chat.questions:
        chat.streams.note(chat.summary())


def converse_piped(chat: Chat, first: str = "") -> None:
    """Ask `first`, then run the lines on standard input, until they end or one of them quits.

    Raises:
        UsageError, TooLargeError: Standard input cannot be read.
        Interrupted, OutputError, ReaderGone: As `run_line`.
    """
    from mira_cli.terminal.reading import stdin_lines

    _collect_garbage_again()
    with suppress(EOFError):
        if first.strip():
            run_line(chat, first)
        for message in joined(stdin_lines(chat.streams)):
            run_line(chat, message)


def run_line(chat: Chat, line: str) -> None:
    """Run a command, attach dropped files, or ask a question. Other errors are shown.

    Raises:
        EOFError: The user quits.
        Interrupted: A signal; Ctrl-C twice, or once in a pipe.
        OutputError: The replies cannot be written.
        ReaderGone: The reader of our output is gone.
    """
    from mira_cli.session.chat import chat_files, chat_turn, commands

    draft, chat.draft = chat.draft, Draft()
    try:
        if found := commands.find_command(line):
            name, rest = found
            commands.COMMANDS[name][0](chat, rest)
        elif chat.interactive and chat_files.is_dropped(line):
            chat_files.add_file(chat, line)
        elif line.strip():
            chat_turn.ask(chat, commands.as_message(line), replaces_last=draft.replaces_last)
    except (Interrupted, OutputError):
        raise
    except MiraError as error:
        chat.fail(error)


def _read(chat: Chat, reader: LineReader) -> str:
    """The next line that the user types. Raises as the reader."""
    chat.separate()
    placeholder = _AGAIN if chat.unanswered else "" if chat.session.conversation.turns else _PLACEHOLDER
    return reader.read(chat.draft.line, placeholder, returned=chat.draft.returned)


def joined(lines: Iterable[str]) -> Iterator[str]:
    r"""The messages: one a line; a line that ends in `\` continues on the next."""
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

    def clear_draft() -> None:
        chat.draft = Draft()

    setup = PromptSetup(
        history_file=settings.paths.history_file if settings.history else "",
        vi=settings.vi,
        theme=settings.theme,
        words=lambda before: completions(chat, before),
        toolbar=lambda columns: toolbar(chat, columns),
        edit=edit,
        drawn=preload,  # by then it delays nothing
        cleared=clear_draft,
    )
    chat.reader = open_prompt(chat.streams, setup, keyboard)
    if not keyboard.edits:
        preload()  # this reader doesn't call `drawn`
    return chat.reader


def completions(chat: Chat, before: str) -> Sequence[tuple[str, str]] | None:
    """The words that can follow `before`, each with a description; None for a path.

    `before` is "" for a command, and "/model", "/set" or "/set theme" for an argument.
    """
    from mira_cli.session.chat.commands import ALIASES, COMMANDS, help_of

    command, _, name = before.partition(" ")
    if not command:
        names = (*COMMANDS, *(each for each in ALIASES if each.startswith("/")))
        return [(each, help_of(ALIASES.get(each, each))) for each in names]
    if command in {"/file", "/save", "/load"}:
        return None
    name = {"/set": name, "/model": "model", "/prompt": "prompt"}.get(command, "")
    setting = BY_NAME.get(name)
    words: Sequence[str] = ()
    if before == "/copy":
        words = ("code",)
    elif before == "/set":
        words = [row.name for row in SETTINGS if row.in_chat or row.name == "key"]
    elif name == "model":
        words = chat.models.names()
    elif name == "prompt":
        from mira_cli.session import prompts

        words = prompts.names(chat.session.settings.paths)
    elif setting is not None:
        words = ("true", "false") if setting.is_switch else setting.choices
    return [(word, "") for word in words]


def toolbar(chat: Chat, columns: int) -> str:
    """`mira-pro · 3,140 of 28,000 tokens · 12 messages, 4 trimmed · /help`, as much as fits.

    Below 60 columns only the model and the tokens. `~` marks an estimate.
    """
    conversation = chat.session.conversation
    sent, messages = conversation.would_send(), 2 * len(conversation.turns)
    about = "~" if sent.estimated else ""
    model = clean_line(chat.session.options.model)
    shown = f"{model} · {about}{sent.tokens:,} of {conversation.budget:,} tokens"
    for part in (
        f"{messages:,} messages{f', {sent.dropped:,} trimmed' if sent.dropped else ''}",
        f"{len(chat.files)} file{'s' * (len(chat.files) != 1)} to send" if chat.files else "",
        "replaces the last question" if chat.draft.replaces_last else "/help",
    ):
        if part and columns >= max(_NARROW, len(f" {shown} · {part}")):
            shown += f" · {part}"
    return shown


def _preload(session: Session) -> None:
    """Load in the background what the first turn needs.

    In one thread and in the order of use: two threads that import the same packages at once can deadlock,
    which Python reports as an error in one of them.
    """

    def load() -> None:
        import_module("mira_cli.session.chat.commands")
        with suppress(MiraError):  # shown when something is sent
            session.client.load()
        import_module("mira_cli.api.stream")
        import_module("encodings.idna")
        if session.streams.draws:
            import_module("mira_cli.terminal.markdown.drawing")
            import_module("mira_cli.terminal.drawn_writers")

    in_background(load)
    _collect_garbage_again()


def _collect_garbage_again() -> None:
    """Collect reference cycles again, which short runs do without, but skip what is loaded already."""
    gc.freeze()
    gc.enable()
