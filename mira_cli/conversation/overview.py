"""What a chat shows of its conversation: the numbers of the toolbar, the rows of /context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.conversation.trimming import measure

if TYPE_CHECKING:
    from mira_cli.conversation.history import Conversation
    from mira_cli.conversation.message import Role

START_LENGTH = 200


@dataclass(frozen=True, slots=True)
class ContextUse:
    """What the next request would send before its question.

    Attributes:
        tokens: Tokens that would be sent.
        estimated: Whether that is our estimate, not the server's count.
        budget: Tokens that may be.
        messages: Messages in memory, without the system message.
        trimmed: How many of them would be left out.
    """

    tokens: int
    estimated: bool
    budget: int
    messages: int
    trimmed: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message and whether it would be sent.

    Attributes:
        number: Counted from 1; the system message is 0.
        role: Whose it is.
        tokens: Estimated, as the server would count them.
        sent: Whether the next request holds it.
        pinned: Whether it is always sent.
        cut: Whether it is incomplete.
        start: The beginning of its text on one line, at most `START_LENGTH` characters.
    """

    number: int
    role: Role
    tokens: int
    sent: bool
    pinned: bool
    cut: bool
    start: str


def context_use(conversation: Conversation) -> ContextUse:
    """What the next request would send before its question."""
    chosen = conversation.would_send()
    messages = 2 * len(conversation.turns)
    left_out = messages - 2 * len(chosen.kept)
    counted = conversation.counted(chosen.kept)
    tokens = conversation.tokens(chosen.size) if counted is None else counted
    return ContextUse(tokens, counted is None and tokens > 0, conversation.budget, messages, left_out)


def message_rows(conversation: Conversation) -> list[MessageRow]:
    """One row a message."""
    made: list[MessageRow] = []

    def add(
        number: int, role: Role, text: str, *, sent: bool, pinned: bool = False, cut: bool = False
    ) -> None:
        start = " ".join(text[: 2 * START_LENGTH].split())[:START_LENGTH]
        made.append(MessageRow(number, role, conversation.tokens(measure(text)), sent, pinned, cut, start))

    if conversation.system:
        add(0, "system", conversation.system, sent=True)
    kept = set(conversation.would_send().kept)
    for index, turn in enumerate(conversation.turns):
        sent = index in kept
        add(2 * index + 1, "user", turn.question.content, sent=sent, pinned=turn.pinned)
        add(2 * index + 2, "assistant", turn.reply.content, sent=sent, pinned=turn.pinned, cut=turn.cut)
    return made
