"""An HTTP server that has a function answer each request, also in ways that no server should."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from weakref import WeakSet

from mira_cli.background import SideThread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HOST = "127.0.0.1"
CHAT = "/v1/chat/completions"
JSON = {"content-type": "application/json"}
SSE = {"content-type": "text/event-stream", "cache-control": "no-store, no-cache, must-revalidate"}
PING = b": ping\n\n"
# Python 3.13 renamed these two; the simulator says the same on every version.
REASONS = {**http.client.responses, 413: "Request Entity Too Large", 422: "Unprocessable Entity"}
_MAX_READ = 64 << 20  # bytes of a body; a longer one closes the connection
_MAX_LINE = 1024  # bytes of a line between chunks
_MAX_LAG = 0.05  # seconds that a paced stream may lag behind before the lost time is given up
_READING_TIME = 0.1  # seconds that a client has to read what came before a reset, which throws it away


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One HTTP request: when it came in Unix seconds, its headers by their names in lower case, its body.

    `body` is `raw` as JSON; as text if it is not JSON; None if it is empty.
    """

    time: float = 0.0
    method: str = ""
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    body: Any = None

    @property
    def route(self) -> str:
        """The path without a query string."""
        return self.path.partition("?")[0]

    @property
    def is_chat(self) -> bool:
        """Whether it asks for a chat completion."""
        return self.method == "POST" and self.route == CHAT

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages of a chat request, [] if there are none that can be read."""
        messages = self.body.get("messages") if isinstance(self.body, dict) else None
        return [m for m in messages if isinstance(m, dict)] if isinstance(messages, list) else []

    @property
    def question(self) -> str:
        """The content of the last user message, "" if there is none."""
        questions = (m.get("content") for m in reversed(self.messages) if m.get("role") == "user")
        return next((content for content in questions if isinstance(content, str)), "")


class Connection(BaseHTTPRequestHandler):
    """A client's connection, HTTP/1.1 with keep-alive.

    To answer a request, call `answer`, or `begin` and then `send` and `wait`; the rest is for faults. All
    of them raise OSError when the client has left or the server ends.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    ping_interval = 15.0
    """Seconds without data in a stream after which a comment is sent."""
    server: HttpServer
    _chunked = False
    _due = 0.0

    def answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] = JSON) -> None:
        """Send a complete response."""
        self._send_head(status, {**headers, "content-length": str(len(body))})
        if self.command != "HEAD":
            self._write(body)

    def begin(self, status: int = 200, headers: Mapping[str, str] = SSE) -> None:
        """Send the head of a response whose body comes in chunks."""
        self._send_head(status, {**headers, "transfer-encoding": "chunked"})
        self._chunked = True

    def send(self, *chunks: bytes) -> None:
        """Send chunks of the body, each in a write of its own."""
        for chunk in chunks:
            if chunk:  # an empty one would end the body
                self._write(b"%x\r\n%b\r\n" % (len(chunk), chunk))

    def wait(self, seconds: float) -> None:
        """Wait by a schedule, so that slow writes don't change the rate; a stream gets pings."""
        self._due = max(self._due, time.monotonic() - _MAX_LAG) + seconds
        while (left := self._due - time.monotonic()) > 0:
            if self.server.closing.wait(min(left, self.ping_interval)):
                raise ConnectionAbortedError
            if self._chunked and self._due > time.monotonic():
                self.send(PING)

    def send_raw(self, data: bytes) -> None:
        """Send raw bytes, status line included; the connection closes after the response."""
        self._write(data)
        self.cut()

    def cut(self) -> None:
        """Close the connection after this response, complete or not."""
        self._chunked = False
        self.close_connection = True

    def reset(self) -> None:
        """Close the connection with a TCP reset (RST) in place of an orderly end."""
        self.wait(_READING_TIME)
        self.cut()
        # Closing with a linger time of 0 sends RST. Windows has two shorts in `struct linger`.
        no_linger = struct.pack("ii" if hasattr(socket, "AF_UNIX") else "hh", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        self.rfile.close()
        self.connection.close()

    def stay_silent(self) -> None:
        """Send nothing more, not even pings, until the client leaves or the server ends."""
        while self.connection.recv(1 << 16):
            pass
        raise ConnectionAbortedError

    def do_GET(self) -> None:
        """Answer a request, whatever its method."""
        raw = self._read_body()
        if raw is None:
            self.send_error(400, "The body is too long or cut short")
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._chunked, self._due = False, time.monotonic()
        self.server.answer(
            ReceivedRequest(time.time(), self.command, self.path, headers, raw, _parse(raw)), self
        )
        if self._chunked:
            self._write(b"0\r\n\r\n")

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Do nothing; `--log` has the requests."""

    def _read_body(self) -> bytes | None:
        """The body, sized or chunked (RFC 9112, 6 and 7.1); None if it is incomplete or too large."""
        encoding = self.headers.get("transfer-encoding")
        if encoding is not None:
            return self._read_chunks() if encoding.lower() == "chunked" else None
        length = self.headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return None
        if len(length) > len(str(_MAX_READ)) or int(length) > _MAX_READ:
            return None
        raw = self.rfile.read(int(length))
        return raw if len(raw) == int(length) else None

    def _read_chunks(self) -> bytes | None:
        body = bytearray()
        try:
            while size := int(self.rfile.readline(_MAX_LINE).partition(b";")[0], 16):
                if not 0 < size <= _MAX_READ - len(body):
                    return None
                body += self.rfile.read(size)
                self.rfile.readline(_MAX_LINE)
        except ValueError:  # no size, or the end
            return None
        while self.rfile.readline(_MAX_LINE).strip():
            pass  # trailers
        return bytes(body)

    def _send_head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response_only(status, REASONS.get(status, "Simulated"))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("x-request-id", str(uuid4()))
        self.end_headers()

    def _write(self, data: bytes) -> None:
        if self.server.closing.is_set():
            raise ConnectionAbortedError
        self.wfile.write(data)


class HttpServer(ThreadingTCPServer):
    """Listens on the loopback address, from `start` to `close`, and answers from its own threads.

    Raises:
        OSError: The port is taken.
        OverflowError: There is no such port.
    """

    allow_reuse_address = sys.platform != "win32"  # there it lets two servers share one port
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, port: int, answer: Callable[[ReceivedRequest, Connection], None]) -> None:
        super().__init__((HOST, port), Connection)
        self.port: int = self.socket.getsockname()[1]
        self.answer = answer
        self.closing = Event()
        self.errors: list[BaseException] = []
        """Exceptions of `answer` that aren't connection errors."""
        self._open: WeakSet[socket.socket] = WeakSet()
        self._thread = SideThread(self._serve)

    def start(self) -> None:
        """Start accepting connections."""
        self._thread.start()

    def close(self) -> None:
        """End all responses and stop listening."""
        self.closing.set()
        with suppress(OSError):  # a connection, so that the loop looks at `closing`
            socket.create_connection((HOST, self.port), 1).close()
        self._thread.join()
        self.server_close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while not self.closing.is_set():
            self.handle_request()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Handle a connection, and keep track of it while it is open."""
        self._open.add(request)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing; keep errors that aren't connection errors, such as a log on a full disk."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.errors.append(error)


def _parse(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw.decode("utf-8", "replace")
