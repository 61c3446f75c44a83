"""What one line of a chat does: a command, or a question. The chat goes on whatever becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.errors import Interrupted, MiraError, OutputError
from mira_cli.session.chat import turn as chat_turn
from mira_cli.session.chat.slash import as_message, find_command

if TYPE_CHECKING:
    from mira_cli.session.chat.state import Chat


def take_line(chat: Chat, line: str) -> None:
    """Do what a line says. An empty one only ends a change that /edit began.

    Raises:
        Interrupted: The chat is to end.
        OutputError: Its answers cannot be written.
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
