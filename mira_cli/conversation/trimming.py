"""Trims a conversation to the limits of the API: sizes, budgets, and which turns are sent. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from json.encoder import encode_basestring
from math import ceil
from typing import TYPE_CHECKING, Protocol

from mira_cli.errors import ContextError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

# Limits of the API, as its server applies them; its reference page does not state them.
MAX_MESSAGES = 200
MAX_MESSAGE_BYTES = 32_000
MAX_REQUEST_BYTES = 1_000_000

# Reserved in a request for everything but messages: model, options, response_format.
_ENVELOPE_BYTES = 64_000
# The overhead of a message: tokens for its role, bytes for `{"role": "assistant", "content": },`.
_MESSAGE_TOKENS = 4
_MESSAGE_WIRE = 40
# Between the system text and the question that it is folded into.
FOLD = "\n\n"

_BRACKETS = "[]{}"
_BRACKET_GROWTH = len(r"\u005b") - 1


def estimate(text: str) -> int:
    """Tokens of a text, roughly.

    One for 4 ASCII characters, for 2 of two UTF-8 bytes (Cyrillic) or for 1 of three (CJK); two for 1 of four
    (emoji). Takes lengths of encodings only, so that a megabyte costs a few milliseconds.
    """
    if text.isascii():
        return (len(text) + 3) // 4
    characters = len(text)
    ascii_ = len(text.encode("ascii", "ignore"))
    utf8 = len(text.encode("utf-8", "surrogatepass"))
    beyond_bmp = len(text.encode("utf-16-le", "surrogatepass")) // 2 - characters
    # In quarters of a token: 1 for ASCII, 2, 4 and 8 for characters of two, three and four bytes.
    # The bytes alone would weigh 1, 2, 3 and 4; added are the characters of three bytes, and four times those
    # of four.
    quarters = 2 * utf8 + ascii_ - 2 * characters + 2 * beyond_bmp
    return (quarters + 3) // 4


def utf8_bytes(text: str) -> int:
    """Length in UTF-8, by which the API limits a message."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def wire_bytes(text: str) -> int:
    r"""Length of the text in a request body: a JSON string in UTF-8, each bracket written as `\u005b`."""
    brackets = sum(map(text.count, _BRACKETS))
    return utf8_bytes(encode_basestring(text)) + _BRACKET_GROWTH * brackets


@dataclass(frozen=True, slots=True)
class Size:
    """The size of messages: their number, estimated tokens, bytes in the body, UTF-8 bytes of the longest."""

    messages: int = 0
    tokens: int = 0
    wire: int = 0
    longest: int = 0

    def plus(self, other: Size) -> Size:
        """The size of both together."""
        return Size(
            self.messages + other.messages,
            self.tokens + other.tokens,
            self.wire + other.wire,
            max(self.longest, other.longest),
        )


def measure(text: str) -> Size:
    """The size of one message."""
    return Size(1, estimate(text) + _MESSAGE_TOKENS, wire_bytes(text) + _MESSAGE_WIRE, utf8_bytes(text))


class Sized(Protocol):
    """A turn, as far as trimming needs it."""

    @property
    def size(self) -> Size:
        """The size of question and reply together."""
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of a request.

    Attributes:
        budget: Tokens, as the server counts them.
        factor: Tokens of the server for one of ours.
    """

    budget: int
    factor: float = 1.0

    def tokens(self, size: Size) -> int:
        """Estimated tokens as the server would count them."""
        return ceil(size.tokens * self.factor)

    def exceeded_by(self, size: Size) -> str:
        """The limit that a request of that size would exceed, "" if it can be sent."""
        if size.messages > MAX_MESSAGES:
            return f"{MAX_MESSAGES} messages"
        if self.tokens(size) > self.budget:
            return f"{self.budget:,} tokens"
        return f"{MAX_REQUEST_BYTES:,} bytes" if size.wire > MAX_REQUEST_BYTES - _ENVELOPE_BYTES else ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which turns are sent.

    Attributes:
        kept: Their indexes, in order.
        size: The size of everything that is sent.
        least: The size of what must be sent: system text, pinned turns, question.
        too_long: Indexes of turns that were skipped because one of their messages is too long for the API.
        limit: What kept the oldest turns out, "27,034 tokens"; "" if none was dropped for it.
    """

    kept: tuple[int, ...]
    size: Size
    least: Size
    too_long: tuple[int, ...] = ()
    limit: str = ""


def budget_for(window: int, longest_answer: int, context: int | None = None) -> int:
    """Tokens a conversation may take: `context` if set, else the window less the longest reply less 5 %.

    If a reply may fill the window, the conversation still gets a quarter of it.
    """
    if context is not None:
        return context
    return max(window - longest_answer - window // 20, window // 4)


def select(
    system: Size,
    turns: Sequence[Sized],
    pinned: Collection[int],
    newest: Size,
    bounds: Bounds,
    *,
    folded: bool = False,
) -> Selection:
    """Choose the turns to send with the newest question: the pinned ones, and the latest that fit.

    Goes back from the latest turn and stops at the first that does not fit, so the cost does not grow with
    the turns dropped before. A turn with a message over the API's length is skipped. If the system prompt is
    `folded` into the first question, that must have room for it.

    Raises:
        TooLargeError: The system text, the question or a pinned message is over the API's length.
        ContextError: System text, pinned turns and question alone are over the budget.
    """
    total = system.plus(newest)
    for index in pinned:
        total = total.plus(turns[index].size)
    _check(system, newest, total, len(pinned), bounds)
    least = total
    room = message_room(system, folded=folded)
    kept, too_long, limit = list(pinned), [], ""
    for index in range(len(turns) - 1, -1, -1):
        if index in pinned:
            continue
        size = turns[index].size
        if size.longest > room:
            too_long.append(index)
            continue
        grown = total.plus(size)
        if limit := bounds.exceeded_by(grown):
            break
        total = grown
        kept.append(index)
    if not kept and newest.longest > room:
        raise TooLargeError(
            f"The system message and the question are {system.longest:,} + {newest.longest:,} bytes, sent as"
            f" one; the API takes at most {MAX_MESSAGE_BYTES:,} bytes a message.",
            hint="Shorten one of them, or turn fold_system off.",
        )
    return Selection(tuple(sorted(kept)), total, least, tuple(sorted(too_long)), limit)


def message_room(system: Size, *, folded: bool) -> int:
    """Bytes a message may have: the API's limit, less a system text that may go into the same message."""
    return MAX_MESSAGE_BYTES - (system.longest + len(FOLD) if folded and system.messages else 0)


def end_that_fits(text: str, most_bytes: int, fits: Callable[[str], bool]) -> str:
    """The longest end of a text within `most_bytes` of UTF-8 for which `fits` is true, "" if there is none.

    Never splits a character. `fits` must be true of an end if it is true of a longer one.
    """
    end = (
        text.encode("utf-8", "surrogatepass")[-most_bytes:].decode("utf-8", "ignore")
        if most_bytes > 0
        else ""
    )
    if fits(end):
        return end
    low, high = 0, len(end)  # the last `low` characters fit, the last `high` do not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(end[-middle:]) else (low, middle)
    return end[-low:] if low else ""


def check_length(what: str, size: Size) -> None:
    """Raise TooLargeError if a message is over the API's length; `what` begins the sentence."""
    if size.longest > MAX_MESSAGE_BYTES:
        raise TooLargeError(
            f"{what} is {size.longest:,} bytes; the API takes at most {MAX_MESSAGE_BYTES:,} bytes a message.",
            hint="Shorten it or send it in parts. Letters outside ASCII take two bytes or more.",
        )


def _check(system: Size, newest: Size, total: Size, pinned: int, bounds: Bounds) -> None:
    check_length("The system message", system)
    check_length("The question", newest)
    check_length("A pinned message", total)
    if not bounds.exceeded_by(total):
        return
    parts, tokens = ["the question"], [bounds.tokens(newest)]
    if system.messages:
        parts.insert(0, "the system message")
        tokens.insert(0, bounds.tokens(system))
    if pinned:
        parts.insert(-1, "the pinned messages")
        tokens.insert(-1, bounds.tokens(total) - sum(tokens))
    what = (", ".join(parts[:-1]) + " and " if parts[1:] else "") + parts[-1]
    what = what[0].upper() + what[1:] + (" take" if parts[1:] else " takes")
    hint = "Unpin a message, or shorten the question." if pinned else "Shorten the question."
    if total.messages > MAX_MESSAGES:
        raise ContextError(
            f"{what} {total.messages:,} messages; the API takes at most {MAX_MESSAGES}.", hint=hint
        )
    if bounds.tokens(total) <= bounds.budget:
        raise TooLargeError(
            f"{what} {total.wire:,} bytes; the API takes at most {MAX_REQUEST_BYTES:,} bytes a request.",
            hint=hint,
        )
    summands = " + ".join(f"{part:,}" for part in tokens) + " = " if tokens[1:] else ""
    raise ContextError(
        f"{what} about {summands}{bounds.tokens(total):,} tokens; {bounds.budget:,} fit.",
        hint=f"{hint[:-1]}, raise --context, or use a model with a larger context window.",
    )
