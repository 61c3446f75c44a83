"""What the API refuses: the key, the raw body, each parameter (pure)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mira_cli.simulator.models import MODEL_IDS

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BODY = 1 << 20  # bytes; the API itself takes 2 MiB, but proxies in front of it less
_MAX_MESSAGES = 200
_MAX_CONTENT = 32_000  # bytes of UTF-8 in a message
_MAX_DEPTH = 20
_ROLES = ("system", "user", "assistant")

_BRACKET = re.compile(rb"[\[\]{}]")
_OPENING = frozenset((b"[", b"{"))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status and the value of `detail` in the body."""

    status: int
    detail: object


def check_key(header: str | None, key: str) -> Refusal | None:
    """Why the Authorization header is refused, None if it is `Bearer`, one space and `key`."""
    if not header:
        return Refusal(401, "Not authenticated")
    if not header.startswith("Bearer sk-mira-"):
        return Refusal(401, "Invalid API key format")
    if header != f"Bearer {key}":
        return Refusal(401, "Invalid or revoked API key")
    return None


def check_body(raw: bytes, content_type: str) -> Refusal | None:
    """The first thing that the API would refuse in a chat request, None if it accepts it."""
    refusal = _raw_refusal(raw)
    if refusal:
        return refusal
    try:
        body = json.loads(raw)
    except UnicodeDecodeError:
        return Refusal(400, "There was an error parsing the body")
    except ValueError as error:
        return _invalid("json_invalid", ("body", getattr(error, "pos", 0)), "JSON decode error", {})
    if not isinstance(body, dict) or content_type.partition(";")[0].strip().lower() != "application/json":
        return _invalid("model_attributes_type", ("body",), "Input should be a valid dictionary", body)
    return next(_refusals(body), None)


def _raw_refusal(raw: bytes) -> Refusal | None:
    if len(raw) > MAX_BODY:
        return Refusal(413, "Request body too large")
    if b"\x00" in raw:
        return Refusal(400, "Null bytes are not allowed")
    depth = 0
    for bracket in _BRACKET.findall(raw):
        depth += 1 if bracket in _OPENING else -1
        if depth > _MAX_DEPTH:
            return Refusal(400, f"JSON nesting depth exceeds limit (max {_MAX_DEPTH})")
    return None


def _refusals(body: dict[str, Any]) -> Iterator[Refusal]:
    if not isinstance(body.get("model"), str):
        yield _field(body, "model", "string_type", "Input should be a valid string")
    yield from _message_refusals(body)
    yield from _parameter_refusals(body)
    if body["model"] not in MODEL_IDS:
        yield Refusal(400, f"Unknown model: {body['model']}")


def _message_refusals(body: dict[str, Any]) -> Iterator[Refusal]:
    messages = body.get("messages")
    if not isinstance(messages, list):
        yield _field(body, "messages", "list_type", "Input should be a valid list")
        return
    if not messages:
        yield _field(body, "messages", "too_short", "List should have at least 1 item")
    if len(messages) > _MAX_MESSAGES:
        text = f"List should have at most {_MAX_MESSAGES} items after validation, not {len(messages)}"
        yield _field(body, "messages", "too_long", text)
    for place, message in enumerate(messages):
        yield from _message_refusal(("body", "messages", place), message)


def _message_refusal(where: tuple[str | int, ...], message: object) -> Iterator[Refusal]:
    if not isinstance(message, dict):
        yield _invalid("model_attributes_type", where, "Input should be a valid dictionary", message)
        return
    role, content = message.get("role"), message.get("content")
    if role not in _ROLES:
        text = "Input should be 'system', 'user' or 'assistant'"
        yield _invalid("literal_error", (*where, "role"), text, role)
    if not isinstance(content, str):
        yield _invalid("string_type", (*where, "content"), "Input should be a valid string", content)
    elif len(content.encode("utf-8", "surrogatepass")) > _MAX_CONTENT:
        text = f"Value error, message content exceeds {_MAX_CONTENT} bytes"
        yield _invalid("value_error", (*where, "content"), text, content[:100])


def _parameter_refusals(body: dict[str, Any]) -> Iterator[Refusal]:
    for name, top in (("temperature", 2), ("top_p", 1)):
        if name in body and not _is_number(body[name]):
            yield _field(body, name, "float_type", "Input should be a valid number")
        elif name in body and not 0 <= body[name] <= top:
            yield _field(body, name, "out_of_range", f"Input should be between 0 and {top}")
    if "stream" in body and not isinstance(body["stream"], bool):
        yield _field(body, "stream", "bool_type", "Input should be a valid boolean")
    limit = body.get("max_tokens")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        yield _field(body, "max_tokens", "int_type", "Input should be a valid integer greater than 0")
    stop = body.get("stop")
    if stop is not None and not (isinstance(stop, str) or _are_strings(stop)):
        yield _field(body, "stop", "string_type", "Input should be a valid string or a list of strings")
    reply_format = body.get("response_format")
    if reply_format is not None and not isinstance(reply_format, dict):
        yield _field(body, "response_format", "dict_type", "Input should be a valid dictionary")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _field(body: dict[str, Any], name: str, kind: str, text: str) -> Refusal:
    if name not in body:
        return _invalid("missing", ("body", name), "Field required", {})
    return _invalid(kind, ("body", name), text, body[name])


def _invalid(kind: str, where: tuple[str | int, ...], text: str, given: object) -> Refusal:
    """A validation error as FastAPI words it: the place, the reason, and the input echoed back."""
    return Refusal(422, [{"type": kind, "loc": list(where), "msg": text, "input": given}])
