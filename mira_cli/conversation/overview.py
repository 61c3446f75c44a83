"""How a conversation looks to the person in it: the numbers of the toolbar, the rows of /context."""

from __future__ import annotations

from mira_cli.light_typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mira_cli.conversation.message import Role

START_LENGTH = 200


class Standing(NamedTuple):
    """Where the conversation stands before the next question.

    Attributes:
        tokens: Estimated tokens that would be sent.
        budget: Tokens that may be.
        messages: Messages in memory, without the system message.
        trimmed: How many of them would be left out.
    """

    tokens: int
    budget: int
    messages: int
    trimmed: int


class Row(NamedTuple):
    """One message and whether it would be sent.

    Attributes:
        number: Counted from 1; the system message is 0.
        role: Who said it.
        tokens: Estimated, as the server would count them.
        sent: Whether the next request holds it.
        pinned: Whether it is sent in any case.
        cut: Whether it ended before it was complete.
        start: The beginning of its text on one line, at most `START_LENGTH` characters.
    """

    number: int
    role: Role
    tokens: int
    sent: bool
    pinned: bool
    cut: bool
    start: str
