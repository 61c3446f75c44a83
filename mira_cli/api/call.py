"""A request and its answer, sent and read in a background thread, so that waiting can be interrupted."""

from __future__ import annotations

import time
from contextlib import closing, suppress
from queue import Empty, SimpleQueue
from socket import MSG_PEEK, SHUT_RDWR, socket
from ssl import SSLSocket
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from mira_cli.api.deadline import BrokenBody, DeadlineExceeded
from mira_cli.background import in_background
from mira_cli.errors import ReaderGone

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from mira_cli.api.deadline import Deadline

LOOK_EVERY = 0.25  # seconds between checks for the reader of our output
SENT, ANSWERED = object(), object()
"""Returned by `next` when the whole request has been sent, and when the head of its answer has arrived."""

_MOST_AHEAD = 256 * 1024  # maximum bytes to read ahead
_PAUSE = 0.01  # seconds between checks of the bytes read ahead
_DRAIN = 2.0  # seconds to wait for the end of a body after the reply in it has ended
_DRAINED_SOON = 0.05  # seconds to wait for it in the foreground
_FIRST_BYTES = b"HTTP/"  # of every answer


class Call:
    """A request and its answer, tracked by the events of httpx's trace extension.

    Args:
        reader_left: Whether the reader of our output is gone.
        idle: The sockets of kept connections that are not in use; shared by all calls.
        running: The calls that have not ended, with this one; shared by all calls.
        proxied: Whether there is a proxy on the way.

    Attributes:
        stage: How far it got: "connecting" (to the proxy, if there is one), "proxy" (talking to it),
            "tls" (handshake with the server), "ready" (to send), or "answered".
        reused: Whether it goes over a connection that was kept.
        begun: Whether a byte of the answer has arrived; unknown with TLS, and on a kept connection that
            another call may be using.
        address: The other end's IP address, "" before it is known.
        tls: The TLS version, "" without TLS.
        status, reason, headers: Of the answer, once its head has arrived; headers by name, in any case.
    """

    def __init__(
        self,
        deadline: Deadline,
        reader_left: Callable[[], bool],
        idle: set[socket],
        running: set[Call],
        *,
        proxied: bool,
    ) -> None:
        self.deadline = deadline
        self._reader_left = reader_left
        self._idle = idle
        self._running = running
        self._proxied = proxied
        self._items: SimpleQueue[Any] = SimpleQueue()
        self._put = self._taken = 0  # bytes
        self._wanted = True
        self._abandoned = False
        self._socket: socket | None = None  # the connection's; a kept one's once it answers
        self._lock = Lock()  # held to shut a socket down, so that no other call has it
        self._end: BaseException | bytes | None = None  # how the answer ended: b"" or an error; once read
        self._ended = Event()
        self.stage = "connecting"
        self.reused = True
        self.begun = False
        self.address = self.tls = ""
        self.status = 0
        self.reason = ""
        self.headers: Mapping[str, str] = {}

    def start(self, exchange: Generator[Any, None, None]) -> None:
        """Begin. `exchange` sends the request, and yields the response and then the pieces of its body."""
        self._running.add(self)
        in_background(lambda: self._run(exchange))

    def next(self) -> Any:
        """Wait for the next item: SENT, ANSWERED, a piece of the body, b"" at its end, or an exception.

        Raises:
            DeadlineExceeded: A time limit was reached.
            ReaderGone: The reader of our output is gone.
        """
        while True:
            try:
                item = self._items.get(timeout=min(self.deadline.left(), LOOK_EVERY))
            except Empty:
                if self._reader_left():
                    raise ReaderGone from None
            else:
                self._taken += len(item) if isinstance(item, bytes) else 0
                return item

    def read(self) -> bytes:
        """The bytes of the body that have arrived, at least one; b"" at the end.

        Raises:
            DeadlineExceeded: Nothing came in time.
            BrokenBody: The connection ended before the body did ("dropped"); the body is not HTTP or not in
                the declared encoding ("unreadable"), or is a compression bomb ("oversized").
            ReaderGone: The reader of our output is gone.
        """
        self.deadline.resume()
        pieces: list[bytes] = []
        while self._end is None and (not pieces or not self._items.empty()):
            item = self.next()
            if item and isinstance(item, bytes):
                pieces.append(item)
            else:
                self._end = item
        if not pieces and isinstance(self._end, BaseException):
            raise self._end
        self.deadline.got_bytes()
        return b"".join(pieces)

    def read_all(self, limit: int) -> bytes:
        """The part of the body that arrives in time, `limit` bytes at most; closes the call."""
        body = bytearray()
        try:
            while len(body) < limit and (piece := self.read()):
                body += piece
        except (BrokenBody, DeadlineExceeded):
            pass  # the part that arrived will do
        finally:
            self.close(keep=self._end == b"")
        return bytes(body[:limit])

    def close(self, *, keep: bool) -> None:
        """End the call. `keep` the connection for the next request if possible, else close it now."""
        self._wanted = False
        if keep:
            if not self._ended.wait(_DRAINED_SOON):
                in_background(self._end_drain)
            return
        self._abandoned = True
        with self._lock:
            sock = self._known_socket() if self.stage == "ready" else self._socket
            if sock is not None:
                with suppress(OSError):
                    socket.shutdown(sock, SHUT_RDWR)  # wakes the thread; bypasses TLS

    def _known_socket(self) -> socket | None:
        """The connection's socket, if known; a kept one's is if there is no other one and no other call."""
        kept = [one for one in list(self._idle) if one.fileno() >= 0]
        return self._socket or (kept[0] if len(kept) == len(self._running) == 1 else None)

    def _end_drain(self) -> None:
        if not self._ended.wait(_DRAIN):
            self.close(keep=False)

    def _run(self, exchange: Generator[Any, None, None]) -> None:
        end: bytes | BaseException = b""
        sock = None
        try:
            with closing(exchange):
                response = next(exchange)
                sock = self._take_over(response)
                for piece in exchange:
                    self._pass_on(piece)
        except BaseException as error:
            end = error
            if self._socket is not None:  # httpcore leaves it open when SOCKS or a handshake fails
                self._socket.close()
        if sock is not None and sock.fileno() >= 0:
            self._idle.add(sock)
        self._running.discard(self)
        self._items.put(end)
        self._ended.set()

    def _take_over(self, response: Any) -> socket:
        """Pass the head on, and return the connection's socket. Raises _AbandonedError after `close`."""
        sock: socket = response.extensions["network_stream"].get_extra_info("socket")
        self._socket = sock
        self.stage = "answered"
        self._idle.discard(sock)
        if self._abandoned:
            raise _AbandonedError
        self.status, self.reason = response.status_code, response.reason_phrase
        self.headers = response.headers
        self._items.put(ANSWERED)
        return sock

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
            self._note_peer(info["return_value"].get_extra_info("socket"))
            if self._proxied and self.stage == "connecting":
                self.stage = "proxy"
        elif event == "start_tls.started":
            self._begin_tls(with_proxy=self._proxied and layer == "connection")
        elif event == "send_request_headers.started":
            self._begin_to_send(info["request"])
        elif event == "send_request_body.complete" and self.stage == "ready":
            self._items.put(SENT)
        elif event == "receive_response_headers.started" and self.stage == "ready":
            self._check_first_bytes()
        elif event == "response_closed.started":  # from here on another call may use the connection
            with self._lock:
                self._socket = None
        if self._abandoned and not event.startswith(("response_closed", "receive")):
            raise _AbandonedError

    def _begin_tls(self, *, with_proxy: bool) -> None:
        if not with_proxy:
            self.stage = "tls"
        if self._socket is not None and not isinstance(self._socket, SSLSocket):
            # To shut it down: TLS detaches it. An abandoned handshake must not hold truststore's lock.
            self._socket = self._socket.dup()

    def _begin_to_send(self, request: Any) -> None:
        if request.method == b"CONNECT":
            _bracket_ipv6(request)
        else:
            self.stage = "ready"
            self.deadline.connected()

    def _note_peer(self, sock: socket) -> None:
        before, self._socket = self._socket, sock
        if before is not None and before is not sock:
            before.close()  # the duplicate
        with suppress(OSError, ValueError):  # closed already
            self.address = str(sock.getpeername()[0])
            if isinstance(sock, SSLSocket):
                self.tls = sock.version() or ""

    def _check_first_bytes(self) -> None:
        """Wait for the first bytes of an unencrypted answer. Raises NotHTTP if they are something else.

        httpx reports a banner ("SSH-2.0-…") as a connection that was closed without an answer.
        """
        sock = self._known_socket()
        if sock is None or isinstance(sock, SSLSocket):
            return
        with suppress(OSError):  # httpx gets the same error and reports it
            first = sock.recv(len(_FIRST_BYTES), MSG_PEEK)
            self.begun = bool(first)
            if not _FIRST_BYTES.startswith(first):
                raise NotHTTP


def _bracket_ipv6(connect: Any) -> None:
    """Put an IPv6 address in brackets (RFC 9110, 9.3.6) in a CONNECT, where httpcore 1.0 forgets them."""
    target: bytes = connect.url.target
    host, _, port = target.rpartition(b":")
    if b":" in host and not host.startswith(b"["):
        connect.url.target = b"[%b]:%b" % (host, port)
        connect.headers = [
            (name, connect.url.target if value == target else value) for name, value in connect.headers
        ]


class NotHTTP(Exception):
    """The first bytes of the answer are not HTTP."""


class _AbandonedError(Exception):
    """Ends the thread of an abandoned call."""
