"""The API's limits, and the sizes of messages, by which conversations are trimmed."""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import NamedTuple

from mira_cli.errors import TooLargeError

# Limits that the API's server enforces; the reference doesn't document them.
MAX_MESSAGES = 200
MAX_MESSAGE_BYTES = 32_000
MAX_REQUEST_BYTES = 1_000_000
# The share of messages in a request; the rest is for model, options and response_format.
MAX_MESSAGES_BYTES = MAX_REQUEST_BYTES - 64_000

# The overhead of a message: tokens for its role, bytes for `{"role": "assistant", "content": },`.
_MESSAGE_TOKENS = 4
_MESSAGE_WIRE = 40
# Separates the system text from the question that it is folded into.
FOLD = "\n\n"

_BRACKETS = "[]{}"
_BRACKET_GROWTH = len(r"\u005b") - 1


def estimate(text: str) -> int:
    """A rough estimate of the tokens in a text.

    4 ASCII characters, 2 characters of two UTF-8 bytes (Cyrillic) or 1 of three (CJK) are a token; 1 of four
    (emoji) is two. Only uses the lengths of encodings, which is fast.
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
    """The length in UTF-8, which the API limits for each message."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def wire_bytes(text: str) -> int:
    r"""The length of the text in a request body: a JSON string in UTF-8 with brackets as `\u005b`."""
    brackets = sum(map(text.count, _BRACKETS))
    return utf8_bytes(encode_basestring(text)) + _BRACKET_GROWTH * brackets


class Size(NamedTuple):
    """The size of messages: number, estimated tokens, bytes in the body, UTF-8 bytes of the longest."""

    messages: int = 0
    tokens: int = 0
    wire: int = 0
    longest: int = 0

    def plus(self, *others: Size) -> Size:
        """The combined size."""
        messages, tokens, wire, longest = zip(self, *others, strict=True)
        return Size(sum(messages), sum(tokens), sum(wire), max(longest))


def measure(text: str) -> Size:
    """The size of one message."""
    return Size(1, estimate(text) + _MESSAGE_TOKENS, wire_bytes(text) + _MESSAGE_WIRE, utf8_bytes(text))


def budget_for(window: int, longest_answer: int, context: int | None = None) -> int:
    """The token budget of a conversation: `context` if set, else the window less the longest reply less 5 %.

    It is at least a quarter of the window.
    """
    if context is not None:
        return context
    return max(window - longest_answer - window // 20, window // 4)


def check_length(what: str, size: Size) -> None:
    """Raise TooLargeError if a message is over the API's limit; `what` starts the sentence."""
    if size.longest > MAX_MESSAGE_BYTES:
        raise TooLargeError(
            f"{what} is {size.longest:,} bytes; the API takes at most {MAX_MESSAGE_BYTES:,} bytes a message.",
            hint="Shorten it or send it in parts. Letters outside ASCII take two bytes or more.",
        )
