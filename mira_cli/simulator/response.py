"""An HTTP response as a series of actions, and what carries them out on a socket."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import responses
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from threading import Event

Headers = tuple[tuple[str, str], ...]

SSE: Headers = (
    ("content-type", "text/event-stream"),
    ("cache-control", "no-store, no-cache, must-revalidate"),
)
JSON: Headers = (("content-type", "application/json"),)
PING = b": ping\n\n"
_MAX_LAG = 0.05  # seconds that a paced stream may lag behind before the lost time is given up
# Python 3.13 renamed these two; the simulator says the same on every version.
_REASONS = {**responses, 413: "Request Entity Too Large", 422: "Unprocessable Entity"}


@dataclass(frozen=True, slots=True)
class Head:
    """Status line and headers of a chunked response; the bytes that follow are its chunks, one write each."""

    status: int = 200
    headers: Headers = SSE


@dataclass(frozen=True, slots=True)
class Response:
    """A complete response with its length; the connection stays open."""

    status: int
    body: bytes = b""
    headers: Headers = JSON


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes sent as they are, status line included; the connection is closed at the end."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds without data; in a chunked response a ping comment is sent after each 15 s of it."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing more, not even pings, until the client leaves or the simulator ends."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection, whatever has not been sent yet."""


@dataclass(frozen=True, slots=True)
class Reset:
    """A TCP reset (RST) instead of an orderly close."""


Action = bytes | Head | Response | Raw | Wait | Silence | Close | Reset
Actions = Iterator[Action]


class ClientLeftError(ConnectionError):
    """The client has gone, or the simulator ends."""


class ResponseWriter:
    """Sends one response. Afterwards `keep_alive` says whether the connection can take another request."""

    def __init__(self, connection: socket.socket, closing: Event, ping_interval: float) -> None:
        self._connection = connection
        self._closing = closing
        self._ping_interval = ping_interval
        self._chunked = False
        self._due = 0.0
        self.keep_alive = True

    def send(self, actions: Actions) -> None:
        """Carry out the actions to the end, or to the first that ends the connection.

        Raises:
            ConnectionError: The client has gone.
        """
        self._due = time.monotonic()
        for action in actions:
            self._carry_out(action)
            if isinstance(action, Close | Reset):
                return
        if self._chunked:
            self._write(b"0\r\n\r\n")

    def _carry_out(self, action: Action) -> None:
        match action:
            case bytes():
                self._write(_chunk(action) if self._chunked else action)
            case Wait(seconds):
                self._wait(seconds)
            case Head(status, headers):
                self._write(_head(status, (*headers, ("transfer-encoding", "chunked"))))
                self._chunked = True
            case Response(status, body, headers):
                self._write(_head(status, (*headers, ("content-length", str(len(body))))) + body)
            case Raw(data):
                self._write(data)
                self.keep_alive = False
            case Silence():
                self._wait_until_client_leaves()
            case Reset():
                # Closing with a linger time of 0 sends RST. Windows has two shorts in `struct linger`.
                no_linger = struct.pack("ii" if hasattr(socket, "AF_UNIX") else "hh", 1, 0)
                self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
                self.keep_alive = False
            case Close():
                self.keep_alive = False

    def _write(self, data: bytes) -> None:
        if self._closing.is_set():
            raise ClientLeftError
        self._connection.sendall(data)

    def _wait(self, seconds: float) -> None:
        """Wait on a schedule, so that a rate holds however long the writes take."""
        if seconds <= 0:
            return
        now = time.monotonic()
        self._due = max(self._due, now - _MAX_LAG) + seconds
        while self._due > now:
            if self._closing.wait(min(self._due - now, self._ping_interval)):
                raise ClientLeftError
            now = time.monotonic()
            if self._chunked and self._due > now:
                self._write(_chunk(PING))

    def _wait_until_client_leaves(self) -> None:
        while self._connection.recv(65536):
            pass
        raise ClientLeftError


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""  # an empty chunk would mean the end


def _head(status: int, headers: Headers) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Simulated')}"]
    lines += [f"{name}: {value}" for name, value in (*headers, ("x-request-id", str(uuid4())))]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
