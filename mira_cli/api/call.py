"""A request on its way: sent in a thread, followed by the events of httpx's trace extension."""

from __future__ import annotations

import time
from contextlib import suppress
from socket import MSG_PEEK
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from mira_cli.api.watchdog import hang_up
from mira_cli.background import SideThread

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket

_FIRST_BYTES = b"HTTP/"


class NotHTTP(Exception):  # noqa: N818 - says what the server is
    """What came does not begin like an HTTP response."""


class Call:
    """A request that is sent in a thread, so that the main thread can be interrupted while it waits.

    Args:
        send: Sends the request and returns the response, which has a `close` method.
        proxied: Whether there is a proxy on the way.
        secure: Whether the server speaks TLS.

    Attributes:
        stage: How far it has come: "connecting" (to the proxy, if there is one), "proxy" (talking to it),
            "tls" (handshake with the server), or "ready".
        reused: Whether it goes over a connection that was kept.
        was_sent: Whether all of it was sent.
        sent: Set then, and at the end.
        finished: Set when there is a response or an error.
    """

    def __init__(self, send: Callable[[], Any], *, proxied: bool, secure: bool) -> None:
        self._send = send
        self._proxied = proxied
        self._secure = secure
        self._lock = Lock()
        self._abandoned = False
        self.started = time.monotonic()
        self.stage = "connecting"
        self.reused = True
        self.was_sent = False
        self.socket: socket | None = None
        self._stream: Any = None
        self.sent, self.finished = Event(), Event()
        self.response: Any = None
        self.error: BaseException | None = None

    def start(self) -> None:
        """Send it."""
        SideThread(self._run).start()

    def abandon(self, idle: set[socket]) -> None:
        """Nobody waits for it any longer: close its connection. `idle`: sockets of those that were kept."""
        with self._lock:
            self._abandoned = True
            response = self.response
        if response is not None:
            response.close()
            return
        sock = self.socket
        if sock is None and self.stage == "ready":
            kept = [one for one in idle if one.fileno() >= 0]
            sock = kept[0] if len(kept) == 1 else None  # of several, its own is left to the read timeout
        if sock is not None:
            hang_up(sock)

    def _run(self) -> None:
        try:
            response = self._send()
        except BaseException as error:  # noqa: BLE001 - looked at where it is waited for
            self.error = error
            if self._stream is not None:  # httpcore leaves it open when SOCKS fails
                self._stream.close()
        else:
            with self._lock:
                self.response = response
                abandoned = self._abandoned
            if abandoned:
                response.close()
        self.sent.set()
        self.finished.set()

    def trace(self, name: str, info: dict[str, Any]) -> None:
        """Take an event, as httpx's trace extension gives it: "connection.connect_tcp.started" and so on."""
        layer, _, event = name.partition(".")
        if event in {"connect_tcp.complete", "start_tls.complete"}:
            self._take(info["return_value"])
        if event == "send_request_headers.started" and self.stage == "proxy":
            _bracket_ipv6(info["request"])
        self.stage = self._stage_after(layer, event)
        if event == "send_request_body.complete" and self.stage == "ready":
            self.was_sent = True
            self.sent.set()
        if event == "receive_response_headers.started":
            self._check_first_bytes()
        if self._abandoned and not event.startswith(("response_closed", "receive")):
            raise _AbandonedError

    def _check_first_bytes(self) -> None:
        """Wait for the first bytes of an unencrypted answer. Raises NotHTTP if they are something else.

        The library reports a banner ("SSH-2.0-…") as a connection that was closed without an answer, and only
        once it is closed.
        """
        first = b""
        if self.stage == "ready" and not self._secure and self.socket is not None:
            with suppress(OSError):  # the library meets the same and reports it
                first = self.socket.recv(len(_FIRST_BYTES), MSG_PEEK)
        if not _FIRST_BYTES.startswith(first):
            raise NotHTTP

    def _stage_after(self, layer: str, event: str) -> str:
        if event == "connect_tcp.started":
            self.reused = False
        if event == "connect_tcp.complete":
            return "proxy" if self._proxied else "tls" if self._secure else "ready"
        if event == "start_tls.started" and layer != "connection":
            return "tls"
        if event == "start_tls.complete" and not (self._proxied and layer == "connection"):
            return "ready"
        return "ready" if self.reused else self.stage

    def _take(self, stream: Any) -> None:
        """Remember the socket of a connection."""
        self._stream, self.socket = stream, stream.get_extra_info("socket")
        if self._abandoned:
            stream.close()
            raise _AbandonedError


class _AbandonedError(Exception):
    """Ends the thread of a call that nobody waits for."""


def _bracket_ipv6(connect: Any) -> None:
    """Put an IPv6 address in brackets (RFC 9110, 9.3.6) in a CONNECT, where httpcore 1.0 forgets them."""
    target: bytes = connect.url.target
    host, _, port = target.rpartition(b":")
    if b":" in host and not host.startswith(b"["):
        connect.url.target = b"[%b]:%b" % (host, port)
        connect.headers = [
            (name, connect.url.target if value == target else value) for name, value in connect.headers
        ]
