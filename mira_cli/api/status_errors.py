"""Turns an error answer, its status and its body of any shape, into a MiraError that says what to do."""

from __future__ import annotations

import json
import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from mira_cli.api.models import BUILTIN
from mira_cli.api.retry import LONGEST_WAIT, is_retryable, requested_wait, when
from mira_cli.errors import (
    AuthError,
    BlockedError,
    ContextError,
    MiraError,
    NetworkError,
    QuotaError,
    RateLimitError,
    RefusedError,
    ServerError,
    TooLargeError,
)
from mira_cli.masking import mask, redact

if TYPE_CHECKING:
    from mira_cli.api.call import Call
    from mira_cli.api.request import RequestInfo

_PLATFORM = "https://platform.vmira.ai"
_MODELS = "See the models: mira models"
_LATER = "Try again later."

_MONEY = re.compile(r"quota|billing|balance(?!r)|квот|баланс", re.IGNORECASE)
_WINDOW = re.compile(
    r"context[_ ](?:length|window|size)|maximum context|too many tokens|(?:prompt|input) is too long"
    r"|reduce the length of the messages|длин\w* контекст|контекстн\w* окн"
    r"|слишком длинн\w* (?:контекст|запрос)",
    re.IGNORECASE,
)
_MODEL = re.compile(r"\bmodel|модел", re.IGNORECASE)

_UNAUTHORISED, _PAYMENT_REQUIRED, _FORBIDDEN, _TOO_MANY, _SERVER_ERRORS = 401, 402, 403, 429, 500
_REDIRECTIONS, _CLIENT_ERRORS = 300, 400
_MAY_CONCERN_MONEY = (402, 403, 429)
_MAY_CONCERN_THE_WINDOW = (400, 413, 422)
_WRONG_PATH = (404, 405, 410)
# The error, what happened, and what to do about it.
_SIMPLE: dict[int, tuple[type[MiraError], str, str]] = {
    407: (
        NetworkError,
        "The proxy wants a name and a password (407)",
        "Put them into the proxy's URL, in HTTPS_PROXY or ALL_PROXY.",
    ),
    408: (ServerError, "The server took too long (408)", _LATER),
    413: (TooLargeError, "The request is too large for the API ({size:,} bytes)", "Send less at once."),
    425: (ServerError, "The server will not answer so early (425)", _LATER),
    _TOO_MANY: (RateLimitError, "Rate limited", "Wait a while, then try again."),
}

_DEPTH = 5  # of JSON in JSON
_ISSUES_SHOWN = 3
_CODE_FIELDS = ("code", "type", "category")
_FAILURES = ("error", "detail", "errors")
_SENTENCES = ("message", "msg", "error_description", "title", "reason")
_TORN_TEXT = re.compile(r'"(?:message|msg|detail|error)"\s*:\s*"((?:[^"\\]|\\.)*)')
_BLANKS = re.compile(r"[ \t\r\n]+")  # not \s, which includes control characters; those are shown
_LONGEST_QUOTE = 300
_SHORTEST_ECHO = 12  # characters; a message this long is cut out of the quote


def from_response(response: Call, body: bytes, info: RequestInfo) -> MiraError:
    """The error for a status other than 2xx, with its retry information."""
    status, now = response.status, time.time()
    message = read_message(body)
    quoted = quote(message.text, info)
    what = str(status) if quoted else f"{status} {quote(response.reason, info)}".strip()
    error = _by_message(status, message, quoted or what, info) or _by_status(status, quoted, what, info)
    wait = requested_wait(response.headers, now)
    if isinstance(error, ServerError) and wait is not None and wait > LONGEST_WAIT:
        # Tells a script to retry later rather than now.
        error = RateLimitError(error.message)
    error.status = status
    error.retry_after = wait
    error.affects_all = status == _TOO_MANY or status >= _SERVER_ERRORS
    if is_retryable(status, response.headers, quota=isinstance(error, QuotaError)):
        kind = "server error" if status >= _SERVER_ERRORS else "error"
        error.retry_reason = "rate limited" if status == _TOO_MANY else f"{kind} {status}"
    if wait is not None and isinstance(error, (RateLimitError, QuotaError)):
        error.message = f"{error.message} Try again {when(now, wait)}."
        if isinstance(error, RateLimitError):
            error.hint = ""
    return error


def _by_message(status: int, message: ServerMessage, reason: str, info: RequestInfo) -> MiraError | None:
    """The error that the server's message and codes point to, if any."""
    searched = " ".join([message.text, *message.codes])
    if message.blocked:
        about = f" ({quote(message.category, info)})" if message.category else ""
        what = f"The API's moderation blocked this message{about}."
        return BlockedError(what, hint="Rephrase and try again.")
    if status == _PAYMENT_REQUIRED or (status in _MAY_CONCERN_MONEY and _MONEY.search(searched)):
        what = sentence("The balance or quota is used up", quote(message.text, info))
        return QuotaError(what, hint=f"Top up at {_PLATFORM}.")
    if status in _MAY_CONCERN_THE_WINDOW and _WINDOW.search(searched):
        return ContextError(
            sentence("The conversation is too long for the model", reason),
            hint="Send less, or use a model with a larger context window (mira models).",
        )
    return None


def _by_status(status: int, quoted: str, what: str, info: RequestInfo) -> MiraError:
    """The error for a status. `quoted` is the server's message or "", `what` is the status."""
    if status == _UNAUTHORISED:
        label = info.server.key_label or f"key {mask(info.server.key)}"
        hint = info.server.key_hint or "Set another: mira config set key"
        return AuthError(f"The API refused {label}.", hint=hint)
    if status == _FORBIDDEN:
        return _forbidden(quoted, what, info)
    if status in _SIMPLE:
        kind, message, hint = _SIMPLE[status]
        message = message.format(size=info.size)
        return kind(sentence(message, "" if status == _TOO_MANY else quoted), hint=hint)
    if _REDIRECTIONS <= status < _SERVER_ERRORS:
        return _refused(status, quoted, what, info)
    return ServerError(sentence(f"The server failed ({what})", quoted), hint=_LATER)


def _refused(status: int, quoted: str, what: str, info: RequestInfo) -> RefusedError:
    """A redirect, a wrong path, an unknown model, or another 4xx."""
    address = check_address(info.server.base_url)
    about_model = quoted and _MODEL.search(quoted)
    if status < _CLIENT_ERRORS:
        message = f"The API redirects elsewhere ({status}); redirects are not followed."
        return RefusedError(message, hint=address)
    if status not in _WRONG_PATH:
        hint = _MODELS if about_model and info.model not in BUILTIN else ""
        return RefusedError(sentence(f"The API refused the request ({what})", quoted), hint=hint)
    if about_model:
        return RefusedError(sentence("The API refused the request", quoted), hint=_MODELS)
    return RefusedError(sentence("The API is not at this address", quoted or what), hint=address)


def _forbidden(quoted: str, what: str, info: RequestInfo) -> AuthError:
    """A plan that doesn't include the model, or a wrong path (just "Forbidden")."""
    plan = BUILTIN[info.model].plan if info.model in BUILTIN else ""
    need = f"{info.model} needs the {plan} plan" if plan not in {"", "free"} else ""
    if quoted.strip(" .").lower() in {"", "forbidden"}:
        hint = check_address(info.server.base_url)
        if need:
            hint = f"{need} ({_PLATFORM}); otherwise: {hint}"
        return AuthError("The API forbids this request (403).", hint=hint)
    hint = f"{need}: {_PLATFORM}." if need else f"See which plan you have at {_PLATFORM}."
    return AuthError(sentence("The API forbids this request", quoted or what), hint=hint)


def check_address(base_url: str) -> str:
    """The hint when the base URL looks wrong."""
    return f"Check the base URL, {base_url}: mira config get base_url"


class ServerMessage(NamedTuple):
    """A server's error message and codes."""

    text: str = ""  # for people, as the server wrote it; "" if there is nothing to show
    codes: frozenset[str] = frozenset()  # for programs: codes and types, in lower case
    category: str = ""  # why a message was blocked

    @property
    def blocked(self) -> bool:
        """Whether moderation blocked a message."""
        return "content_blocked" in self.codes


def read_message(body: bytes) -> ServerMessage:
    """The message of an error body: JSON of any shape, JSON in a string, or plain text; nothing from HTML."""
    text = body.decode("utf-8-sig", "replace").strip()
    if not text or text.startswith("<") or "<html" in text[:1000].lower():
        return ServerMessage()
    if text[0] in '{["':
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            # Truncated or invalid JSON. It may hold the whole conversation, so take just one string.
            torn = _TORN_TEXT.search(text)
            return ServerMessage(torn[1]) if torn else ServerMessage()
        return message_of(value)
    return ServerMessage(text)


def message_of(value: object, depth: int = 0) -> ServerMessage:
    """The message of a JSON error value."""
    if depth <= _DEPTH:
        if isinstance(value, str):
            return _from_string(value, depth)
        if isinstance(value, list):
            return _from_list(value, depth)
        if isinstance(value, dict):
            return _from_object(value, depth)
    return ServerMessage()


def quote(text: str, info: RequestInfo) -> str:
    """A server's text on one short line, without the key and without echoes of the conversation."""
    for sent in info.texts:
        if len(sent) >= _SHORTEST_ECHO:
            text = text.replace(sent, "…")
    text = redact(_BLANKS.sub(" ", text[: 40 * _LONGEST_QUOTE]).strip(" "))
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1].rstrip()}…"


def sentence(start: str, quoted: str) -> str:
    """A sentence that says what happened and, if there is any, the server's own text."""
    if not quoted:
        return f"{start}."
    return f"{start}: {quoted}" if quoted[-1] in ".!?…" else f"{start}: {quoted}."


def _from_string(value: str, depth: int) -> ServerMessage:
    stripped = value.strip()
    if stripped[:1] in {"{", "["}:
        try:
            return message_of(json.loads(stripped), depth + 1)
        except (ValueError, RecursionError):
            pass
    is_code = " " not in stripped and any(mark in stripped for mark in "_.")
    return ServerMessage(stripped, frozenset({stripped.lower()}) if is_code else frozenset())


def _from_list(value: list[Any], depth: int) -> ServerMessage:
    found = []
    for item in value[:_ISSUES_SHOWN]:
        message = message_of(item, depth + 1)
        where = item.get("loc") if isinstance(item, dict) else None
        if isinstance(where, list) and message.text:
            place = ".".join(str(part) for part in where if part != "body")
            message = message._replace(text=f"{place}: {message.text}" if place else message.text)
        found.append(message)
    return ServerMessage(
        "; ".join(message.text for message in found if message.text),
        frozenset().union(*(message.codes for message in found)),
        next((message.category for message in found if message.category), ""),
    )


def _from_object(value: dict[str, Any], depth: int) -> ServerMessage:
    codes = {str(value[field]).lower() for field in _CODE_FIELDS if isinstance(value.get(field), (str, int))}
    category = value["category"] if isinstance(value.get("category"), str) else ""
    text = ""
    for field in _FAILURES:
        if value.get(field):
            inner = message_of(value[field], depth + 1)
            codes |= inner.codes
            category = category or inner.category
            text = text or inner.text
    # {"error": "content_blocked", "message": "…"}: prefer the sentence to a code or the name of a status.
    if not text or text.lower() in codes | {status.phrase.lower() for status in HTTPStatus}:
        found = (value[field] for field in _SENTENCES if isinstance(value.get(field), (str, list)))
        text = next(filter(None, (message_of(each, depth + 1).text for each in found)), text)
    named = (value[field] for field in _CODE_FIELDS if isinstance(value.get(field), str))
    return ServerMessage(text or next(named, ""), frozenset(codes), category)
