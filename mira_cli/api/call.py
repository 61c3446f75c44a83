"""Sends a request and reads its answer in a background thread, so that waiting can be interrupted."""

from __future__ import annotations

import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from socket import MSG_PEEK, SHUT_RDWR, socket
from ssl import SSLSocket
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from mira_cli.background import in_background
from mira_cli.errors import ReaderGone

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.api.deadline import Deadline

LOOK_EVERY = 0.25  # seconds between checks for the reader of our output
SENT = object()
"""Returned by `next` when the whole request has been sent."""

_MOST_AHEAD = 256 * 1024  # maximum bytes to read ahead
_PAUSE = 0.01  # seconds between checks of the bytes read ahead
_DRAIN = 2.0  # seconds to wait for the end of a body after the reply in it has ended
_DRAINED_SOON = 0.05  # seconds to wait for it in the foreground
_FIRST_BYTES = b"HTTP/"  # of every answer


class Call:
    """Sends a request and reads its answer in a thread, followed by the events of httpx's trace extension.

    Args:
        deadline: How long it may take.
        reader_left: Whether the reader of our output is gone.
        idle: The sockets of the connections that are kept and not in use; shared by all calls.
        proxied: Whether there is a proxy on the way.

    Attributes:
        stage: How far it has come: "connecting" (to the proxy, if there is one), "proxy" (talking to it),
            "tls" (handshake with the server), "ready" (to send), or "answered".
        reused: Whether it goes over a connection that was kept.
        begun: Whether a byte of the answer has come; only known of a new connection without TLS.
        address: The other end's IP address, "" before it is known.
        tls: The TLS version, "" without TLS.
    """

    def __init__(
        self, deadline: Deadline, reader_left: Callable[[], bool], idle: set[socket], *, proxied: bool
    ) -> None:
        self._deadline = deadline
        self._reader_left = reader_left
        self._idle = idle
        self._proxied = proxied
        self._items: SimpleQueue[Any] = SimpleQueue()
        self._put = self._taken = 0  # bytes
        self._wanted = True
        self._abandoned = False
        self._stream: Any = None  # the connection; None before it is made, and if it was kept
        self._socket: socket | None = None  # the same of a kept one once the answer begins; None after it
        self._lock = Lock()  # so that none is shut down that another call has taken over
        self._ended = Event()
        self.stage = "connecting"
        self.reused = True
        self.begun = False
        self.address = self.tls = ""

    def start(self, send: Callable[[], Any]) -> None:
        """Begin. `send` sends the request and returns the response, whose body is still to be read."""
        in_background(lambda: self._run(send))

    def next(self) -> Any:
        """Wait for the next item: SENT, the response, a piece of its body, b"" at its end, or an exception.

        Raises:
            DeadlineExceeded: A time limit was reached.
            ReaderGone: The reader of our output is gone.
        """
        while True:
            try:
                item = self._items.get(timeout=min(self._deadline.left(), LOOK_EVERY))
            except Empty:
                if self._reader_left():
                    raise ReaderGone from None
            else:
                self._taken += len(item) if isinstance(item, bytes) else 0
                return item

    @property
    def waiting(self) -> bool:
        """Whether `next` has an item ready."""
        return not self._items.empty()

    def abandon(self) -> None:
        """Give up on this call and close its connection."""
        self._wanted = False
        self._abandoned = True
        with self._lock:
            sock = self._socket
            if sock is None and self.stage == "ready":
                kept = [one for one in list(self._idle) if one.fileno() >= 0]
                sock = kept[0] if len(kept) == 1 else None  # of several, its own is left to the read timeout
            if sock is not None:
                with suppress(OSError):
                    socket.shutdown(sock, SHUT_RDWR)  # wakes the thread; the layer of TLS is not told

    def drain(self) -> None:
        """Read the rest of the body in the background, so that the connection can be reused."""
        self._wanted = False
        if not self._ended.wait(_DRAINED_SOON):
            in_background(self._end_drain)

    def _end_drain(self) -> None:
        if not self._ended.wait(_DRAIN):
            self.abandon()

    def _run(self, send: Callable[[], Any]) -> None:
        end: bytes | BaseException = b""
        try:
            response = send()
            sock = response.extensions["network_stream"].get_extra_info("socket")
            self._socket = sock
            self.stage = "answered"
            self._idle.discard(sock)
            try:
                if self._abandoned:
                    raise _AbandonedError
                self._items.put(response)
                for piece in response.iter_bytes():
                    self._pass_on(piece)
            finally:
                response.close()
                if sock.fileno() >= 0:
                    self._idle.add(sock)
        except BaseException as error:
            end = error
            if self._stream is not None:  # httpcore leaves it open when SOCKS or a handshake fails
                self._stream.close()
        self._items.put(end)
        self._ended.set()

    def _pass_on(self, piece: bytes) -> None:
        if self._wanted:
            self._put += len(piece)
            self._items.put(piece)
        while self._wanted and self._put - self._taken > _MOST_AHEAD:
            time.sleep(_PAUSE)

    def trace(self, name: str, info: dict[str, Any]) -> None:
        """Handle an event of httpx's trace extension, such as "connection.connect_tcp.started"."""
        layer, _, event = name.partition(".")
        if event == "connect_tcp.started":
            self.reused = False
        elif event in {"connect_tcp.complete", "start_tls.complete"}:
            self._stream = info["return_value"]
            self._note_peer(self._stream.get_extra_info("socket"))
            if self._proxied and self.stage == "connecting":
                self.stage = "proxy"
        elif event == "start_tls.started" and not (self._proxied and layer == "connection"):
            self.stage = "tls"
        elif event == "send_request_headers.started" and info["request"].method != b"CONNECT":
            self.stage = "ready"
            self._deadline.connected()
        elif event == "send_request_body.complete" and self.stage == "ready":
            self._items.put(SENT)
        elif event == "receive_response_headers.started" and self.stage == "ready":
            self._check_first_bytes()
        elif event == "response_closed.started":  # from here on another call may use the connection
            with self._lock:
                self._socket = None
        if self._abandoned and not event.startswith(("response_closed", "receive")):
            raise _AbandonedError

    def _note_peer(self, sock: socket) -> None:
        self._socket = sock
        with suppress(OSError, ValueError):  # it has hung up already
            self.address = str(sock.getpeername()[0])
            if isinstance(sock, SSLSocket):
                self.tls = sock.version() or ""

    def _check_first_bytes(self) -> None:
        """Wait for the first bytes of an unencrypted answer. Raises NotHTTP if they are something else.

        httpx reports a banner ("SSH-2.0-…") as a connection that was closed without an answer.
        """
        if self._socket is None or isinstance(self._socket, SSLSocket):
            return
        with suppress(OSError):  # httpx meets the same and reports it
            first = self._socket.recv(len(_FIRST_BYTES), MSG_PEEK)
            self.begun = bool(first)
            if not _FIRST_BYTES.startswith(first):
                raise NotHTTP


class NotHTTP(Exception):
    """What came is not HTTP, by its first bytes."""


class _AbandonedError(Exception):
    """Ends the thread of an abandoned call."""
