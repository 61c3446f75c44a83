"""Opens a chat: session, input line, files; then hands it to a person or to the lines of a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.history import Conversation
from mira_cli.errors import UsageError
from mira_cli.session.chat.model_list import ModelList
from mira_cli.session.chat.state import Chat
from mira_cli.session.opening import budget_from, open_session
from mira_cli.terminal.reading import read_text_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.session.chat.options import ChatOptions
    from mira_cli.settings.keys import Key
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.streams import Streams


def hold_chat(
    options: ChatOptions,
    settings: Settings,
    key: Key,
    flags: Mapping[str, object],
    streams: Streams,
    env: Mapping[str, str],
    keyboard: Keyboard | None = None,
) -> int:
    """Talk until the person leaves, or the lines of a pipe end; see `chatting.chat`."""
    chat = _open(options, settings, streams, env, key)
    chat.files = [(name, _text_of(name, streams)) for name in options.files]
    first = " ".join(options.words)
    try:
        if keyboard is not None:
            from mira_cli.session.chat.repl import converse, open_reader

            open_reader(chat, keyboard)
            _take_up_files(chat, options, flags)
            streams.prefix = ""
            if first and chat.draft:  # the file ends with a question: asked along
                first, chat.draft = f"{chat.draft}\n\n{first}", ""
            converse(chat, first)
            return 0
        from mira_cli.session.chat.piped import converse_piped

        _take_up_files(chat, options, flags)
        return converse_piped(chat, first)
    finally:
        chat.session.client.close()


def _open(
    options: ChatOptions, settings: Settings, streams: Streams, env: Mapping[str, str], key: Key
) -> Chat:
    conversation = Conversation(settings.system, budget=budget_from(settings))
    session = open_session(streams, env, settings, conversation, key=key, raw=options.raw)
    session.prefix = "Mira: " if streams.plain else ""
    return Chat(session, env, key, ModelList(lambda: session.client.models()))  # noqa: PLW0108 - it may be replaced


def _take_up_files(chat: Chat, options: ChatOptions, flags: Mapping[str, object]) -> None:
    if options.load or options.save:
        from mira_cli.session.chat.files import take_up_files

        take_up_files(chat, options.load, options.save, own_system="system" in flags)


def _text_of(name: str, streams: Streams) -> str:
    """The text of a file for the first question.

    Raises:
        UsageError: It cannot be read, or is standard input, where the chat comes from.
    """
    if name == "-":
        raise UsageError("Standard input holds the messages of a chat.", hint="Name a file, or use: mira ask")
    return read_text_file(name, streams)
