"""What a chat came to: questions and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.conversation.reply import Usage


class Balance:
    """Counts up as a chat goes on.

    Attributes:
        questions: How many got a reply.
        tokens: What all turns took, as the server counted, else as we estimate.
        estimated: Whether any of it is an estimate.
    """

    def __init__(self) -> None:
        self.questions = 0
        self.tokens = 0
        self.estimated = False

    def add(self, usage: Usage) -> None:
        """Count what a turn took."""
        self.tokens += usage.total_tokens
        self.estimated |= usage.estimated

    def words(self, *, plain: bool = False) -> str:
        """`6 questions · 3,140 tokens`, or without a symbol."""
        about = "" if not self.estimated else "about " if plain else "~"
        questions = f"{self.questions:,} question{'s' * (self.questions != 1)}"
        return f"{questions}{', ' if plain else ' · '}{about}{self.tokens:,} tokens"
