"""A request to the API: the messages, and how the model should answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.conversation.message import Message


@dataclass(frozen=True, slots=True)
class Options:
    """How the model should answer. None or () means: not sent, the API's default holds.

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
