"""`mira chat`: shows the header before anything large is loaded, then starts the chat."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from mira_cli.errors import UsageError
from mira_cli.session.startup import find_or_ask_key, open_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.session.chat.chat import Chat
    from mira_cli.settings.keys import Key
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams

_HELP = "/help lists commands"


class ChatOptions(NamedTuple):
    """Options of one `mira chat` that are not settings.

    Attributes:
        question: A first question, "" for none.
        files: Names of files for the first question.
        conversation: File of the conversation to continue and to save after each turn.
        load: File of the conversation to start with.
        save: File to save the conversation in after each turn.
    """

    question: str = ""
    files: tuple[str, ...] = ()
    conversation: str | None = None
    load: str | None = None
    save: str | None = None
    raw: bool = False
    quiet: bool = False
    verbose: bool = False


def chat(options: ChatOptions, flags: Mapping[str, object], streams: Streams, env: Mapping[str, str]) -> int:
    """Chat until the user quits, or a pipe ends. `flags`: the flags that are settings, by name.

    Returns:
        The exit code: 0 for a person; in a pipe, that of the last line that failed.

    Raises:
        MiraError: The chat cannot start, was ended by a signal, or its replies cannot be written.
        ReaderGone: The reader of our output is gone.
    """
    for name, value in (("--load", options.load), ("--save", options.save)):
        if options.conversation is not None and value is not None:
            raise UsageError(
                f"--conversation and {name} can't be combined.",
                hint="--conversation FILE loads FILE and saves to it.",
            )
    settings = open_settings(streams, env, flags, quiet=options.quiet, verbose=options.verbose)
    streams.check_stdout()
    key = find_or_ask_key(streams, env, settings)
    with ExitStack() as stack:
        keyboard = reader = None
        if streams.in_tty:
            from mira_cli.terminal.prompt.keyboard import held_keys

            # before the header, so that typed keys aren't echoed into it
            keyboard = stack.enter_context(held_keys(streams))
            _show_header(streams, settings)
        chat = _open(options, settings, streams, env, key)
        stack.callback(chat.close)
        from mira_cli.session.chat import repl

        if keyboard is not None:
            reader = repl.open_reader(chat, keyboard)
        paths = (options.conversation, options.load, options.save)
        if paths != (None, None, None):
            from mira_cli.session.chat.chat_files import open_files

            system = settings.system if "system" in flags or "prompt" in flags else None
            stack.enter_context(open_files(chat, *paths, system))
        if reader is None:
            repl.converse_piped(chat, options.question)
        else:
            streams.prefix = ""
            repl.converse(chat, reader, options.question)
    return 0 if reader is not None else chat.exit_code


def _show_header(streams: Streams, settings: Settings) -> None:
    """Show the first line, as much of it as fits."""
    name, between, end, new_line = settings.model, " · ", "", "Alt-Enter"
    if streams.plain:  # in words: a screen reader reads signs out
        name, between, end, new_line = f"Mira, model {settings.model}", ". ", ".", "\\ Enter"
    headers = (
        f"{name}{between}Enter sends, {new_line} adds a line, {_HELP}{end}",
        f"{name}{between}{_HELP}{end}",
    )
    width = streams.err_width()
    streams.note(next((header for header in headers if len(header) <= width), name))


def _open(
    options: ChatOptions, settings: Settings, streams: Streams, env: Mapping[str, str], key: Key
) -> Chat:
    """A chat before its first turn, with the files of --file attached."""
    from mira_cli.conversation.history import Conversation
    from mira_cli.session.chat.chat import Chat
    from mira_cli.session.opening import budget_from, open_session

    conversation = Conversation(settings.system, budget=budget_from(settings))
    session = open_session(streams, env, settings, conversation, key=key, raw=options.raw)
    session.prefix = "Mira: " if streams.plain else ""
    chat = Chat(session, key)
    for path in options.files:
        from mira_cli.session.chat.chat_files import attach

        attach(chat, path)
    return chat
