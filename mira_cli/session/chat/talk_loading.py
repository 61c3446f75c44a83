"""A conversation taken up from a file: by --load and /load of a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.file_format import REPLIES_SKIPPED
from mira_cli.conversation.history import LeftOut
from mira_cli.conversation.question import own_words
from mira_cli.terminal.sanitize import clean_paste

if TYPE_CHECKING:
    from mira_cli.conversation.file_format import StoredConversation
    from mira_cli.session.chat.state import Chat


def take_up(chat: Chat, stored: StoredConversation, path: str, *, system: str | None = None) -> None:
    """Put a conversation from a file in place of the one there is.

    Args:
        chat: The chat.
        stored: What the file holds.
        path: Its name.
        system: A system text that replaces the file's, "" to have none any more; None leaves it.
    """
    session = chat.session
    if stored.model and session.settings.source("model") in {"default", "the loaded file"}:
        chat.use_settings(session.settings.with_value("model", stored.model, source="the loaded file"))
    conversation = session.conversation  # what was learnt of the server stays, as after /clear
    conversation.system = (stored.system or conversation.system) if system is None else system
    conversation.clear()
    for turn in stored.turns:
        conversation.add(turn)
    session.left_out = LeftOut()
    chat.unanswered, chat.replacing = None, False
    if stored.skipped:
        chat.streams.note(REPLIES_SKIPPED)
    chat.streams.note(f"Loaded {2 * len(stored.turns)} messages from {path}.")
    if stored.turns:
        last = " ".join(own_words(stored.turns[-1].question.content)[:200].split())
        chat.streams.note(f"The last question: {last}")
    if chat.interactive:
        chat.draft = clean_paste(stored.unanswered)[0]
    else:
        chat.pending = stored.unanswered
