"""Messages, stored turns, and the request that sends messages to the API."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from mira_cli.conversation.sizes import Size, measure

if TYPE_CHECKING:
    from collections.abc import Mapping

Role: TypeAlias = "Literal['system', 'user', 'assistant']"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the API takes it: `role` and `content` (Mira's page "Messages API", Message format)."""

    role: Role
    content: str


def well_formed(text: str) -> str:
    """The text as valid Unicode: surrogate pairs become characters, lone surrogates U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


@dataclass(frozen=True)  # no slots: a cached property needs __dict__
class StoredTurn:
    """One question and its reply.

    Attributes:
        question: The user's message as it was sent.
        reply: The assistant's message.
        cut: Whether the reply is incomplete.
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
        """The size of both messages, computed lazily, since old turns rarely need it."""
        return measure(self.question.content).plus(measure(self.reply.content))


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a request. None and () are not sent, so the API's default applies.

    Attributes:
        model: Model id; any id is sent, the server decides.
        temperature: Sampling temperature, 0 to 2.
        top_p: Nucleus sampling, 0 to 1.
        max_tokens: Longest reply in tokens, at least 1.
        stop: Sequences at which the reply ends.
        response_format: The API's `response_format` object.
        fold_system: Put the system text into the first user message, for servers that drop system messages.
    """

    model: str
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    response_format: Mapping[str, object] | None = None
    fold_system: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One call of `POST /v1/chat/completions`."""

    messages: tuple[Message, ...]
    options: Options
