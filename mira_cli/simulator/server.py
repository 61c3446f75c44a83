"""The simulator: a local mock of the Mira API on this machine's loopback address."""

from __future__ import annotations

import socket
import sys
from contextlib import contextmanager, suppress
from http.server import ThreadingHTTPServer
from threading import Event
from typing import TYPE_CHECKING, Any, Self

from mira_cli.background import SideThread
from mira_cli.errors import UsageError
from mira_cli.simulator.connection import Connection
from mira_cli.simulator.request import RequestLog
from mira_cli.simulator.responder import Responder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mira_cli.simulator.faults import Fault
    from mira_cli.simulator.request import ReceivedRequest
    from mira_cli.simulator.response import Actions

HOST = "127.0.0.1"
KEY = "sk-mira-" + "fa4e" * 10  # plainly fake, but of the shape that clients check


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, port: int, handler: type[Connection]) -> None:
        self.errors: list[BaseException] = []
        self.open_sockets: set[socket.socket] = set()
        super().__init__((HOST, port), handler)

    def server_bind(self) -> None:
        """Bind without asking a name server for our own name, as the base class does."""
        if sys.platform != "win32":  # there the option lets two servers share one port
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_port = self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open_sockets.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open_sockets.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what is not about a connection, such as a log that is full, until the simulator ends."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.errors.append(error)


class Simulator:
    """Serves while its `with` block runs, over real sockets, from its own threads.

    Subclasses may override `respond` and `handling`.

    Args:
        fail: Faults for the next chat requests, NAME[:COUNT] each, in order.
        delay: Seconds before the first token.
        rate: Tokens a second, 0 for as fast as possible.
        script: Replies in order: texts, tables as in a script file, or what `script.load` returns.
        window: Prompt tokens above which a request is refused as too long, None for no limit.
        key: The one key that is accepted.
        port: 0 for any free one.
        log: A file that gets a JSON line per request, None for none.
        faults: Faults that may be named beside the public ones.

    Raises:
        UsageError: Unknown fault, bad script, a log that cannot be written, a port that is taken.
    """

    ping_interval = 15.0
    """Seconds without data in a stream after which a comment is sent."""

    def __init__(
        self,
        *,
        fail: Iterable[str] = (),
        delay: float = 0.0,
        rate: float = 0.0,
        script: Iterable[object] = (),
        window: int | None = None,
        key: str = KEY,
        port: int = 0,
        log: str | None = None,
        faults: Mapping[str, Fault] | None = None,
    ) -> None:
        self.key = key
        self.responder = Responder(key, delay, rate, window, faults or {})
        self.fail(*fail)
        self.say(*script)
        self.closing = Event()
        self._server = self._bind(port)
        try:
            self._log = None if log is None else RequestLog(log)
        except UsageError:
            self._server.server_close()
            raise
        self._thread = SideThread(self._serve)

    def _bind(self, port: int) -> _Server:
        try:
            return _Server(port, type("BoundConnection", (Connection,), {"simulator": self}))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(
                f"Cannot listen on port {port}: {reason}.", hint="Choose another --port."
            ) from error

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.server_port

    @property
    def base_url(self) -> str:
        """The value for MIRA_BASE_URL."""
        return f"http://{HOST}:{self.port}/v1"

    def fail(self, *faults: str) -> None:
        """Queue faults for the next chat requests, NAME[:COUNT] each."""
        self.responder.fail(*faults)

    def say(self, *replies: object) -> None:
        """Add replies to the script: texts, or tables as in a script file."""
        self.responder.say(*replies)

    def respond(self, request: ReceivedRequest) -> Actions:
        """The response to a chat request."""
        return self.responder.respond(request)

    @contextmanager
    def handling(self, request: ReceivedRequest, *, chat: bool) -> Iterator[None]:
        """Runs around the response to a request, of whatever path; `chat` if it asks for a completion."""
        if self._log:
            self._log.write(request)
        yield

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        if self._server.errors:
            raise self._server.errors[0]

    def close(self) -> None:
        """End all responses and stop listening."""
        self.closing.set()
        with suppress(OSError):  # a connection, so that the loop looks at `closing`
            socket.create_connection((HOST, self.port), 1).close()
        self._thread.join()
        self._server.server_close()
        for connection in list(self._server.open_sockets):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        if self._log:
            self._log.close()

    def _serve(self) -> None:
        while not self.closing.is_set():
            self._server.handle_request()
