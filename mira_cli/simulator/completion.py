"""A chat completion, and its bytes as a stream of events or as one JSON object.

Shapes: https://docs.vmira.ai (chat completions), as OpenAI's API has them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mira_cli.simulator.http_server import SSE, Connection, ReceivedRequest

DONE = b"data: [DONE]\n\n"
_MAX_WAIT = 30.0  # seconds after which the API gives up on a reply that is not streamed


def to_bytes(value: object) -> bytes:
    """JSON as the API writes it: compact, sorted, only lone surrogates escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8", "backslashreplace")


def event(value: object) -> bytes:
    """One server-sent event."""
    return b"data: " + to_bytes(value) + b"\n\n"


@dataclass(frozen=True, slots=True)
class Completion:
    """A reply to `request`, and how to send it.

    Attributes:
        pieces: The text, in the pieces that are streamed.
        reasoning: The reasoning before it, in pieces.
        usage: Token counts, None to leave usage out.
        stream: Whether the client asked for a stream.
        include_usage: Whether it asked for usage in the stream.
        delay: Seconds before the first token.
        rate: Tokens a second, 0 for as fast as possible.
    """

    pieces: tuple[str, ...]
    reasoning: tuple[str, ...] = ()
    model: str = "mira"
    id: str = "chatcmpl-simulated"
    created: int = 0
    finish_reason: str = "stop"
    usage: Mapping[str, int] | None = None
    stream: bool = True
    include_usage: bool = False
    delay: float = 0.0
    rate: float = 0.0
    request: ReceivedRequest = field(default_factory=ReceivedRequest)

    def chunk(self, choices: list[object], **more: object) -> bytes:
        """An event of the stream, with the common fields."""
        kind = "chat.completion.chunk"
        about = {"created": self.created, "id": self.id, "model": self.model, "object": kind}
        return event({**about, "choices": choices, **more})

    def delta(self, delta: object, finish_reason: str | None = None, **more: object) -> bytes:
        """An event with one choice."""
        return self.chunk([{"delta": delta, "finish_reason": finish_reason, "index": 0}], **more)

    def role(self) -> bytes:
        """The first event of a stream."""
        return self.delta({"role": "assistant", "content": ""})

    def texts(self) -> list[bytes]:
        """The whole text, an event for each piece."""
        return [self.delta({"content": piece}) for piece in self.pieces]

    def half(self) -> list[bytes]:
        """The events up to the middle of the text."""
        return [self.role(), *self.texts()[: max(1, len(self.pieces) // 2)]]

    def finish(self) -> bytes:
        """The event with the finish reason."""
        return self.delta({}, self.finish_reason)

    def events(self) -> list[bytes]:
        """All events of the stream, [DONE] included."""
        thoughts = [self.delta({"reasoning_content": piece}) for piece in self.reasoning]
        usage = [self.chunk([], usage=self.usage)] if self.include_usage and self.usage is not None else []
        return [self.role(), *thoughts, *self.texts(), self.finish(), *usage, DONE]

    def whole(self) -> dict[str, Any]:
        """The JSON of an unstreamed reply."""
        message = {"role": "assistant", "content": "".join(self.pieces)}
        if self.reasoning:
            message["reasoning_content"] = "".join(self.reasoning)
        choice = {"index": 0, "message": message, "finish_reason": self.finish_reason}
        about = {"created": self.created, "id": self.id, "model": self.model, "object": "chat.completion"}
        usage = {} if self.usage is None else {"usage": self.usage}
        return {**about, "choices": [choice], **usage}


Respond = Callable[[Completion, Connection], None]
"""Answers a request that would get this reply."""


def streamed(make: Callable[[Completion], Iterable[bytes]], headers: Mapping[str, str] = SSE) -> Respond:
    """Streams the events of `make`, one write each; an unstreamed reply is one JSON object."""

    def respond(completion: Completion, connection: Connection) -> None:
        tokens = len(completion.reasoning) + len(completion.pieces)
        pause = 1 / completion.rate if completion.rate > 0 else 0.0
        if not completion.stream:
            _send_whole(completion, connection, completion.delay + tokens * pause)
            return
        connection.begin(200, headers)
        connection.wait(completion.delay)
        for place, data in enumerate(make(completion)):
            connection.send(data)
            if 0 < place <= tokens:
                connection.wait(pause)

    return respond


def _send_whole(completion: Completion, connection: Connection, seconds: float) -> None:
    """Send the whole reply after `seconds`, or an empty 408 if the API would time out first."""
    connection.wait(min(seconds, _MAX_WAIT))
    if seconds > _MAX_WAIT:
        connection.answer(408, b"", {})
    else:
        connection.answer(200, to_bytes(completion.whole()))


send = streamed(Completion.events)
"""Sends the reply, streamed or not, as requested."""
