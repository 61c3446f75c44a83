"""The faults for `--fail`: failures that a script should expect from the API."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import TYPE_CHECKING

from mira_cli.errors import UsageError
from mira_cli.simulator.completion import Completion, Respond, event, send, streamed, to_bytes
from mira_cli.simulator.http_server import JSON, REASONS, Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

TEXT = {"content-type": "text/plain; charset=utf-8"}
HTML = {"content-type": "text/html"}
_TOO_MANY = 429
_SERVER_ERRORS = 500
_MAX_DIGITS = 9

_DETAILS = {
    400: "Bad request (simulated)",
    401: "Invalid or revoked API key",
    402: "Insufficient balance",
    403: "This model requires the pro plan",
    413: "Request body too large",
    415: "Unsupported media type",
    422: "Invalid parameter (simulated)",
    429: "Too many requests",
    500: "Internal server error",
    503: "Service unavailable",
}
_EMPTY = frozenset({404, 405, 408, 410})  # the API leaves these bodies empty


def detail(status: int) -> str:
    """The text that goes with a status."""
    return _DETAILS.get(status) or f"{REASONS.get(status, 'Error')} (simulated)"


def page(status: int, title: str) -> str:
    """The HTML page of a proxy."""
    return (
        f"<!DOCTYPE html>\n<html><head><title>{status}</title></head>\n"
        f"<body><center><h1>{status} {title}</h1></center><hr><center>nginx</center></body></html>\n"
    )


def error_object(message: str, kind: str, code: str) -> dict[str, object]:
    """`{"error": {"message", "type", "code"}}`."""
    return {"error": {"message": message, "type": kind, "code": code}}


SHAPES: dict[str, tuple[str, Callable[[int, str], object]]] = {
    "string": ('{"detail": "text"}', lambda _, text: {"detail": text}),
    "object": (
        '{"detail": {"error": text, "code": …}}',
        lambda status, text: {"detail": {"error": text, "code": f"simulated_{status}"}},
    ),
    "list": (
        '{"detail": [{"loc", "msg", "type"}]}',
        lambda _, text: {"detail": [{"loc": ["body", "model"], "msg": text, "type": "value_error"}]},
    ),
    "json": (
        '{"detail": "…"}, a string that holds JSON',
        lambda status, text: {"detail": json.dumps({"error": text, "status": status})},
    ),
    "error": (
        '{"error": {"message", "type", "code"}}',
        lambda status, text: error_object(
            text, "server_error" if status >= _SERVER_ERRORS else "invalid_request_error", str(status)
        ),
    ),
    "empty": ("no body", lambda _, __: ""),
    "text": ("a line of plain text", lambda _, text: text),
    "html": ("an HTML page, as from a proxy", lambda status, _: page(status, REASONS.get(status, "Error"))),
}
"""The suffixes of a status, as in 500-html: a description of the body, and the body."""


def answering(status: int, value: object, **headers: str) -> Respond:
    """A response with this body: a string as plain text or HTML, anything else as JSON, "" as no body.

    Header names have underscores for dashes.
    """
    if isinstance(value, str):
        body, kind = value.encode(), HTML if value.startswith("<") else TEXT if value else {}
    else:
        body, kind = to_bytes(value), JSON
    more = {name.replace("_", "-"): text for name, text in headers.items()}
    return lambda _, connection: connection.answer(status, body, {**kind, **more})


def failing(status: int, shape: str = "", **headers: str) -> Respond:
    """A response with this status; without `shape`, in the shape that the API uses for it."""
    _, make = SHAPES[shape or ("empty" if status in _EMPTY else "string")]
    return answering(status, make(status, detail(status)), **headers)


def refusing(status: int, why: object) -> Respond:
    """`{"detail": …}`, the API's refusal of a request."""
    return answering(status, {"detail": why})


def _rate_limited_until(completion: Completion, connection: Connection) -> None:
    date = formatdate(time.time() + 2, usegmt=True)
    failing(_TOO_MANY, retry_after=date)(completion, connection)


def interrupted(
    end: Callable[[Connection], None], rest: Callable[[Completion], Iterable[bytes]] = lambda _: ()
) -> Respond:
    """Half a reply, then `rest`, then `end`; an unstreamed reply stops in the middle."""

    def respond(completion: Completion, connection: Connection) -> None:
        if completion.stream:
            connection.begin()
            connection.wait(completion.delay)
            connection.send(*completion.half(), *rest(completion))
        else:
            body = to_bytes(completion.whole())
            head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
            connection.send_raw(head.encode() + body[: len(body) // 2])
        end(connection)

    return respond


def changed(**changes: object) -> Respond:
    """A complete reply with some fields changed."""
    return lambda completion, connection: send(replace(completion, **changes), connection)  # type: ignore[arg-type]


def _half_event(completion: Completion) -> list[bytes]:
    return [completion.delta({"content": "interrupted"}).partition(b"rupted")[0]]


def _bad_json(completion: Completion) -> list[bytes]:
    """Two events that are not JSON, in the middle of a good reply."""
    half, events = len(completion.pieces) // 2, completion.events()
    bad = [b'data: {"choices":[{"delta":{"content":"bro\n\n', b"data: not JSON at all\n\n"]
    return [*events[:half], *bad, *events[half:]]


def _error_in_stream(completion: Completion, connection: Connection) -> None:
    """An error object after half the reply, or instead of an unstreamed reply."""
    half = streamed(lambda it: [*it.half(), event(QUEUE_FULL)])
    (half if completion.stream else answering(200, QUEUE_FULL))(completion, connection)


QUEUE_FULL = error_object("The queue is full (simulated)", "server_error", "queue_full")
_QUOTA = error_object("Daily quota exceeded", "insufficient_quota", "insufficient_quota")
_WINDOW = "This model's maximum context length is exceeded"
_CONTEXT = error_object(_WINDOW, "context_length_exceeded", "context_length_exceeded")
_BLOCKED = json.dumps({"category": "simulated", "error": "content_blocked"})


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to answer a chat request, with its name for `--fail` and a short description."""

    name: str
    description: str
    respond: Respond = field(compare=False, repr=False)


_ALL = (
    Fault("429-seconds", "rate limited, Retry-After: 2", failing(429, retry_after="2")),
    Fault("429-date", "rate limited, Retry-After is a date, 2 s ahead", _rate_limited_until),
    Fault("429-ms", "rate limited, retry-after-ms: 50", failing(429, retry_after_ms="50")),
    Fault("429-hour", "rate limited, Retry-After: 3600", failing(429, retry_after="3600")),
    Fault("429-day", "rate limited, Retry-After: 86400", failing(429, retry_after="86400")),
    Fault("429-none", "rate limited, no Retry-After", failing(429)),
    Fault("429-quota", "the quota is used up", answering(429, _QUOTA)),
    Fault("402-balance", "the balance is empty", refusing(402, "Your balance is empty. Top it up.")),
    Fault("403-plan", "the model needs a higher plan", failing(403)),
    Fault("403-quota", "a 403 about the quota", refusing(403, "Monthly quota exceeded for your plan")),
    Fault("503-after", "unavailable, Retry-After: 1", failing(503, retry_after="1")),
    Fault("503-never", "unavailable, x-should-retry: false", failing(503, x_should_retry="false")),
    Fault("blocked", "the question is refused by moderation", refusing(422, _BLOCKED)),
    Fault("context", "too long for the model's window", answering(400, _CONTEXT)),
    Fault("no-answer", "not a byte, for ever", lambda _, connection: connection.stay_silent()),
    Fault("stall", "half the reply, then nothing, for ever", interrupted(Connection.stay_silent)),
    Fault(
        "cut-mid-token",
        "the connection closes in the middle of an event",
        interrupted(Connection.cut, _half_event),
    ),
    Fault("cut-between", "the connection closes between two events", interrupted(Connection.cut)),
    Fault(
        "reset-before-headers",
        "a TCP reset before any byte of the response",
        lambda _, connection: connection.reset(),
    ),
    Fault("reset-mid-stream", "a TCP reset after half the reply", interrupted(Connection.reset)),
    Fault("length", "a reply cut off at max_tokens (finish_reason length)", changed(finish_reason="length")),
    Fault(
        "filtered",
        "a reply cut off by a filter (finish_reason content_filter)",
        changed(finish_reason="content_filter"),
    ),
    Fault("error-mid", "an error after half the reply", _error_in_stream),
    Fault("bad-json", "two events in a good reply are not JSON", streamed(_bad_json)),
    Fault("no-text", "a complete reply without any text", changed(pieces=())),
    Fault("empty-body", "200 with an empty body", lambda _, connection: connection.answer(200)),
    Fault("html", "200 with a proxy's HTML page", answering(200, page(200, "Welcome"))),
)
FAULTS: dict[str, Fault] = {fault.name: fault for fault in _ALL}


def find(name: str, faults: Mapping[str, Fault] = FAULTS) -> Fault:
    """The fault of this name: one of `faults`, or STATUS or STATUS-SHAPE, such as 500-html.

    Raises:
        UsageError: There is none; the message suggests the nearest.
    """
    if name in faults:
        return faults[name]
    found = re.fullmatch(r"([45][0-9]{2})(?:-([a-z]+))?", name)
    if found and (not found[2] or found[2] in SHAPES):
        status = int(found[1])
        headers = {"retry_after": "1"} if status == _TOO_MANY else {}
        return Fault(name, REASONS.get(status, "Error"), failing(status, found[2] or "", **headers))
    from difflib import get_close_matches

    shapes = (f"{status}-{shape}" for status in (401, 422, 429, 500) for shape in SHAPES)
    near = get_close_matches(name, [*faults, *shapes], n=1, cutoff=0.5)
    meant = f" Did you mean '{near[0]}'?" if near else ""
    raise UsageError(f"There is no fault '{name}'.{meant}", hint="List them: mira simulate --faults")


def parse(text: str, faults: Mapping[str, Fault] = FAULTS) -> tuple[Fault, int | None]:
    """NAME[:COUNT] as a fault and the number of requests that get it, None for all.

    Raises:
        UsageError: Unknown name, or a count that is not a whole number above 0.
    """
    name, colon, count = text.strip().partition(":")
    fault = find(name, faults)
    if not colon:
        return fault, None
    if not (count.isascii() and count.isdigit() and len(count) <= _MAX_DIGITS and int(count) > 0):
        raise UsageError(f"--fail {text}: the count must be a whole number above 0, not '{count}'.")
    return fault, int(count)
