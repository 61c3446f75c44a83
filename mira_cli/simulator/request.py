"""A request as the simulator received it, and the file that logs them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from mira_cli.errors import OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "x-api-key", "cookie"})


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One HTTP request.

    Attributes:
        time: When it came, in Unix seconds.
        method: Such as "POST".
        path: Path and query string.
        headers: Names in lower case.
        raw: The body as bytes.
        body: The body as JSON; as text if it is not JSON; None if empty.
    """

    time: float = 0.0
    method: str = ""
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    body: Any = None

    @property
    def messages(self) -> list[dict[str, str]]:
        """The messages of a chat request, [] if there are none that can be read."""
        messages = self.body.get("messages") if isinstance(self.body, dict) else None
        return [m for m in messages if isinstance(m, dict)] if isinstance(messages, list) else []

    @property
    def question(self) -> str:
        """The last user message, "" if there is none."""
        return last_question(self.messages)

    @property
    def key(self) -> str:
        """The key that the client sent, "" without one."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")


def last_question(messages: list[dict[str, str]]) -> str:
    """The content of the last user message, "" if there is none."""
    for message in reversed(messages):
        content = message.get("content")
        if message.get("role") == "user" and isinstance(content, str):
            return content
    return ""


def parse_body(raw: bytes) -> Any:
    """The body as JSON, else as text; None if it is empty. Never raises."""
    if not raw:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw.decode("utf-8", "replace")


class RequestLog:
    """Appends one JSON line per request to a file, without the key. Thread-safe.

    Raises:
        UsageError: The file cannot be opened.
    """

    def __init__(self, path: str) -> None:
        try:
            self._file = open(path, "ab", buffering=0)  # noqa: PTH123, SIM115 - closed by close()
        except OSError as error:
            raise UsageError(f"Cannot write the log {path}: {error.strerror}.") from error
        self._lock = Lock()

    def write(self, request: ReceivedRequest) -> None:
        """Append a request: `{"time", "method", "path", "headers", "body"}`. Raises OutputError."""
        shown = {name: value for name, value in request.headers.items() if name not in _SECRET_HEADERS}
        row = {
            "time": round(request.time, 3),
            "method": request.method,
            "path": request.path,
            "headers": shown,
            "body": request.body,
        }
        line = json.dumps(row).encode("ascii") + b"\n"
        with self._lock:
            if self._file.closed:
                return
            try:
                self._file.write(line)
            except OSError as error:
                raise OutputError(f"Cannot write the log {self._file.name}: {error.strerror}.") from error

    def close(self) -> None:
        """Close the file; later requests are not logged."""
        with self._lock:
            self._file.close()
