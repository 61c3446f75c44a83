"""A chat completion that is ready to be sent, and its bytes: as a stream of events or as one JSON object.

Shapes: https://docs.vmira.ai (chat completions), as OpenAI's API has them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mira_cli.simulator.request import ReceivedRequest
from mira_cli.simulator.response import Head, Response, Wait

if TYPE_CHECKING:
    from mira_cli.simulator.response import Actions

DONE = b"data: [DONE]\n\n"
_MAX_WAIT = 30.0  # seconds after which the API gives up on a reply that is not streamed


@dataclass(frozen=True, slots=True)
class Completion:
    """A reply, and how it is to be sent.

    Attributes:
        pieces: The text in the pieces in which it is streamed.
        usage: Token counts, None to leave usage out.
        stream: Whether the client asked for a stream.
        include_usage: Whether it asked for usage in the stream.
        delay: Seconds before the first token.
        rate: Tokens a second, 0 for as fast as possible.
        request: What was asked.
    """

    pieces: tuple[str, ...]
    model: str = "mira"
    id: str = "chatcmpl-simulated"
    created: int = 0
    finish_reason: str = "stop"
    usage: dict[str, int] | None = None
    stream: bool = True
    include_usage: bool = False
    delay: float = 0.0
    rate: float = 0.0
    request: ReceivedRequest = field(default_factory=ReceivedRequest)

    @property
    def text(self) -> str:
        """The reply as one string."""
        return "".join(self.pieces)

    @property
    def pause(self) -> float:
        """Seconds between two tokens."""
        return 1 / self.rate if self.rate > 0 else 0.0


def to_bytes(value: object) -> bytes:
    """JSON as the API writes it: compact, sorted, only lone surrogates escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8", "backslashreplace")


def event(value: object) -> bytes:
    """One server-sent event."""
    return b"data: " + to_bytes(value) + b"\n\n"


def chunk(completion: Completion, delta: object, finish_reason: str | None = None) -> dict[str, object]:
    """The JSON of one streamed chunk."""
    choice = {"delta": delta, "finish_reason": finish_reason, "index": 0}
    return {"choices": [choice], **envelope(completion)}


def envelope(completion: Completion) -> dict[str, object]:
    """The fields that every chunk of a stream has."""
    return {
        "created": completion.created,
        "id": completion.id,
        "model": completion.model,
        "object": "chat.completion.chunk",
    }


def role_event(completion: Completion) -> bytes:
    """The first chunk of a stream."""
    return event(chunk(completion, {"role": "assistant", "content": ""}))


def text_event(completion: Completion, text: str) -> bytes:
    """A chunk with a piece of the text."""
    return event(chunk(completion, {"content": text}))


def text_events(completion: Completion) -> list[bytes]:
    """The whole text, one chunk per piece."""
    return [text_event(completion, piece) for piece in completion.pieces]


def first_half(completion: Completion) -> list[bytes]:
    """The events up to the middle of the reply: the role, and the first half of the text."""
    return [role_event(completion), *text_events(completion)[: max(1, len(completion.pieces) // 2)]]


def finish_event(completion: Completion) -> bytes:
    """The chunk with the finish reason."""
    return event(chunk(completion, {}, completion.finish_reason))


def usage_event(completion: Completion) -> bytes:
    """The chunk that `stream_options.include_usage` asks for: usage and no choices."""
    return event({"choices": [], "usage": completion.usage, **envelope(completion)})


def events(completion: Completion) -> list[bytes]:
    """All events of the stream, [DONE] included."""
    return [action for action in _stream(completion) if isinstance(action, bytes)]


def full_json(completion: Completion) -> dict[str, object]:
    """The JSON of a reply that is not streamed."""
    message = {"role": "assistant", "content": completion.text}
    body: dict[str, object] = {
        "id": completion.id,
        "object": "chat.completion",
        "created": completion.created,
        "model": completion.model,
        "choices": [{"index": 0, "message": message, "finish_reason": completion.finish_reason}],
    }
    if completion.usage is not None:
        body["usage"] = completion.usage
    return body


def send(completion: Completion) -> Actions:
    """The reply as it was asked for: streamed, or as one JSON object."""
    return _stream(completion) if completion.stream else send_full(completion)


def _stream(completion: Completion) -> Actions:
    yield Head()
    yield Wait(completion.delay)
    yield role_event(completion)
    for piece in completion.pieces:
        yield text_event(completion, piece)
        yield Wait(completion.pause)
    yield finish_event(completion)
    if completion.include_usage and completion.usage is not None:
        yield usage_event(completion)
    yield DONE


def send_full(completion: Completion) -> Actions:
    """The reply at once, after the time that its tokens take; an empty 408 if that is over 30 s."""
    needed = completion.delay + len(completion.pieces) * completion.pause
    yield Wait(min(needed, _MAX_WAIT))
    yield Response(408, b"", ()) if needed > _MAX_WAIT else Response(200, to_bytes(full_json(completion)))
