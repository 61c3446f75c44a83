"""The conversation in memory. Each request sends as many whole turns as fit."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING

from mira_cli.conversation.message import Message, StoredTurn
from mira_cli.conversation.sizes import (
    FOLD,
    MAX_MESSAGE_BYTES,
    MAX_MESSAGES,
    MAX_MESSAGES_BYTES,
    MAX_REQUEST_BYTES,
    Size,
    check_length,
    measure,
    utf8_bytes,
)
from mira_cli.errors import ContextError, TooLargeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Limits for correcting our token estimate by the server's count. Not below 1: a server that counts words
# reports fewer tokens than its window uses. Not above 3: a prompt that the server adds to a short question
# would weigh too much.
_LOWEST_FACTOR = 1.0
_HIGHEST_FACTOR = 3.0
_NOTHING = Size()

# A model that repeats text starts at a word. A short match inside a word is a coincidence: "ban" + "ana".
_SHORTEST_OVERLAP = 3
# Longer than any reply; bounds the cost for hostile text.
_LONGEST_OVERLAP = 64_000


@dataclass(frozen=True, slots=True)
class Trimmed:
    """The messages that a request sends, and what it leaves out.

    Attributes:
        messages: `system? (user assistant)* user`.
        kept: Indexes of the turns among them.
        dropped: Messages of the conversation that were left out.
        too_long: Messages over the API's limit, left out with their turns: name and size by number, as in
            /context.
        limit: The limit that made the oldest messages drop: "27,034 tokens", "200 messages"; "" for none.
        tokens: Tokens of `messages`.
        least: Estimated tokens of the parts that are always sent: system text, pinned turns, question.
        raw: Our estimate of `tokens` before calibration.
        estimated: Whether `tokens` is an estimate, not the server's count.
    """

    messages: tuple[Message, ...]
    kept: tuple[int, ...] = ()
    dropped: int = 0
    too_long: Mapping[int, str] = field(default_factory=dict)
    limit: str = ""
    tokens: int = 0
    least: int = 0
    raw: int = 0
    estimated: bool = True

    def notices(self, before: Trimmed | None) -> list[str]:
        """Why messages are left out: a sentence for each reason that is new since the request `before`."""
        known, known_limit = (before.too_long, before.limit) if before else ({}, "")
        limit = f"the API takes at most {MAX_MESSAGE_BYTES:,} a message."
        notices = [
            f"Left out {what}; {limit}" for number, what in self.too_long.items() if number not in known
        ]
        if self.limit and self.limit != known_limit:
            oldest = self.dropped - 2 * len(self.too_long)
            notices.append(f"Dropped the {oldest:,} oldest messages to stay within {self.limit}.")
        return notices


class Conversation:
    """A system prompt and turns. Keeps all turns, and sends the latest that fit the token budget.

    Args:
        system: The system prompt, "" for none.
        budget: Tokens a request may take.
        turns: The turns so far, oldest first.
    """

    def __init__(self, system: str = "", *, budget: int, turns: Iterable[StoredTurn] = ()) -> None:
        self.system = system
        self.budget = budget
        self.turns = tuple(turns)
        self._factor = 1.0
        self._counted: tuple[tuple[Message, ...], int] | None = None  # by the server: messages and tokens

    @property
    def budget(self) -> int:
        """The token limit of a request; reduced after the server found one too long."""
        return self._budget

    @budget.setter
    def budget(self, tokens: int) -> None:
        self._budget = self._whole_budget = tokens

    def with_question(self, text: str, *, keep_last: bool = False, folded: bool = False) -> Trimmed:
        """The messages to send with a question. Changes nothing.

        Goes back from the latest turn to the first that does not fit, so that old turns are not measured.
        Turns with a message over the API's limit are skipped.

        Args:
            text: The question.
            keep_last: Always send the last turn, since the question is about it; if its reply is too long,
                the end of the reply.
            folded: The system prompt is sent inside the first question, which must have room for it.

        Raises:
            TooLargeError: A message that must be sent, or the request, is over the API's size in bytes.
            ContextError: What must be sent is over the budget.
        """
        turns, newest = self.turns, measure(text)
        if keep_last and turns:
            turns = (*turns[:-1], self._with_end_of_reply(newest))
        sent = self._select(turns, newest, folded=folded)
        return replace(sent, messages=(*sent.messages, Message("user", text)))

    def would_send(self) -> Trimmed:
        """The messages that the next request sends before its question; no turns if they can't fit."""
        try:
            sent = self._select(self.turns, _NOTHING)
        except (ContextError, TooLargeError):
            sent = Trimmed(
                self._messages(()), dropped=2 * len(self.turns), tokens=self._tokens(self._system_size)
            )
        if self._counted is not None and self._counted[0] == sent.messages:
            return replace(sent, tokens=self._counted[1], estimated=False)
        return replace(sent, estimated=sent.tokens > 0)

    def tokens(self, text: str) -> int:
        """Estimated tokens of a message, as the server would count them."""
        return self._tokens(measure(text))

    def remember(self, question: str, reply: str, *, cut: bool = False, pinned: bool = False) -> None:
        """Store a turn, unless the reply is empty."""
        if reply:
            self.turns = (*self.turns, StoredTurn.of(question, reply, cut=cut, pinned=pinned))

    def join_last(self, rest: str, *, cut: bool = False) -> None:
        """Append `rest` to the last reply, without repeated text. `cut`: it is still incomplete."""
        *before, last = self.turns
        reply = Message("assistant", join(last.reply.content, rest))
        self.turns = (*before, replace(last, reply=reply, cut=cut))

    def pin(self, number: int, *, pinned: bool | None = None) -> StoredTurn:
        """Pin the turn of a message, so that it is always sent, or unpin it. Returns the turn.

        Args:
            number: The number of the question or its reply, from 1, without the system message.
            pinned: Pin or unpin; None to toggle.

        Raises:
            UsageError: There is no such message.
            TooLargeError: A message of its turn is over the API's length, so it cannot be sent.
        """
        if not 1 <= number <= 2 * len(self.turns):
            raise UsageError(f"There is no message {number} to pin.", hint="/context shows their numbers.")
        index = (number - 1) // 2
        turn = self.turns[index]
        turn = replace(turn, pinned=not turn.pinned if pinned is None else pinned)
        if turn.pinned:
            check_length("This message", turn.size)
        self.turns = (*self.turns[:index], turn, *self.turns[index + 1 :])
        return turn

    def calibrate(self, sent: Trimmed, prompt_tokens: int) -> None:
        """Correct our estimate by the server's token count for a request; 0 is ignored."""
        if prompt_tokens > 0:
            self._factor = min(max(prompt_tokens / sent.raw, _LOWEST_FACTOR), _HIGHEST_FACTOR)

    def set_count(self, sent: Trimmed, tokens: int) -> None:
        """Use the server's token count for a request and its reply, which is now the last turn."""
        self._counted = (*sent.messages, self.turns[-1].reply), tokens

    def halve_budget(self, refused: Trimmed) -> bool:
        """Halve the budget, after the server refused a request as too long.

        Returns:
            Whether the next try sends less; False if there is nothing left to drop.
        """
        if refused.tokens <= refused.least:
            return False
        self._budget = max(min(self._budget, refused.tokens) // 2, refused.least)
        return True

    @property
    def _system_size(self) -> Size:
        return measure(self.system) if self.system else _NOTHING

    def _tokens(self, size: Size) -> int:
        return ceil(size.tokens * self._factor)

    def _exceeded_by(self, size: Size, budget: int) -> str:
        """The limit that a request of this size exceeds, "" for none."""
        if size.messages > MAX_MESSAGES:
            return f"{MAX_MESSAGES} messages"
        if self._tokens(size) > budget:
            return f"{budget:,} tokens"
        return f"{MAX_REQUEST_BYTES:,} bytes" if size.wire > MAX_MESSAGES_BYTES else ""

    def _select(self, turns: Sequence[StoredTurn], newest: Size, *, folded: bool = False) -> Trimmed:
        """The system message, the pinned turns and the latest turns that fit with a question of this size.

        Raises:
            TooLargeError, ContextError: As `with_question`.
        """
        system, pinned = self._system_size, Size().plus(*(turn.size for turn in turns if turn.pinned))
        must = total = system.plus(pinned, newest)
        self._check(system, pinned, newest)
        room = MAX_MESSAGE_BYTES - (system.longest + len(FOLD) if folded and self.system else 0)
        kept = {index for index, turn in enumerate(turns) if turn.pinned}
        too_long, limit = dict[int, str](), ""
        for index in reversed(range(len(turns))):
            if index in kept:
                continue
            size = turns[index].size
            if size.longest > room:
                too_long |= self._too_long(index)
                continue
            if limit := self._exceeded_by(total.plus(size), self._budget):
                break
            total = total.plus(size)
            kept.add(index)
        if not kept and newest.longest > room:
            raise TooLargeError(
                f"The system message and the question are {system.longest:,} + {newest.longest:,} bytes,"
                f" sent as one; the API takes at most {MAX_MESSAGE_BYTES:,} bytes a message.",
                hint="Shorten one of them, or turn fold_system off.",
            )
        sent = [turns[index] for index in sorted(kept)]
        return Trimmed(
            self._messages(sent),
            tuple(sorted(kept)),
            2 * (len(turns) - len(sent)),
            dict(sorted(too_long.items())),
            limit,
            self._tokens(total),
            self._tokens(must),
            total.tokens,
        )

    def _messages(self, turns: Iterable[StoredTurn]) -> tuple[Message, ...]:
        system = (Message("system", self.system),) if self.system else ()
        return (*system, *(message for turn in turns for message in (turn.question, turn.reply)))

    def _check(self, system: Size, pinned: Size, newest: Size) -> None:
        """Raise if the parts that are always sent exceed a limit."""
        check_length("The system message", system)
        check_length("A pinned message", pinned)
        check_length("The question", newest)
        must = system.plus(pinned, newest)
        if not self._exceeded_by(must, self._whole_budget):
            return
        named = {"the system message": system, "the pinned messages": pinned, "the question": newest}
        tokens = {what: self._tokens(size) for what, size in named.items() if size.messages}
        *others, last = tokens
        parts = f"{', '.join(others)} and {last} take" if others else f"{last} takes"
        parts = parts[0].upper() + parts[1:]
        hint = "Unpin a message, or shorten the question." if pinned.messages else "Shorten the question."
        if must.messages > MAX_MESSAGES:
            raise ContextError(
                f"{parts} {must.messages:,} messages; the API takes at most {MAX_MESSAGES}.", hint=hint
            )
        if self._tokens(must) <= self._whole_budget:
            raise TooLargeError(
                f"{parts} {must.wire:,} bytes; the API takes at most {MAX_REQUEST_BYTES:,} bytes a request.",
                hint=hint,
            )
        summands = " + ".join(f"{part:,}" for part in tokens.values()) + " = " if others else ""
        raise ContextError(
            f"{parts} about {summands}{self._tokens(must):,} tokens; {self._whole_budget:,} fit.",
            hint=f"{hint[:-1]}, raise --context, or use a model with a larger context window.",
        )

    def _with_end_of_reply(self, newest: Size) -> StoredTurn:
        """The last turn, pinned; if its reply is too long to send, only the end of the reply."""
        *before, last = self.turns
        reply = last.reply.content
        pinned = (turn.size for turn in before if turn.pinned)
        must = self._system_size.plus(newest, measure(last.question.content), *pinned)

        def is_too_long(characters: int) -> bool:
            size = measure(reply[-characters:])
            return size.longest > MAX_MESSAGE_BYTES or bool(
                self._exceeded_by(must.plus(size), self._whole_budget)
            )

        most = bisect_left(range(1, len(reply) + 1), True, key=is_too_long)
        return StoredTurn.of(last.question.content, reply[-most:] if most else reply, pinned=True)

    def _too_long(self, index: int) -> dict[int, str]:
        """The longer message of a turn: its number, and its name and size."""
        turn = self.turns[index]
        question, reply = utf8_bytes(turn.question.content), utf8_bytes(turn.reply.content)
        number = 2 * index + 1 + (reply >= question)
        name = f"message {number}"
        if index == len(self.turns) - 1:
            name = "the last reply" if reply >= question else "the last question"
        return {number: f"{name}: {max(question, reply):,} bytes"}


def join(before: str, after: str) -> str:
    """The two texts joined, without the start of `after` that repeats the end of `before`."""
    for length in range(min(len(before), len(after), _LONGEST_OVERLAP), 0, -1):
        repeated = after[:length]
        if before.endswith(repeated) and repeated.strip():
            at_word = len(before) == length or before[-length - 1].isspace()
            if length >= _SHORTEST_OVERLAP or at_word:
                return before + after[length:]
    return before + after
