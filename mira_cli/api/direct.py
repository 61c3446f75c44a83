"""Carries requests over a socket of our own: HTTP/1.1, kept alive, every read under one clock.

Not httpx, which carries what goes through a proxy (`proxied.py`), for three reasons that were measured: to
import it takes as long as all the rest of a run, h11 takes 80 µs for a chunk of a stream, and a read timeout
that counts any byte cannot be told that a keep-alive comment is no answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.api.connecting import connect
from mira_cli.api.connection import Connection
from mira_cli.api.exchange_errors import Dropped, Unreachable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from mira_cli.api.deadline import Deadline
    from mira_cli.api.endpoint import Endpoint
    from mira_cli.api.http1 import Body, Head
    from mira_cli.api.transport import Outgoing


class DirectTransport:
    """Connections to one server.

    Args:
        endpoint: Where the server is.
        connect_timeout: Seconds to look up the name, connect and shake hands.
        context: Makes the TLS context, once, if the server speaks https.
        output: A pipe that the answer goes to: that its reader leaves ends a wait by ReaderGone.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        connect_timeout: float,
        context: Callable[[], ssl.SSLContext],
        output: int | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._connect_timeout = connect_timeout
        self._make_context = context
        self._output = output
        self._context: ssl.SSLContext | None = None
        # Appending to and popping from a list are atomic: no lock is needed.
        self._idle: list[Connection] = []
        self._closed = False

    def exchange(self, outgoing: Outgoing, deadline: Deadline) -> DirectExchange:
        """As Transport says. A kept connection that turns out to be dead is replaced by a fresh one, once."""
        kept = self._take_idle()
        if kept is not None:
            try:
                return self._over(kept, outgoing, deadline)
            except Dropped as dropped:
                if dropped.started:
                    raise
            except Unreachable:
                # What a fresh handshake ends in says more than how an old connection ended.
                pass
        return self._over(self._connect(deadline), outgoing, deadline)

    def open_ahead(self, deadline: Deadline) -> None:
        """As Transport says."""
        self._keep(self._connect(deadline))

    def close(self) -> None:
        """Close every connection that is kept."""
        self._closed = True
        while (connection := self._pop_idle()) is not None:
            connection.close()

    def _connect(self, deadline: Deadline) -> Connection:
        if self._endpoint.scheme == "https" and self._context is None:
            self._context = self._make_context()
        timeout = min(self._connect_timeout, deadline.left())
        sock = connect(self._endpoint.host, self._endpoint.port, timeout, self._context)
        return Connection(sock, self._output)

    def _over(self, connection: Connection, outgoing: Outgoing, deadline: Deadline) -> DirectExchange:
        try:
            connection.send(_bytes_of(outgoing, self._endpoint.authority), deadline)
            if outgoing.on_sent is not None:
                outgoing.on_sent()
            head, body, rest = connection.read_head(deadline)
        except BaseException:
            connection.close()
            raise
        return DirectExchange(connection, head, body, rest, self._keep)

    def _keep(self, connection: Connection) -> None:
        """Keep a connection for the next request."""
        self._idle.append(connection)
        if self._closed:  # asked afterwards: whoever closes meanwhile has found it, or is found out here
            self.close()

    def _take_idle(self) -> Connection | None:
        """A kept connection over which a request may be sent."""
        while (connection := self._pop_idle()) is not None:
            if connection.is_ready():
                return connection
            connection.close()
        return None

    def _pop_idle(self) -> Connection | None:
        """The connection that was kept last. To ask first whether there is one would be a step too many."""
        try:
            return self._idle.pop()
        except IndexError:
            return None


class DirectExchange:
    """An answer that has begun, over a connection of ours."""

    def __init__(
        self,
        connection: Connection,
        head: Head,
        body: Body,
        rest: bytes,
        keep: Callable[[Connection], None],
    ) -> None:
        self.status: int = head.status
        self.reason: str = head.reason
        self.headers: Mapping[str, str] = head.headers
        self._persistent = head.persistent
        self._connection = connection
        self._body = body
        self._rest = rest
        self._keep = keep

    def read(self, deadline: Deadline) -> bytes:
        """As Exchange says."""
        while not self._body.done:
            data, self._rest = self._rest, b""
            if not data:
                data = self._connection.receive(deadline, started=True)
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


def _bytes_of(outgoing: Outgoing, authority: str) -> bytes:
    lines = [f"{outgoing.method} {outgoing.path} HTTP/1.1", f"Host: {authority}"]
    lines += [f"{name}: {value}" for name, value in outgoing.headers.items()]
    if outgoing.body or outgoing.method == "POST":
        lines.append(f"Content-Length: {len(outgoing.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + outgoing.body
