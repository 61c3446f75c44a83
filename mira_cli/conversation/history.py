"""The conversation in memory: whole turns, of which each request sends what fits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from mira_cli.conversation.message import Message
from mira_cli.conversation.trimming import (
    MAX_MESSAGE_BYTES,
    Bounds,
    Selection,
    Size,
    check_length,
    end_that_fits,
    measure,
    select,
    utf8_bytes,
)
from mira_cli.errors import ContextError, TooLargeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

# How far the server's count may correct ours. Never below 1: a server that counts words reports fewer tokens
# than count against its window. Never above 3: a prompt that the server adds to a short question would
# count too much.
_LOWEST_FACTOR = 1.0
_HIGHEST_FACTOR = 3.0
_NOTHING = Size()

# A model that repeats text starts again at a word. A short match inside a word is chance: "ban" + "ana".
_SHORTEST_OVERLAP = 3
_PROBE = 16
# Longer than any reply of the API; bounds the cost of hostile texts.
_LONGEST_OVERLAP = 64_000


@dataclass(frozen=True)  # no slots: a cached property needs __dict__
class StoredTurn:
    """One question and its reply.

    Attributes:
        question: The user's message as it was sent.
        reply: The assistant's message.
        cut: Whether the reply ended before it was complete.
        pinned: Whether it is always sent.
    """

    question: Message
    reply: Message
    cut: bool = False
    pinned: bool = False

    @classmethod
    def of(cls, question: str, reply: str, *, cut: bool = False, pinned: bool = False) -> StoredTurn:
        """A turn from two texts."""
        return cls(Message("user", question), Message("assistant", reply), cut, pinned)

    @cached_property
    def size(self) -> Size:
        """The size of both messages; measured when first needed, since old turns hardly ever are."""
        return measure(self.question.content).plus(measure(self.reply.content))


@dataclass(frozen=True, slots=True)
class TooLong:
    """A message over the API's length: its number as in /context, what to call it, its UTF-8 bytes."""

    number: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why messages of the conversation are not sent.

    Attributes:
        too_long: Messages over the API's length, which are left out with their turns.
        oldest: How many of the oldest messages are dropped to stay within `limit`.
        limit: Which limit that is: "27,034 tokens", "200 messages"; "" for none.
    """

    too_long: tuple[TooLong, ...] = ()
    oldest: int = 0
    limit: str = ""

    def notices(self, before: LeftOut) -> list[str]:
        """What to tell the user that was not told with the request `before`: one sentence a reason."""
        told = {message.number for message in before.too_long}
        limit = f"the API takes at most {MAX_MESSAGE_BYTES:,} a message."
        notices = [
            f"Left out {message.name}: {message.size:,} bytes; {limit}"
            for message in self.too_long
            if message.number not in told
        ]
        if self.limit and self.limit != before.limit:
            notices.append(f"Dropped the {self.oldest:,} oldest messages to stay within {self.limit}.")
        return notices


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What one request sends.

    Attributes:
        messages: `system? (user assistant)* user`.
        dropped: Messages of the conversation that were left out.
        left_out: Why they were.
        tokens: Estimated tokens of `messages`.
        budget: Tokens they may take.
        least: Estimated tokens of what is always sent: system text, pinned turns, question.
        raw: `tokens` before calibration.
    """

    messages: tuple[Message, ...]
    dropped: int
    left_out: LeftOut
    tokens: int
    budget: int
    least: int
    raw: int


class Conversation:
    """A system prompt and turns. Keeps all of them; sends the latest whole turns within a token budget.

    Args:
        system: The system prompt, "" for none.
        budget: Tokens a request may take.
        turns: The turns so far.
    """

    def __init__(self, system: str = "", *, budget: int, turns: Iterable[StoredTurn] = ()) -> None:
        self.system = system
        self.budget = budget
        self.calibrated = False
        self._factor = 1.0
        self._count: tuple[int, int] | None = None  # turns sent, and their tokens, as the server counted them
        self._turns = list(turns)
        self._pinned = {index for index, turn in enumerate(self._turns) if turn.pinned}

    @property
    def system(self) -> str:
        """The system prompt, "" for none."""
        return self._system

    @system.setter
    def system(self, text: str) -> None:
        self._system = text
        self._count = None
        self._system_size = measure(text) if text else Size()

    @property
    def budget(self) -> int:
        """Tokens a request may take; less for old turns once the server found a request too long."""
        return self._budget

    @budget.setter
    def budget(self, tokens: int) -> None:
        self._budget = self._whole_budget = tokens

    @property
    def turns(self) -> tuple[StoredTurn, ...]:
        """All turns, oldest first."""
        return tuple(self._turns)

    def copy(self) -> Conversation:
        """Another conversation that starts from the same state."""
        other = Conversation(self._system, budget=self._whole_budget, turns=self._turns)
        other._budget = self._budget
        other.calibrated, other._factor, other._count = self.calibrated, self._factor, self._count
        return other

    def with_question(self, text: str, *, keep_last: bool = False, folded: bool = False) -> Trimmed:
        """What to send to ask `text`; changes nothing.

        Args:
            text: The question.
            keep_last: Send the last turn in any case, since the question is about it; of a reply that is too
                long, its end.
            folded: The system prompt is sent in the first question.

        Raises:
            TooLargeError: A message that must be sent, or the request, is over the API's size in bytes.
            ContextError: What must be sent is over the budget.
        """
        turns, pinned, newest = self._turns, self._pinned, measure(text)
        if keep_last and turns:
            pinned = pinned | {len(turns) - 1}
            turns = [*turns[:-1], self._with_end_of_reply(turns[-1], newest)]
        bounds = self._bounds(turns, pinned, newest)
        chosen = select(self._system_size, turns, pinned, newest, bounds, folded=folded)
        dropped = 2 * (len(turns) - len(chosen.kept))
        too_long = tuple(self._too_long(index) for index in chosen.too_long)
        return Trimmed(
            messages=(*self._message_list(turns, chosen.kept), Message("user", text)),
            dropped=dropped,
            left_out=LeftOut(too_long, dropped - 2 * len(too_long), chosen.limit),
            tokens=bounds.tokens(chosen.size),
            budget=self.budget,
            least=bounds.tokens(chosen.least),
            raw=chosen.size.tokens,
        )

    def remember(self, question: str, reply: str) -> None:
        """Store a turn, unless the reply is empty."""
        if reply:
            self.add(StoredTurn.of(question, reply))

    def add(self, turn: StoredTurn) -> None:
        """Append a turn: a new one, or one that `remove_last` returned."""
        if turn.pinned:
            self._pinned.add(len(self._turns))
        self._turns.append(turn)
        self._count = None

    def remove_last(self) -> StoredTurn | None:
        """Remove the last turn and return it; None if there is none."""
        if not self._turns:
            return None
        self._pinned.discard(len(self._turns) - 1)
        self._count = None
        return self._turns.pop()

    def clear(self) -> None:
        """Remove all turns; the system prompt stays."""
        self._turns.clear()
        self._pinned.clear()
        self._count = None

    def join_last(self, rest: str, *, cut: bool = False) -> None:
        """Join the rest to the last reply, without the text it repeats. `cut`: it is still incomplete."""
        last = self._turns[-1]
        reply = Message("assistant", join(last.reply.content, rest))
        self._turns[-1] = replace(last, reply=reply, cut=cut)
        self._count = None

    def pin(self, number: int, *, pinned: bool = True) -> None:
        """Always send the turn of message `number`, as `overview.message_rows` counts them; or stop doing so.

        Raises:
            UsageError: There is no such message.
            TooLargeError: A message of its turn is over the API's length, so it cannot be sent.
        """
        if not 1 <= number <= 2 * len(self._turns):
            raise UsageError(f"There is no message {number} to pin.", hint="/context shows their numbers.")
        index = (number - 1) // 2
        turn = replace(self._turns[index], pinned=pinned)
        if pinned:
            check_length("This message", turn.size)
            self._pinned.add(index)
        else:
            self._pinned.discard(index)
        self._turns[index] = turn

    def calibrate(self, sent: Trimmed, prompt_tokens: int) -> None:
        """Correct the estimate by what the server counted for a request; zero is no count."""
        if prompt_tokens > 0:
            self._factor = min(max(prompt_tokens / sent.raw, _LOWEST_FACTOR), _HIGHEST_FACTOR)
            self.calibrated = True

    def set_count(self, sent: Trimmed, tokens: int) -> None:
        """Take over what the server counted for a request and its reply, which is the last turn now.

        It holds until the conversation changes in another way.
        """
        self._count = (sum(message.role == "user" for message in sent.messages), tokens)

    def counted(self, kept: Sequence[int]) -> int | None:
        """Tokens of these turns with the system text as the server counted them; None if it did not."""
        if self._count is not None and self._count[0] == len(kept):
            return self._count[1]
        return None

    def halve_budget(self, refused: Trimmed) -> bool:
        """Use a smaller budget from now on, after the server refused a request as too long.

        Returns:
            Whether asking again sends less; if False, nothing was left to drop and nothing changed.
        """
        if refused.tokens <= refused.least:
            return False
        self._budget = max(min(self._budget, refused.tokens) // 2, refused.least)
        return True

    def would_send(self) -> Selection:
        """What the next request sends before its question; no turns if what must be sent does not fit."""
        try:
            return select(self._system_size, self._turns, self._pinned, Size(), self._bounds(self._turns))
        except (ContextError, TooLargeError):
            return Selection((), self._system_size, self._system_size)

    def tokens(self, size: Size) -> int:
        """Estimated tokens for this size, as the server would count them."""
        return self._bounds(self._turns).tokens(size)

    def _with_end_of_reply(self, last: StoredTurn, newest: Size) -> StoredTurn:
        """The last turn as it is sent before the question `newest`: of a reply that is too long, its end."""
        must = self._system_size.plus(newest).plus(measure(last.question.content))
        for index in self._pinned - {len(self._turns) - 1}:
            must = must.plus(self._turns[index].size)
        bounds = Bounds(self._whole_budget, self._factor)
        end = end_that_fits(
            last.reply.content,
            MAX_MESSAGE_BYTES,
            lambda text: not bounds.exceeded_by(must.plus(measure(text))),
        )
        return StoredTurn.of(last.question.content, end) if end else last

    def _too_long(self, index: int) -> TooLong:
        """The longer message of a turn that is left out for its length."""
        turn = self._turns[index]
        sizes = [utf8_bytes(message.content) for message in (turn.question, turn.reply)]
        place = int(sizes[1] >= sizes[0])
        number = 2 * index + 1 + place
        last = ("the last question", "the last reply")[place]
        return TooLong(number, last if index == len(self._turns) - 1 else f"message {number}", sizes[place])

    def _bounds(
        self, turns: Sequence[StoredTurn], pinned: Collection[int] = (), newest: Size = _NOTHING
    ) -> Bounds:
        """The limits for a question. A budget halved after a refusal limits only what may be dropped."""
        must = self._system_size.plus(newest)
        for index in pinned:
            must = must.plus(turns[index].size)
        least = Bounds(0, self._factor).tokens(must)
        return Bounds(max(self._budget, min(least, self._whole_budget)), self._factor)

    def _message_list(self, turns: Sequence[StoredTurn], indexes: Iterable[int]) -> tuple[Message, ...]:
        messages = [Message("system", self._system)] if self._system else []
        for index in indexes:
            turn = turns[index]
            messages += (turn.question, turn.reply)
        return tuple(messages)


def join(before: str, after: str) -> str:
    """Both parts as one text, without what `after` repeats."""
    return before + after[_overlap(before, after) :]


def _overlap(before: str, after: str) -> int:
    """The length of the longest start of `after` that repeats the end of `before`, in characters."""
    probe = after[:_PROBE]
    start = len(before) - min(len(before), len(after), _LONGEST_OVERLAP)
    while len(probe) == _PROBE and (start := before.find(probe, start)) >= 0:
        if after.startswith(before[start:]):
            return len(before) - start
        start += 1
    for length in range(min(len(before), len(after), _PROBE), 0, -1):
        repeated = after[:length]
        if (
            before.endswith(repeated)
            and repeated.strip()
            and (length >= _SHORTEST_OVERLAP or _at_word(before, length))
        ):
            return length
    return 0


def _at_word(text: str, length: int) -> bool:
    """Whether the last `length` characters begin a word."""
    return len(text) == length or text[-length - 1].isspace()
