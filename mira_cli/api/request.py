"""The headers and JSON body of a request, and the details of it that its errors mention."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from mira_cli import __version__
from mira_cli.conversation.message import Message, well_formed
from mira_cli.conversation.sizes import (
    FOLD,
    MAX_MESSAGE_BYTES,
    MAX_MESSAGES,
    MAX_REQUEST_BYTES,
    utf8_bytes,
)
from mira_cli.errors import RefusedError, TooLargeError

if TYPE_CHECKING:
    from mira_cli.conversation.message import Request
    from mira_cli.errors import MiraError

# The server counts brackets in the raw body, inside strings too; any parser reads these as the same text.
_BRACKETS = str.maketrans({"{": "\\u007b", "}": "\\u007d", "[": "\\u005b", "]": "\\u005d"})


class Server(NamedTuple):
    """Where the API is, and the key for it."""

    base_url: str  # normalised: https://api.vmira.ai/v1
    key: str = ""  # "" for requests that need none
    key_label: str = ""  # how errors name the key: key sk-mira-1a2b3c4d… from MIRA_API_KEY
    key_hint: str = ""  # how to set another


class RequestInfo(NamedTuple):
    """The details of a request that its errors mention."""

    server: Server
    model: str = ""
    size: int = 0  # bytes of the body
    texts: tuple[str, ...] = ()  # the messages; cut out when the server repeats them in an error


class Answer(NamedTuple):
    """The answer to a GET."""

    status: int
    value: Any  # the JSON value, None if the body is not JSON
    error: MiraError | None = None  # the error for the status, None for 2xx
    date: str = ""  # the Date header


def make_headers(key: str, *, idempotency: str = "") -> dict[str, str]:
    """The headers of a GET, or, with an idempotency key, of a streaming POST. No API key if it is ""."""
    headers = {
        "User-Agent": f"mira-cli/{__version__}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
    }
    if key:
        headers["Authorization"] = f"Bearer {key}"
    if idempotency:
        headers["Accept"] = "text/event-stream, application/json"
        headers["Content-Type"] = "application/json"
        headers["Idempotency-Key"] = idempotency
    return headers


def encode(request: Request, *, stream_options: bool = True) -> bytes:
    """The body of `POST /chat/completions` (Mira's page "Messages API", Request structure).

    Unset options are not sent. `stream_options` asks for token usage.

    Raises:
        TooLargeError: A message or the body is over the API's limits in bytes.
        RefusedError: More messages than the API takes.
    """
    options = request.options
    messages = _folded(request.messages) if options.fold_system else request.messages
    if len(messages) > MAX_MESSAGES:
        raise RefusedError(f"{len(messages)} messages are too many; the API takes {MAX_MESSAGES} a request.")
    for message in messages:
        _check_size(message)
    fields: dict[str, object] = {
        "model": options.model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "max_tokens": options.max_tokens,
        "temperature": options.temperature,
        "top_p": options.top_p,
        "stop": options.stop or None,
        "response_format": options.response_format,
        "stream": True,  # always: unstreamed, the server gives up after 30 s and strips tags
        "stream_options": {"include_usage": True} if stream_options else None,
    }
    body = _json({name: value for name, value in fields.items() if value is not None}).encode()
    if len(body) > MAX_REQUEST_BYTES:
        raise TooLargeError(
            f"The request is {len(body):,} bytes; the API takes {MAX_REQUEST_BYTES:,} bytes a request.",
            hint="Send less at once.",
        )
    return body


def _check_size(message: Message) -> None:
    """Raise TooLargeError if a message is over the API's limit, in bytes of UTF-8."""
    size = utf8_bytes(message.content)
    if size > MAX_MESSAGE_BYTES:
        what = {"system": "system prompt", "assistant": "reply"}.get(message.role, "message")
        raise TooLargeError(
            f"The {what} is {size:,} bytes; the API takes {MAX_MESSAGE_BYTES:,} bytes a message.",
            hint="Send a part of it, or split it over several questions.",
        )


def _folded(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The messages with the system text moved into the first question."""
    if messages[0].role != "system":
        return messages
    system, first, *rest = messages
    return (Message("user", FOLD.join([system.content, first.content])), *rest)


def _json(value: object) -> str:
    """JSON with the brackets in strings escaped, and without lone surrogates, which UTF-8 can't encode."""
    if isinstance(value, str):
        return json.dumps(well_formed(value), ensure_ascii=False).translate(_BRACKETS)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json(str(name))}:{_json(item)}" for name, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_json, value)) + "]"
    return json.dumps(value, allow_nan=False)
