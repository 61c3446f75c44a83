"""`mira chat`: settings and header first, before anything large is loaded; then the chat itself."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mira_cli.session.startup import find_or_ask_key, open_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mira_cli.session.chat.chat import Chat
    from mira_cli.session.chat.options import ChatOptions
    from mira_cli.settings.keys import Key
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.streams import Streams

_KEYS, _PLAIN_KEYS = "Enter sends, Alt-Enter adds a line", "Enter sends, \\ Enter adds a line"
_HELP = "/help lists commands"


def chat(options: ChatOptions, flags: Mapping[str, object], streams: Streams, env: Mapping[str, str]) -> int:
    """Chat until the person leaves, or the lines of a pipe end.

    Args:
        options: What was asked for on the command line.
        flags: The flags that are settings, by name.
        streams: The standard streams.
        env: The environment.

    Returns:
        The exit code: 0 for a person; for a pipe that of the last line that failed.

    Raises:
        MiraError: The chat cannot begin, was ended by a signal, or its replies cannot be written.
        ReaderGone: Nobody reads the replies any more.
    """
    options.check()
    settings = open_settings(streams, env, flags, quiet=options.quiet, verbose=options.verbose)
    streams.check_stdout()
    key = find_or_ask_key(streams, env, settings)
    own_system = "system" in flags or "prompt" in flags
    if not streams.in_tty:
        with _open(options, settings, streams, env, key) as chat:
            return _run_piped(chat, options, own_system=own_system)
    from mira_cli.terminal.prompt.keyboard import hold_keys

    keyboard = hold_keys(streams)  # before the header, so that nothing typed is echoed into it
    try:
        _show_header(streams, settings)
        with _open(options, settings, streams, env, key) as chat:
            return _run_on_terminal(chat, options, keyboard, own_system=own_system)
    finally:
        keyboard.release()


def _show_header(streams: Streams, settings: Settings) -> None:
    """The first line, as much of it as fits, before the input line is loaded."""
    if streams.plain:  # in words and commas: a screen reader reads signs out
        name = f"Mira, model {settings.model}"
        keys_, help_, between = _PLAIN_KEYS, f"{_HELP}.", ". "
    else:
        name = settings.model
        keys_, help_, between = _KEYS, _HELP, " · "
    headers = (f"{name}{between}{keys_}, {help_}", f"{name}{between}{help_}", name)
    width = streams.err_width()
    streams.note(next((header for header in headers if len(header) <= width), name))


@contextmanager
def _open(
    options: ChatOptions, settings: Settings, streams: Streams, env: Mapping[str, str], key: Key
) -> Iterator[Chat]:
    """A chat with the files of the command line, before its first turn."""
    from mira_cli.conversation.history import Conversation
    from mira_cli.session.chat.chat import Chat
    from mira_cli.session.opening import budget_from, open_session

    conversation = Conversation(settings.system, budget=budget_from(settings))
    session = open_session(streams, env, settings, conversation, key=key, raw=options.raw)
    session.prefix = "Mira: " if streams.plain else ""
    chat = Chat(session, env, key)
    try:
        chat.files = [(name, _text_of(name, streams)) for name in options.files]
        yield chat
    finally:
        session.client.close()


def _run_on_terminal(chat: Chat, options: ChatOptions, keyboard: Keyboard, *, own_system: bool) -> int:
    from mira_cli.session.chat.repl import converse, open_reader
    from mira_cli.session.chat.saving import open_files

    open_reader(chat, keyboard)
    with open_files(chat, options, own_system=own_system):
        chat.streams.prefix = ""
        first = " ".join(options.words)
        if first and chat.draft:  # the loaded file ends with a question: it is sent together with the first
            first, chat.draft = f"{chat.draft}\n\n{first}", ""
        converse(chat, first)
    return 0


def _run_piped(chat: Chat, options: ChatOptions, *, own_system: bool) -> int:
    from mira_cli.session.chat.repl import converse_piped
    from mira_cli.session.chat.saving import open_files

    with open_files(chat, options, own_system=own_system):
        return converse_piped(chat, " ".join(options.words))


def _text_of(name: str, streams: Streams) -> str:
    """The text of a file for the first question.

    Raises:
        UsageError: It cannot be read, or is standard input, where the chat comes from.
    """
    from mira_cli.errors import UsageError
    from mira_cli.terminal.reading import is_stdin, read_text_file

    if is_stdin(name):
        raise UsageError(
            "In a chat, standard input holds the messages.", hint="Give a file name, or use: mira ask"
        )
    return read_text_file(name, streams)
