"""Extracts the message and the codes from an error body of any shape, and shortens them for display."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from mira_cli.masking import redact

if TYPE_CHECKING:
    from mira_cli.api.request import RequestInfo

_DEPTH = 5
_ISSUES_SHOWN = 3
_CODE_FIELDS = ("code", "type", "category")
_FAILURES = ("error", "detail", "errors")
_SENTENCES = ("message", "msg", "error_description", "title", "reason")
_TORN_TEXT = re.compile(r'"(?:message|msg|detail|error)"\s*:\s*"((?:[^"\\]|\\.)*)')
_BLANKS = re.compile(r"[ \t\r\n]+")  # not \s, which includes control characters; those are shown
_LONGEST_QUOTE = 300
_SHORTEST_ECHO = 12  # characters; a message this long is cut out of the quote


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
    for said in info.texts:
        if len(said) >= _SHORTEST_ECHO:
            text = text.replace(said, "…")
    text = redact(_BLANKS.sub(" ", text[: 40 * _LONGEST_QUOTE]).strip(" "))
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1].rstrip()}…"


def sentence(start: str, said: str) -> str:
    """A sentence that says what happened and, if there is any, the server's own text."""
    if not said:
        return f"{start}."
    return f"{start}: {said}" if said[-1] in ".!?…" else f"{start}: {said}."


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
        said = (value[field] for field in _SENTENCES if isinstance(value.get(field), (str, list)))
        text = next(filter(None, (message_of(each, depth + 1).text for each in said)), text)
    named = (value[field] for field in _CODE_FIELDS if isinstance(value.get(field), str))
    return ServerMessage(text or next(named, ""), frozenset(codes), category)
