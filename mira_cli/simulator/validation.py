"""The API's listings, and its checks of the key, the body and each parameter."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MODELS: dict[str, dict[str, object]] = {
    name: {
        "id": name,
        "name": shown,
        "description": f"Simulated: {about}.",
        "context_window": window,
        "max_output_tokens": longest,
        **({"requires_plan": plan} if plan else {}),
    }
    for name, shown, about, window, longest, plan in (
        ("mira", "Mira", "the everyday model", 32768, 4096, ""),
        ("mira-thinking", "Mira Thinking", "thinks before it answers", 32768, 8192, ""),
        ("mira-pro", "Mira Pro", "for longer work", 65536, 8192, "pro"),
        ("mira-max", "Mira Max", "the largest", 131072, 16384, "max"),
    )
}
_CREATED = 1711000000  # a fixed moment (Unix seconds), so that listings never differ
QUOTA = "/v1/quota"
LISTINGS: dict[str, dict[str, object]] = {
    "/v1/models": {
        "object": "list",
        "data": [
            {"id": name, "object": "model", "created": _CREATED, "owned_by": "vmira"} for name in MODELS
        ],
    },
    "/api/v1/models": {"default": "mira", "models": list(MODELS.values())},
    QUOTA: {"status": "allowed", "utilization": 0.0, "resets_at": _CREATED + 86400, "plan": "free"},
}
"""What GET of each path answers."""

MAX_BODY = 1 << 20  # bytes; the API itself takes 2 MiB, but proxies in front of it less
_MAX_MESSAGES = 200
_MAX_CONTENT = 32_000  # bytes of UTF-8 in a message
_MAX_DEPTH = 20
_BRACKET = re.compile(rb"[\[\]{}]")


class Refusal(NamedTuple):
    """A status and the value of `detail` in the body."""

    status: int
    detail: object


def check_key(header: str | None, key: str) -> Refusal | None:
    """Why the Authorization header is refused, None if it is `Bearer`, one space and `key`."""
    if not header:
        return Refusal(401, "Not authenticated")
    if not header.startswith("Bearer sk-mira-"):
        return Refusal(401, "Invalid API key format")
    return None if header == f"Bearer {key}" else Refusal(401, "Invalid or revoked API key")


def check_body(raw: bytes, content_type: str) -> Refusal | None:
    """The first thing that the API would refuse in a chat request, None if it accepts it."""
    return _raw_refusal(raw) or _json_refusal(raw, content_type)


def _raw_refusal(raw: bytes) -> Refusal | None:
    if len(raw) > MAX_BODY:
        return Refusal(413, "Request body too large")
    if b"\x00" in raw:
        return Refusal(400, "Null bytes are not allowed")
    depth = 0
    for bracket in _BRACKET.findall(raw):  # those in strings count as well
        depth += 1 if bracket in (b"[", b"{") else -1
        if depth > _MAX_DEPTH:
            return Refusal(400, f"JSON nesting depth exceeds limit (max {_MAX_DEPTH})")
    return None


def _json_refusal(raw: bytes, content_type: str) -> Refusal | None:
    try:
        body = json.loads(raw)
    except UnicodeDecodeError:
        return Refusal(400, "There was an error parsing the body")
    except ValueError as error:
        return _invalid("json_invalid", ("body", getattr(error, "pos", 0)), "JSON decode error", {})
    if not isinstance(body, dict) or content_type.partition(";")[0].strip().lower() != "application/json":
        return _invalid("model_attributes_type", ("body",), "Input should be a valid dictionary", body)
    return next(_refusals(body), None)


def _refusals(body: dict[str, Any]) -> Iterator[Refusal]:
    for name in ("model", "messages"):
        if name not in body:
            yield _invalid("missing", ("body", name), "Field required", {})
    for name, (kind, text, fits) in _PARAMETERS.items():
        if name in body and not fits(body[name]):
            yield _invalid(kind, ("body", name), text, body[name])
    for place, message in enumerate(body["messages"]):
        yield from _message_refusals(("body", "messages", place), message)
    if body["model"] not in MODELS:
        yield Refusal(400, f"Unknown model: {body['model']}")


def _message_refusals(where: tuple[str | int, ...], message: object) -> Iterator[Refusal]:
    if not isinstance(message, dict):
        yield _invalid("model_attributes_type", where, "Input should be a valid dictionary", message)
        return
    role, content = message.get("role"), message.get("content")
    if role not in ("system", "user", "assistant"):
        text = "Input should be 'system', 'user' or 'assistant'"
        yield _invalid("literal_error", (*where, "role"), text, role)
    if not isinstance(content, str):
        yield _invalid("string_type", (*where, "content"), "Input should be a valid string", content)
    elif len(content.encode("utf-8", "surrogatepass")) > _MAX_CONTENT:
        text = f"Value error, message content exceeds {_MAX_CONTENT} bytes"
        yield _invalid("value_error", (*where, "content"), text, content[:100])


def _is_number(value: object, top: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= top


def _is_stop(value: object) -> bool:
    return (
        value is None
        or isinstance(value, str)
        or (isinstance(value, list) and all(isinstance(item, str) for item in value))
    )


_PARAMETERS: dict[str, tuple[str, str, Callable[[Any], bool]]] = {
    "model": ("string_type", "Input should be a valid string", lambda it: isinstance(it, str)),
    "messages": (
        "list_type",
        f"Input should be a list of 1 to {_MAX_MESSAGES} items",
        lambda it: isinstance(it, list) and 1 <= len(it) <= _MAX_MESSAGES,
    ),
    "temperature": ("float_type", "Input should be a number from 0 to 2", lambda it: _is_number(it, 2)),
    "top_p": ("float_type", "Input should be a number from 0 to 1", lambda it: _is_number(it, 1)),
    "stream": ("bool_type", "Input should be a valid boolean", lambda it: isinstance(it, bool)),
    "max_tokens": (
        "int_type",
        "Input should be a valid integer greater than 0",
        lambda it: it is None or (type(it) is int and it > 0),
    ),
    "stop": ("string_type", "Input should be a valid string or a list of strings", _is_stop),
    "response_format": (
        "dict_type",
        "Input should be a valid dictionary",
        lambda it: it is None or isinstance(it, dict),
    ),
}
"""For each parameter: type and text of its validation error, and a check of its value, null included."""


def _invalid(kind: str, where: tuple[str | int, ...], text: str, given: object) -> Refusal:
    """A validation error as FastAPI words it: the place, the reason, and the input echoed back."""
    return Refusal(422, [{"type": kind, "loc": list(where), "msg": text, "input": given}])
