"""Carries steps out on one HTTP/1.1 connection: framing, pacing, pings, cuts and resets."""

from __future__ import annotations

import socket
import struct
import time
from http.client import responses
from typing import TYPE_CHECKING

from mira_cli.simulator.ids import request_id
from mira_cli.simulator.steps import (
    Close,
    CloseAfter,
    Head,
    Headers,
    Raw,
    Reset,
    Silence,
    Step,
    Steps,
    Wait,
    Whole,
)

if TYPE_CHECKING:
    from threading import Event

PING = b": ping\n\n"
_HURRY = 0.05  # seconds by which a pace may lag before the lost time is given up
# Two were renamed with Python 3.13; the same whatever runs the simulator.
_REASONS = {**responses, 413: "Request Entity Too Large", 422: "Unprocessable Entity"}


class ClientLeft(ConnectionError):  # noqa: N818 - it is what happened, and no fault of ours
    """The client, or the simulator itself, has gone: the answer ends here."""


class Player:
    """Plays one answer. `keep` says afterwards whether the connection can take another request."""

    def __init__(self, connection: socket.socket, closing: Event, ping_every: float = 15.0) -> None:
        self._connection = connection
        self._closing = closing
        self._ping_every = ping_every
        self._streaming = False
        self._due = 0.0
        self.keep = True

    def play(self, steps: Steps) -> None:
        """Carry the steps out to the end, or to the first that ends the connection.

        Raises:
            ConnectionError: The client has gone.
        """
        self._due = time.monotonic()
        for step in steps:
            self._take(step)
            if isinstance(step, Close | Reset | Silence):
                return
        if self._streaming:
            self._send(b"0\r\n\r\n")

    def _take(self, step: Step) -> None:
        match step:
            case bytes():
                self._send(_chunk(step) if self._streaming else step)
            case Wait(seconds):
                self._wait(seconds)
            case Head(status, headers):
                self._send(_head(status, (*headers, ("transfer-encoding", "chunked"))))
                self._streaming = True
            case Whole(status, body, headers):
                self._send(_head(status, (*headers, ("content-length", str(len(body))))) + body)
            case Raw(data):
                self._send(data)
                self.keep = False
            case Silence():
                self._until_left()
            case Reset():
                self._reset()
            case Close() | CloseAfter():
                self.keep = False

    def _send(self, data: bytes) -> None:
        if self._closing.is_set():
            raise ClientLeft
        self._connection.sendall(data)

    def _wait(self, seconds: float) -> None:
        """Wait on a schedule, not after the fact, so that a rate holds whatever the writes cost."""
        if seconds <= 0:
            return
        now = time.monotonic()
        self._due = max(self._due, now - _HURRY) + seconds
        while self._due > now:
            step = min(self._due - now, self._ping_every)
            if self._closing.wait(step):
                raise ClientLeft
            now = time.monotonic()
            if self._streaming and self._due > now:
                self._take(PING)

    def _until_left(self) -> None:
        """Wait until the client closes its side; what it may still send is read and dropped."""
        while self._connection.recv(65536):
            pass
        raise ClientLeft

    def _reset(self) -> None:
        self.keep = False
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _no_linger())


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""  # an empty chunk would mean the end


def _no_linger() -> bytes:
    """`struct linger {on, 0 seconds}`: closing then sends RST. Windows has two shorts there."""
    return struct.pack("ii" if hasattr(socket, "AF_UNIX") else "hh", 1, 0)


def _head(status: int, headers: Headers) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Simulated')}"]
    lines += [f"{name}: {value}" for name, value in (*headers, ("x-request-id", request_id()))]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
