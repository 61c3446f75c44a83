"""Carries requests over a socket of our own: HTTP/1.1, kept alive, every read under one clock.

Not httpx, which carries what goes through a proxy (`proxied.py`), for three reasons that were measured: to
import it takes as long as all the rest of a run, h11 takes 80 µs for a chunk of a stream, and a read timeout
that counts any byte cannot be told that a keep-alive comment is no answer.
"""

from __future__ import annotations

import time

from mira_cli.api.connecting import connect, tls_words
from mira_cli.api.http1 import Body, Head, body_of, parse_head, split_head
from mira_cli.api.mishaps import Dropped, Garbled, Unreachable
from mira_cli.api.readiness import Readiness
from mira_cli.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Mapping

    from mira_cli.api.carrier import Outgoing
    from mira_cli.api.endpoint import Endpoint
    from mira_cli.api.patience import Patience

_READ = 64 * 1024
# Routers on the way forget a silent connection after some minutes and tell nobody.
_LONGEST_IDLE = 200.0
_WANTS_TO_WRITE = "SSLWantWriteError"


class DirectCarrier:
    """Connections to one server.

    Args:
        endpoint: Where the server is.
        connect_timeout: Seconds to look up the name, connect and shake hands.
        context: Makes the TLS context, once, if the server speaks https.
    """

    def __init__(
        self, endpoint: Endpoint, connect_timeout: float, context: Callable[[], ssl.SSLContext]
    ) -> None:
        self._endpoint = endpoint
        self._connect_timeout = connect_timeout
        self._make_context = context
        self._context: ssl.SSLContext | None = None
        # Appending to and popping from a list are atomic: no lock is needed.
        self._idle: list[_Connection] = []
        self._closed = False

    def exchange(self, outgoing: Outgoing, patience: Patience) -> DirectExchange:
        """As Carrier says. A kept connection that turns out to be dead is replaced by a fresh one, once."""
        kept = self._take_idle()
        if kept is not None:
            try:
                return self._over(kept, outgoing, patience)
            except Dropped as dropped:
                if dropped.started:
                    raise
            except Unreachable:
                # What a fresh handshake ends in says more than how an old connection ended.
                pass
        return self._over(self._connect(patience), outgoing, patience)

    def open_ahead(self, patience: Patience) -> None:
        """As Carrier says."""
        self._keep(self._connect(patience))

    def close(self) -> None:
        """Close every connection that is kept."""
        self._closed = True
        while (connection := self._pop_idle()) is not None:
            connection.close()

    def _connect(self, patience: Patience) -> _Connection:
        if self._endpoint.scheme == "https" and self._context is None:
            self._context = self._make_context()
        timeout = min(self._connect_timeout, patience.left())
        return _Connection(connect(self._endpoint.host, self._endpoint.port, timeout, self._context))

    def _over(self, connection: _Connection, outgoing: Outgoing, patience: Patience) -> DirectExchange:
        try:
            connection.send(_bytes_of(outgoing, self._endpoint.authority), patience)
            if outgoing.on_sent is not None:
                outgoing.on_sent()
            head, body, rest = connection.read_head(patience)
        except BaseException:
            connection.close()
            raise
        return DirectExchange(connection, head, body, rest, self._keep)

    def _keep(self, connection: _Connection) -> None:
        """Keep a connection for the next request."""
        self._idle.append(connection)
        if self._closed:  # asked afterwards: whoever closes meanwhile has found it, or is found out here
            self.close()

    def _take_idle(self) -> _Connection | None:
        """A kept connection over which a request may be sent."""
        while (connection := self._pop_idle()) is not None:
            if connection.is_ready():
                return connection
            connection.close()
        return None

    def _pop_idle(self) -> _Connection | None:
        """The connection that was kept last. To ask first whether there is one would be a step too many."""
        try:
            return self._idle.pop()
        except IndexError:
            return None


class DirectExchange:
    """An answer that has begun, over a connection of ours."""

    def __init__(
        self,
        connection: _Connection,
        head: Head,
        body: Body,
        rest: bytes,
        keep: Callable[[_Connection], None],
    ) -> None:
        self.status: int = head.status
        self.reason: str = head.reason
        self.headers: Mapping[str, str] = head.headers
        self._persistent = head.persistent
        self._connection = connection
        self._body = body
        self._rest = rest
        self._keep = keep

    def read(self, patience: Patience) -> bytes:
        """As Exchange says."""
        while not self._body.done:
            data, self._rest = self._rest, b""
            if not data:
                data = self._connection.receive(patience, started=True)
            if not data:
                if self._body.end():
                    break
                raise Dropped(started=True)
            piece = self._body.feed(data)
            if piece:
                return piece
        return b""

    def close(self, *, keep: bool) -> None:
        """As Exchange says. What is left of the body is read before the next request, if it came by then."""
        if keep and self._persistent and not self._rest:
            self._connection.rest_of_body(self._body)
            self._keep(self._connection)
        else:
            self._connection.close()


class _Connection:
    """One connected socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._readiness: Readiness | None = None
        self._body: Body | None = None
        self._idle_since = time.monotonic()

    def send(self, data: bytes, patience: Patience) -> None:
        self._socket.settimeout(patience.left())
        try:
            self._socket.sendall(data)
        except TimeoutError:
            patience.left()
            raise Dropped(started=False) from None
        except OSError:
            # A server may answer and close before it has read it all (413): its answer tells more.
            pass

    def receive(self, patience: Patience, *, started: bool) -> bytes:
        """The next bytes, b"" at the end."""
        self._socket.setblocking(False)
        while True:
            seconds = patience.left()
            try:
                data = self._socket.recv(_READ)
            except OSError as error:
                if not _would_block(error):
                    raise self._ended_by(error, started=started) from error
                if self._readiness is None:
                    self._readiness = Readiness(self._socket, patience.output)
                self._readiness.wait(seconds, writing=type(error).__name__ == _WANTS_TO_WRITE)
                continue
            patience.heard()
            return data

    @staticmethod
    def _ended_by(error: OSError, *, started: bool) -> Exception:
        """What the end of a connection means: by TLS 1.3, a server that refuses us says so only now."""
        if started or type(error).__name__ != "SSLError":
            return Dropped(started=started)
        return Unreachable(tls_words(error), tls=True)

    def read_head(self, patience: Patience) -> tuple[Head, Body, bytes]:
        """The head of the answer, the framing of its body, and what of the body has come with it."""
        received = b""
        while True:
            data = self.receive(patience, started=bool(received))
            if not data:
                raise Dropped(started=bool(received))
            received += data
            while split := split_head(received):
                head = parse_head(split[0])
                received = split[1]
                if not head.informational:
                    return head, body_of(head), received

    def rest_of_body(self, body: Body) -> None:
        """Remember what of the last answer is still to come."""
        self._body = None if body.done and not body.rest else body
        self._idle_since = time.monotonic()

    def is_ready(self) -> bool:
        """Whether a request may be sent: the last answer has ended, and nothing came after it."""
        if time.monotonic() - self._idle_since > _LONGEST_IDLE:
            return False
        self._socket.settimeout(0)
        try:
            data = self._socket.recv(_READ)
            if not data or self._body is None:
                return False
            self._body.feed(data)
        except Garbled:
            return False
        except OSError as error:
            if not _would_block(error):
                return False
        return self._body is None or (self._body.done and not self._body.rest)

    def close(self) -> None:
        self._socket.close()


def _would_block(error: OSError) -> bool:
    """Whether a socket, plain or TLS, says that nothing has come. By name: ssl may not be loaded."""
    return isinstance(error, BlockingIOError) or type(error).__name__ in {"SSLWantReadError", _WANTS_TO_WRITE}


def _bytes_of(outgoing: Outgoing, authority: str) -> bytes:
    lines = [f"{outgoing.method} {outgoing.path} HTTP/1.1", f"Host: {authority}"]
    lines += [f"{name}: {value}" for name, value in outgoing.headers.items()]
    if outgoing.body or outgoing.method == "POST":
        lines.append(f"Content-Length: {len(outgoing.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + outgoing.body
