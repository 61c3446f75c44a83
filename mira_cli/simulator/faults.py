"""The faults that `--fail` can name: what a script that calls the API has to expect."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mira_cli.errors import UsageError
from mira_cli.simulator import error_responses
from mira_cli.simulator.completion import (
    DONE,
    event,
    finish_event,
    first_half,
    full_json,
    role_event,
    send,
    send_full,
    text_event,
    text_events,
    to_bytes,
)
from mira_cli.simulator.error_responses import (
    HTML,
    page,
    retry_after,
    retry_at,
    with_detail,
    with_error,
    with_status,
)
from mira_cli.simulator.response import SSE, Close, Head, Raw, Reset, Response, Silence, Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mira_cli.simulator.completion import Completion
    from mira_cli.simulator.error_responses import Respond
    from mira_cli.simulator.response import Action, Actions, Headers

_MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to answer a chat request.

    Attributes:
        name: What `--fail` calls it.
        description: What happens, in a few words.
        respond: From the reply that would have been sent to what is sent.
    """

    name: str
    description: str
    respond: Respond = field(compare=False, repr=False)


def streamed(make: Callable[[Completion], Iterable[bytes]], headers: Headers = SSE) -> Respond:
    """Stream what `make` gives, one write each; a request without `stream` gets its reply."""

    def respond(completion: Completion) -> Actions:
        if not completion.stream:
            yield from send_full(completion)
            return
        yield Head(200, headers)
        yield Wait(completion.delay)
        for data in make(completion):
            yield data
            yield Wait(completion.pause)

    return respond


def interrupted(rest: Callable[[Completion], list[bytes]], end: Action | None) -> Respond:
    """Half a reply, then `rest`, then `end`; a reply that is not streamed stops in its middle."""

    def respond(completion: Completion) -> Actions:
        if not completion.stream:
            body = to_bytes(full_json(completion))
            head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
            yield Raw(head.encode() + body[: len(body) // 2])
        else:
            yield Head()
            yield Wait(completion.delay)
            yield from (*first_half(completion), *rest(completion))
        if end is not None:
            # A reset throws away what the client has not read yet: give it time to.
            yield Wait(0.1 if isinstance(end, Reset) else 0)
            yield end

    return respond


def only(*actions: Action) -> Respond:
    """These actions, whatever was asked."""
    return lambda _completion: iter(actions)


def finishing(reason: str) -> Respond:
    """A complete reply with this finish_reason."""
    return lambda completion: send(replace(completion, finish_reason=reason))


def nothing_more(_completion: Completion) -> list[bytes]:
    """No further events."""
    return []


def _half_event(completion: Completion) -> list[bytes]:
    data = text_event(completion, "interrupted")
    return [data[: data.index(b"rupted")]]


def _bad_json(completion: Completion) -> list[bytes]:
    """Two events that are not JSON, in the middle of a good reply."""
    half, texts = len(completion.pieces) // 2, text_events(completion)
    bad = [b'data: {"choices":[{"delta":{"content":"bro\n\n', b"data: not JSON at all\n\n"]
    return [role_event(completion), *texts[:half], *bad, *texts[half:], finish_event(completion), DONE]


def _error_in_stream(completion: Completion) -> Actions:
    """An error object after half the reply; instead of the reply if it is not streamed."""
    error = {
        "error": {"code": "queue_full", "message": "The queue is full (simulated)", "type": "server_error"}
    }
    if completion.stream:
        return streamed(lambda it: [*first_half(it), event(error)])(completion)
    return iter((Response(200, to_bytes(error)),))


_BLOCKED = json.dumps({"category": "simulated", "error": "content_blocked"})
_WINDOW = "This model's maximum context length is exceeded"

_ALL = (
    Fault("429-seconds", "rate limited, Retry-After: 2", with_status(429, headers=retry_after("2"))),
    Fault("429-date", "rate limited, Retry-After is a date, 2 s ahead", retry_at(2)),
    Fault(
        "429-ms", "rate limited, retry-after-ms: 50", with_status(429, headers=(("retry-after-ms", "50"),))
    ),
    Fault("429-hour", "rate limited, Retry-After: 3600", with_status(429, headers=retry_after("3600"))),
    Fault("429-day", "rate limited, Retry-After: 86400", with_status(429, headers=retry_after("86400"))),
    Fault("429-none", "rate limited, no Retry-After", with_status(429)),
    Fault("429-quota", "the quota is used up", with_error(429, "Daily quota exceeded", "insufficient_quota")),
    Fault("402-balance", "the balance is empty", with_detail(402, "Your balance is empty. Top it up.")),
    Fault("403-plan", "the model needs a higher plan", with_status(403)),
    Fault("403-quota", "a 403 about the quota", with_detail(403, "Monthly quota exceeded for your plan")),
    Fault("503-after", "unavailable, Retry-After: 1", with_status(503, headers=retry_after("1"))),
    Fault(
        "503-never",
        "unavailable, x-should-retry: false",
        with_status(503, headers=(("x-should-retry", "false"),)),
    ),
    Fault("blocked", "the question is refused by moderation", with_detail(422, _BLOCKED)),
    Fault("context", "too long for the model's window", with_error(400, _WINDOW, "context_length_exceeded")),
    Fault("no-answer", "not a byte, for ever", only(Silence())),
    Fault("stall", "half the reply, then nothing, for ever", interrupted(nothing_more, Silence())),
    Fault(
        "cut-mid-token", "the connection closes in the middle of an event", interrupted(_half_event, Close())
    ),
    Fault("cut-between", "the connection closes between two events", interrupted(nothing_more, Close())),
    Fault("reset-before-headers", "a TCP reset before any byte of the response", only(Reset())),
    Fault("reset-mid-stream", "a TCP reset after half the reply", interrupted(nothing_more, Reset())),
    Fault("length", "a reply cut off at max_tokens (finish_reason length)", finishing("length")),
    Fault(
        "filtered", "a reply cut off by a filter (finish_reason content_filter)", finishing("content_filter")
    ),
    Fault("error-mid", "an error after half the reply", _error_in_stream),
    Fault("bad-json", "two events in a good reply are not JSON", streamed(_bad_json)),
    Fault("no-text", "a complete reply without any text", lambda it: send(replace(it, pieces=()))),
    Fault("empty-body", "200 with an empty body", only(Response(200))),
    Fault("html", "200 with a proxy's HTML page", only(Response(200, page(200, "Welcome"), HTML))),
)
FAULTS: dict[str, Fault] = {fault.name: fault for fault in _ALL}


def find(name: str, more: Mapping[str, Fault]) -> Fault:
    """The fault of this name, in `more` or among ours.

    Raises:
        UsageError: There is none; the message suggests the nearest.
    """
    fault = more.get(name) or FAULTS.get(name)
    if fault is None and (found := error_responses.by_name(name)):
        fault = Fault(name, *found)
    if fault is None:
        raise UsageError(
            f"There is no fault '{name}'.{_nearest(name)}", hint="List them: mira simulate --faults"
        )
    return fault


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    shapes = (f"{status}-{shape}" for status in (401, 422, 429, 500) for shape in error_responses.SHAPES)
    near = get_close_matches(name, [*FAULTS, *shapes], n=1, cutoff=0.5)
    return f" Did you mean '{near[0]}'?" if near else ""


def parse(text: str, more: Mapping[str, Fault]) -> tuple[Fault, int | None]:
    """NAME[:COUNT] as a fault and the number of requests that get it, None for all.

    Raises:
        UsageError: Unknown name, or a count that is not a whole number above 0.
    """
    name, colon, count = text.strip().partition(":")
    fault = find(name, more)
    if not colon:
        return fault, None
    if not (count.isascii() and count.isdigit() and len(count) <= _MAX_DIGITS and int(count) > 0):
        raise UsageError(f"--fail {text}: the count must be a whole number above 0, not '{count}'.")
    return fault, int(count)
