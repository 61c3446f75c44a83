"""A request as the simulator received it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "x-api-key", "cookie"})


@dataclass(frozen=True, slots=True)
class Received:
    """One request; header names are in lower case, `time` is Unix seconds."""

    time: float
    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    body: Any
    """The body as JSON; as text when it is no JSON; None when empty."""

    @property
    def messages(self) -> list[dict[str, str]]:
        """The messages of a chat request, [] when there are none that can be read."""
        messages = self.body.get("messages") if isinstance(self.body, dict) else None
        return [m for m in messages if isinstance(m, dict)] if isinstance(messages, list) else []

    @property
    def question(self) -> str:
        """The last user message, "" when there is none."""
        return last_question(self.messages)

    @property
    def key(self) -> str:
        """The key that the client sent, "" without one."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    def as_json(self) -> dict[str, object]:
        """The line of `--log`: everything but the key."""
        shown = {name: value for name, value in self.headers.items() if name not in _SECRET_HEADERS}
        return {
            "time": round(self.time, 3),
            "method": self.method,
            "path": self.path,
            "headers": shown,
            "body": self.body,
        }


def last_question(messages: list[dict[str, str]]) -> str:
    """The content of the last message of the user, "" when there is none."""
    for message in reversed(messages):
        content = message.get("content")
        if message.get("role") == "user" and isinstance(content, str):
            return content
    return ""


def parse(raw: bytes) -> Any:
    """The body as JSON if it is JSON, else as text; None when it is empty. Never raises."""
    if not raw:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw.decode("utf-8", "replace")
