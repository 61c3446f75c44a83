"""A conversation taken up from a file: by --load and /load of a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.history import LeftOut
from mira_cli.conversation.question import own_words
from mira_cli.conversation.talk import LEFT_OUT
from mira_cli.terminal.sanitize import clean_paste

if TYPE_CHECKING:
    from mira_cli.conversation.talk import Talk
    from mira_cli.session.chat.state import Chat


def take_up(chat: Chat, talk: Talk, path: str, *, system: str | None = None) -> None:
    """Put a conversation from a file in place of the one there is.

    Args:
        chat: The chat.
        talk: What the file holds.
        path: Its name.
        system: A system text that replaces the file's, "" to have none any more; None leaves it.
    """
    session = chat.session
    if talk.model and session.settings.source("model") in {"default", "the loaded file"}:
        chat.use_settings(session.settings.with_value("model", talk.model, source="the loaded file"))
    conversation = session.conversation  # what was learnt of the server stays, as after /clear
    conversation.system = (talk.system or conversation.system) if system is None else system
    conversation.clear()
    for turn in talk.turns:
        conversation.add(turn)
    session.left_out = LeftOut()
    chat.unanswered, chat.replacing = None, False
    if talk.left_out:
        chat.streams.note(LEFT_OUT)
    chat.streams.note(f"Loaded {2 * len(talk.turns)} messages from {path}.")
    if talk.turns:
        last = " ".join(own_words(talk.turns[-1].question.content)[:200].split())
        chat.streams.note(f"The last question: {last}")
    if chat.interactive:
        chat.draft = clean_paste(talk.pending)[0]
    else:
        chat.pending = talk.pending
