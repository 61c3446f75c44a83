"""The line below the input line: model, tokens, messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.overview import standing_of
from mira_cli.terminal.sanitize import clean_line

if TYPE_CHECKING:
    from mira_cli.session.chat.state import Chat

_NARROW = 60  # columns below which only model and tokens are shown


def toolbar(chat: Chat, width: int) -> str:
    """`mira-pro · 3,140 of 28,000 tokens · 12 messages, 4 trimmed · /help`; `~` until the server counted."""
    conversation = chat.session.conversation
    standing = standing_of(conversation)
    about = "" if conversation.calibrated or not standing.tokens else "~"
    parts = [
        clean_line(chat.session.options.model),
        f"{about}{standing.tokens:,} of {standing.budget:,} tokens",
    ]
    if width >= _NARROW:
        messages = f"{standing.messages:,} message{'s' * (standing.messages != 1)}"
        parts.append(messages + (f", {standing.trimmed:,} trimmed" if standing.trimmed else ""))
        if chat.files:
            parts.append(f"{len(chat.files)} file{'s' * (len(chat.files) != 1)} to send")
        parts.append("takes the last question's place" if chat.replacing else "/help")
    return " · ".join(parts)
