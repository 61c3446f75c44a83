"""One connection to a server, kept alive: HTTP/1.1 over a socket, every read under one clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mira_cli.api.connecting import tls_words
from mira_cli.api.exchange_errors import Dropped, Garbled, Unreachable
from mira_cli.api.http1 import Body, Head, body_of, parse_head, split_head
from mira_cli.api.readiness import Readiness

if TYPE_CHECKING:
    import socket

    from mira_cli.api.deadline import Deadline

_READ = 64 * 1024
# Routers on the way forget a silent connection after some minutes and tell nobody.
_LONGEST_IDLE = 200.0
_WANTS_TO_WRITE = "SSLWantWriteError"


class Connection:
    """One connected socket.

    Args:
        sock: Connected; its handshake is done.
        output: As for Readiness: a pipe whose reader may leave, which ends a wait.
    """

    def __init__(self, sock: socket.socket, output: int | None) -> None:
        self._socket = sock
        self._readiness = Readiness(sock, output)
        self._body: Body | None = None
        self._idle_since = time.monotonic()

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of it. That the server has hung up is told by what it sent before: `receive` finds out."""
        self._socket.settimeout(deadline.left())
        try:
            self._socket.sendall(data)
        except TimeoutError:
            deadline.left()
            raise Dropped(started=False) from None
        except OSError:
            # A server may answer and close before it has read it all (413): its answer tells more.
            pass

    def receive(self, deadline: Deadline, *, started: bool) -> bytes:
        """The next bytes, b"" at the end.

        Raises:
            Dropped, Unreachable: The connection ended otherwise; `started` is passed on.
            DeadlineExceeded: Nothing came in time.
            ReaderGone: Whoever reads our output has left.
        """
        while True:
            seconds = deadline.left()
            try:
                data = self._socket.recv(_READ)
            except OSError as error:
                if not _would_block(error):
                    raise self._ended_by(error, started=started) from error
                self._readiness.wait(seconds, writing=type(error).__name__ == _WANTS_TO_WRITE)
                continue
            deadline.heard()
            return data

    @staticmethod
    def _ended_by(error: OSError, *, started: bool) -> Exception:
        """What the end of a connection means: by TLS 1.3, a server that refuses us says so only now."""
        if started or type(error).__name__ != "SSLError":
            return Dropped(started=started)
        return Unreachable(tls_words(error), tls=True)

    def read_head(self, deadline: Deadline) -> tuple[Head, Body, bytes]:
        """The head of the answer, the framing of its body, and what of the body has come with it."""
        self._socket.setblocking(False)  # from here on it is `receive` that waits
        received = b""
        while True:
            data = self.receive(deadline, started=bool(received))
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
        """Hang up."""
        self._socket.close()


def _would_block(error: OSError) -> bool:
    """Whether a socket, plain or TLS, says that nothing has come. By name: ssl may not be loaded."""
    return isinstance(error, BlockingIOError) or type(error).__name__ in {"SSLWantReadError", _WANTS_TO_WRITE}
