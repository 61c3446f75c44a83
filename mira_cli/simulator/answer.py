"""A reply that is ready to be sent, and how it is sent when nothing goes wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from mira_cli.simulator.steps import Head, Steps, Wait, Whole

DONE = b"data: [DONE]\n\n"
_PATIENCE = 30.0  # seconds after which the API gives up on an answer that is not streamed


@dataclass(frozen=True, slots=True)
class Answer:
    """What will be said, and what a fault may want to know of the request.

    `rate` is in tokens a second, 0 for as fast as possible; `delay` in seconds; `usage` None for none.
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
    key: str = ""
    origin: str = ""
    messages: list[dict[str, str]] = field(default_factory=list)

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


def chunk(answer: Answer, delta: object, finish_reason: str | None = None) -> dict[str, object]:
    """The JSON of one streamed chunk."""
    choice = {"delta": delta, "finish_reason": finish_reason, "index": 0}
    return {"choices": [choice], **envelope(answer)}


def envelope(answer: Answer) -> dict[str, object]:
    """What every chunk of a stream carries."""
    return {
        "created": answer.created,
        "id": answer.id,
        "model": answer.model,
        "object": "chat.completion.chunk",
    }


def role_event(answer: Answer) -> bytes:
    """The first chunk of a documented stream."""
    return event(chunk(answer, {"role": "assistant", "content": ""}))


def text_event(answer: Answer, text: str) -> bytes:
    """A chunk of the reply's text."""
    return event(chunk(answer, {"content": text}))


def finish_event(answer: Answer) -> bytes:
    """The chunk that says why the reply ends."""
    return event(chunk(answer, {}, answer.finish_reason))


def usage_event(answer: Answer) -> bytes:
    """The chunk that `stream_options.include_usage` asks for: usage and no choices."""
    return event({"choices": [], "usage": answer.usage, **envelope(answer)})


def streamed(answer: Answer) -> Steps:
    """The reply as a stream: the delay, then a token at a time at the answer's rate."""
    yield Head()
    yield Wait(answer.delay)
    yield role_event(answer)
    for piece in answer.pieces:
        yield text_event(answer, piece)
        yield Wait(answer.pause)
    yield finish_event(answer)
    if answer.include_usage and answer.usage is not None:
        yield usage_event(answer)
    yield DONE


def events(answer: Answer) -> list[bytes]:
    """All events of the reply, [DONE] included."""
    return [step for step in streamed(answer) if isinstance(step, bytes)]


def completion(answer: Answer) -> dict[str, object]:
    """The JSON of a whole answer."""
    message = {"role": "assistant", "content": answer.text}
    body: dict[str, object] = {
        "id": answer.id,
        "object": "chat.completion",
        "created": answer.created,
        "model": answer.model,
        "choices": [{"index": 0, "message": message, "finish_reason": answer.finish_reason}],
    }
    if answer.usage is not None:
        body["usage"] = answer.usage
    return body


def whole(answer: Answer) -> Steps:
    """The reply at once, after the time that its tokens take; an empty 408 when that is over 30 s."""
    needed = answer.delay + len(answer.pieces) * answer.pause
    yield Wait(min(needed, _PATIENCE))
    yield Whole(408, b"", ()) if needed > _PATIENCE else Whole(200, to_bytes(completion(answer)))


def good(answer: Answer) -> Steps:
    """The reply as it was asked for."""
    return streamed(answer) if answer.stream else whole(answer)
