"""Responses with an error status, with bodies as the API and proxies in front of it write them."""

from __future__ import annotations

import json
import re
from email.utils import formatdate
from http.client import responses
from time import time
from typing import TYPE_CHECKING

from mira_cli.simulator.completion import to_bytes
from mira_cli.simulator.response import JSON, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.simulator.completion import Completion
    from mira_cli.simulator.response import Actions, Headers

    Respond = Callable[[Completion], Actions]

TEXT: Headers = (("content-type", "text/plain; charset=utf-8"),)
HTML: Headers = (("content-type", "text/html"),)
_TOO_MANY = 429
_SERVER_ERRORS = 500

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
_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>%d</title></head>\n"
    b"<body><center><h1>%d %b</h1></center><hr><center>nginx</center></body></html>\n"
)

SHAPES = {
    "string": '{"detail": "text"}',
    "object": '{"detail": {"error": "text", "code": …}}',
    "list": '{"detail": [{"loc", "msg", "type"}]}',
    "json": '{"detail": "…"}, a string that holds JSON',
    "error": '{"error": {"message", "type", "code"}}',
    "empty": "no body",
    "text": "a line of plain text",
    "html": "an HTML page, as from a proxy",
}
"""What may stand after a status, as in 500-html, and what the body then is."""


def detail(status: int) -> str:
    """The text that goes with a status."""
    return _DETAILS.get(status) or f"{responses.get(status, 'Error')} (simulated)"


def page(status: int, title: str) -> bytes:
    """The HTML page of a proxy."""
    return _PAGE % (status, status, title.encode())


def _body(status: int, shape: str) -> tuple[bytes, Headers]:
    text = detail(status)
    kind = "server_error" if status >= _SERVER_ERRORS else "invalid_request_error"
    match shape:
        case "empty":
            return b"", ()
        case "text":
            return text.encode(), TEXT
        case "html":
            return page(status, responses.get(status, "Error")), HTML
        case "object":
            value: object = {"detail": {"error": text, "code": f"simulated_{status}"}}
        case "list":
            value = {"detail": [{"loc": ["body", "model"], "msg": text, "type": "value_error"}]}
        case "json":
            value = {"detail": json.dumps({"error": text, "status": status})}
        case "error":
            value = {"error": {"message": text, "type": kind, "code": str(status)}}
        case _:
            value = {"detail": text}
    return to_bytes(value), JSON


def with_status(status: int, shape: str = "", headers: Headers = ()) -> Respond:
    """A response with this status; `shape` "" is the one that the API uses for it."""
    body, kind = _body(status, shape or ("empty" if status in _EMPTY else "string"))
    return lambda _completion: iter((Response(status, body, (*kind, *headers)),))


def with_detail(status: int, value: object) -> Respond:
    """`{"detail": value}`."""
    return lambda _completion: iter((Response(status, to_bytes({"detail": value})),))


def with_error(status: int, message: str, code: str) -> Respond:
    """`{"error": {"message", "type", "code"}}`."""
    body = to_bytes({"error": {"message": message, "type": code, "code": code}})
    return lambda _completion: iter((Response(status, body),))


def retry_after(value: str) -> Headers:
    """The header that says how long to wait."""
    return (("retry-after", value),)


def retry_at(seconds: int) -> Respond:
    """A 429 whose Retry-After is a date, `seconds` after the request."""

    def respond(completion: Completion) -> Actions:
        date = formatdate(time() + seconds, usegmt=True)
        return with_status(_TOO_MANY, headers=retry_after(date))(completion)

    return respond


def by_name(name: str) -> tuple[str, Respond] | None:
    """Description and response of STATUS or STATUS-SHAPE, such as 500-html; None if it is neither."""
    found = re.fullmatch(r"([45][0-9]{2})(?:-([a-z]+))?", name)
    if not found or (found[2] and found[2] not in SHAPES):
        return None
    status, shape = int(found[1]), found[2] or ""
    headers = retry_after("1") if status == _TOO_MANY else ()
    description = f"{responses.get(status, 'Error')}: {SHAPES.get(shape, 'as the API words it')}"
    return description, with_status(status, shape, headers)
