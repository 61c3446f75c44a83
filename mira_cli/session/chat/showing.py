"""Shows messages of the conversation again: after a file was loaded, and with /show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.reply import Usage
from mira_cli.terminal.result import Result
from mira_cli.terminal.sanitize import clean

if TYPE_CHECKING:
    from mira_cli.conversation.message import Message
    from mira_cli.session.chat.chat import Chat


def show_message(chat: Chat, message: Message) -> None:
    """Show a message: a reply drawn as it was when it came, where standard output is a terminal.

    Elsewhere it goes to standard error: standard output gets only the replies of this chat.

    Raises:
        ReaderGone, OutputError, Interrupted: Standard output cannot be written.
    """
    text = chat.streams.redact(message.content)
    if message.role == "user":
        show_question(chat, text)
    elif not chat.streams.out_tty:
        chat.say(text)
    else:
        writer = chat.session.new_writer()
        writer.start(chat.session.options.model)
        writer.write(text)
        writer.done(Result(text, chat.session.options.model, "", Usage(0, 0, 0)))
    if not text.strip():
        chat.streams.note("(empty)")


def show_question(chat: Chat, text: str) -> None:
    """Show a question behind the sign of the input line."""
    sign = "› " if chat.streams.unicode_err and not chat.streams.plain else "> "
    chat.streams.draw(f"{sign}{clean(text)}\n")
