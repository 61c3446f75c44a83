"""Answers with an error status, in every shape of body that the API or a proxy has been seen to use."""

from __future__ import annotations

import json
import re
from email.utils import formatdate
from http.client import responses
from time import time
from typing import TYPE_CHECKING

from mira_cli.simulator.answer import Answer, good, to_bytes
from mira_cli.simulator.faults.fault import Fault
from mira_cli.simulator.steps import JSON, Headers, Steps, Whole

if TYPE_CHECKING:
    from collections.abc import Callable

_LOWEST, _HIGHEST = 400, 599
_LONG = 300_000  # bytes of the very long error
TEXT: Headers = (("content-type", "text/plain; charset=utf-8"),)
HTML: Headers = (("content-type", "text/html"),)

_DETAILS = {
    400: "Bad request (simulated)",
    401: "Invalid or revoked API key",
    402: "Insufficient balance",
    403: "This model requires the pro plan",
    408: "",
    413: "Request body too large",
    415: "Unsupported media type",
    422: "Invalid parameter (simulated)",
    429: "Too many requests",
    500: "Internal server error",
    503: "Service unavailable",
}
_EMPTY = frozenset({404, 405, 408, 410})  # the API leaves these bodies empty
PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>%d</title></head>\n"
    b"<body><center><h1>%d %b</h1></center><hr><center>nginx</center></body></html>\n"
)


def detail(status: int) -> str:
    """The words that go with a status."""
    return _DETAILS.get(status) or f"{responses.get(status, 'Error')} (simulated)"


def _type(status: int) -> str:
    return "server_error" if status >= 500 else "invalid_request_error"  # noqa: PLR2004 - as HTTP has it


Body = tuple[bytes, Headers]

_SHAPES: dict[str, tuple[str, Callable[[int, Answer], Body]]] = {
    "string": ('{"detail": "text"}', lambda s, _: (to_bytes({"detail": detail(s)}), JSON)),
    "object": (
        '{"detail": {…}}',
        lambda s, _: (to_bytes({"detail": {"error": detail(s), "code": f"simulated_{s}"}}), JSON),
    ),
    "list": (
        '{"detail": [{loc, msg, type}]}',
        lambda s, _: (
            to_bytes({"detail": [{"loc": ["body", "model"], "msg": detail(s), "type": "value_error"}]}),
            JSON,
        ),
    ),
    "json": (
        "detail is a string that holds JSON",
        lambda s, _: (to_bytes({"detail": json.dumps({"error": detail(s), "status": s})}), JSON),
    ),
    "error": (
        '{"error": {message, type, code}}',
        lambda s, _: (to_bytes({"error": {"message": detail(s), "type": _type(s), "code": str(s)}}), JSON),
    ),
    "echo": ("the whole conversation is echoed", lambda s, a: (_echo(s, a), JSON)),
    "empty": ("no body", lambda _s, _a: (b"", ())),
    "text": ("a line of text/plain", lambda s, _: (detail(s).encode(), TEXT)),
    "html": ("a proxy's HTML page", lambda s, _: (PAGE % (s, s, responses.get(s, "Error").encode()), HTML)),
    "long": (
        "a very long detail",
        lambda s, _: (to_bytes({"detail": detail(s) + " x" * (_LONG // 2)}), JSON),
    ),
    "notype": ("JSON without a Content-Type", lambda s, _: (to_bytes({"detail": detail(s)}), ())),
    "key": (
        "the text repeats the key that was sent",
        lambda s, a: (to_bytes({"detail": f"{detail(s)}: {a.key}"}), JSON),
    ),
    "ansi": (
        "the text holds terminal escapes",
        lambda s, _: (to_bytes({"detail": f"\x1b[31m{detail(s)}\x1b]0;owned\x07\u202e"}), JSON),
    ),
}
SHAPES = {name: line for name, (line, _) in _SHAPES.items()}


def _echo(status: int, answer: Answer) -> bytes:
    item = {"type": "too_long", "loc": ["body", "messages"], "msg": detail(status), "input": answer.messages}
    return to_bytes({"detail": [item]})


def _shaped(status: int, shape: str, headers: Headers = ()) -> Callable[[Answer], Steps]:
    """The steps of `status` with a body of that shape; "" is the API's own shape for it."""

    def steps(answer: Answer) -> Steps:
        _, make = _SHAPES[shape or ("empty" if status in _EMPTY else "string")]
        body, kind = make(status, answer)
        yield Whole(status, body, (*kind, *headers))

    return steps


def by_status(name: str) -> Fault | None:
    """The fault called STATUS or STATUS-SHAPE, None if that is no such name."""
    number, _, shape = name.partition("-")
    if not (re.fullmatch("[0-9]{3}", number) and _LOWEST <= int(number) <= _HIGHEST):
        return None
    if shape not in {"", *SHAPES} or name.endswith("-"):
        return None
    status = int(number)
    line = f"{responses.get(status, 'Error')}: {SHAPES.get(shape, 'as the API words it')}"
    headers = _told_to_wait("1") if status == 429 else ()  # noqa: PLR2004 - as HTTP has it
    return Fault(name, line, _shaped(status, shape, headers))


def _told_to_wait(after: str) -> Headers:
    return (("retry-after", after),)


def _date(seconds: int) -> Callable[[Answer], Steps]:
    """A Retry-After that names the moment, worked out when the request comes."""

    def steps(answer: Answer) -> Steps:
        moment = formatdate(time() + seconds, usegmt=True)
        yield from _shaped(429, "", _told_to_wait(moment))(answer)

    return steps


def _detail(status: int, value: object) -> Callable[[Answer], Steps]:
    return lambda _: iter((Whole(status, to_bytes({"detail": value})),))


def _error(status: int, message: str, code: str) -> Callable[[Answer], Steps]:
    error = {"message": message, "type": code, "code": code}
    return lambda _: iter((Whole(status, to_bytes({"error": error})),))


_BLOCKED = {"category": "simulated", "error": "content_blocked"}


def _stream_options(answer: Answer) -> Steps:
    if not answer.include_usage:
        return good(answer)
    item = {
        "type": "extra_forbidden",
        "loc": ["body", "stream_options"],
        "msg": "Extra inputs are not permitted",
    }
    return _detail(422, [item])(answer)


FAULTS = (
    Fault("429-seconds", "Retry-After: 2", _shaped(429, "", _told_to_wait("2"))),
    Fault("429-date", "Retry-After is an HTTP date, 2 s ahead", _date(2)),
    Fault("429-none", "no Retry-After", _shaped(429, "")),
    Fault("429-ms", "retry-after-ms: 50", _shaped(429, "", (("retry-after-ms", "50"),))),
    Fault("429-hour", "Retry-After: 3600", _shaped(429, "", _told_to_wait("3600"))),
    Fault("429-day", "Retry-After: 86400", _shaped(429, "", _told_to_wait("86400"))),
    Fault("429-quota", "the quota is used up", _error(429, "Daily quota exceeded", "insufficient_quota")),
    Fault("402-balance", "the balance is empty", _detail(402, "Your balance is empty. Top it up.")),
    Fault("403-plan", "the plan is too low for the model", _shaped(403, "")),
    Fault("403-forbidden", "a path that is closed", _detail(403, "Forbidden")),
    Fault(
        "403-quota", "a 403 that speaks of the quota", _detail(403, "Monthly quota exceeded for your plan")
    ),
    Fault("503-after", "Retry-After: 1", _shaped(503, "", _told_to_wait("1"))),
    Fault("503-never", "x-should-retry: false", _shaped(503, "", (("x-should-retry", "false"),))),
    Fault("400-again", "x-should-retry: true", _shaped(400, "", (("x-should-retry", "true"),))),
    Fault("blocked", "content_blocked, as JSON in a string", _detail(422, json.dumps(_BLOCKED))),
    Fault("blocked-object", "content_blocked, as an object", _detail(422, _BLOCKED)),
    Fault(
        "context",
        "too long for the model's window",
        _error(400, "This model's maximum context length is exceeded", "context_length_exceeded"),
    ),
    Fault("stream-options", "422 that names stream_options, if they were sent", _stream_options),
)
