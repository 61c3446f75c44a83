"""Shows messages of the conversation again: after a file was loaded, and with /show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.reply import Usage
from mira_cli.masking import redact
from mira_cli.terminal.prompt.reader import first_lines
from mira_cli.terminal.result import Result

if TYPE_CHECKING:
    from mira_cli.conversation.message import Message
    from mira_cli.session.chat.chat import Chat


def show_message(chat: Chat, message: Message) -> None:
    """Show a message: a reply drawn as it was when it came, where standard output is a terminal.

    Elsewhere it goes to standard error: standard output gets only the replies of this chat.

    Raises:
        ReaderGone, OutputError, Interrupted: Standard output cannot be written.
    """
    text = redact(message.content)
    if message.role == "user":
        show_question(chat, text)
    elif not chat.streams.out_tty:
        chat.say(text)
    else:
        chat.streams.empty_row()
        writer = chat.session.new_writer()
        writer.start(chat.session.options.model)
        writer.write(text)
        writer.done(Result(text, chat.session.options.model, "", Usage(0, 0, 0)))
    if not text.strip():
        chat.streams.note("(empty)")


def show_question(chat: Chat, text: str, *, whole: bool = True) -> None:
    """Show a question as the input line leaves it, an empty row above it unless it is the first.

    Args:
        chat: The chat.
        text: The question.
        whole: Show all lines of a long one.
    """
    streams = chat.streams
    if chat.prompted:
        streams.empty_row()
    chat.prompted = True
    shown, hidden = (text, 0) if whole or streams.plain else first_lines(text)
    streams.question(shown, chat.session.settings.theme)
    if hidden:
        streams.note(f"… {hidden:,} more lines", always=True)
