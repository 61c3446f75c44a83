"""The simulator: a stand-in for the Mira API on this machine's loopback address."""

from __future__ import annotations

import socket
import sys
from contextlib import contextmanager, suppress
from http.server import ThreadingHTTPServer
from threading import Condition, Event
from typing import TYPE_CHECKING, Any, Self

from mira_cli.background import SideThread
from mira_cli.errors import UsageError
from mira_cli.simulator.handler import Handler
from mira_cli.simulator.ids import KEY
from mira_cli.simulator.log import Log
from mira_cli.simulator.plan import Manner, Plan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from mira_cli.simulator.plan import Relay
    from mira_cli.simulator.received import Received

HOST = "127.0.0.1"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    bugs: list[BaseException]
    open: set[socket.socket]

    def server_bind(self) -> None:
        """Bind without asking a name server for our own name, as the base class does."""
        if sys.platform != "win32":  # there the option lets two servers share one port
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_port = self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as the base class
        """A client that leaves is no news; a log that is full or a bug is told when the simulator ends."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.bugs.append(error)


class Simulator:
    """Serves from `with` to its end; over real sockets, from threads of its own.

    Args:
        fail: Faults for the next chat requests, NAME[:COUNT] each, in order.
        delay: Seconds before the first token.
        rate: Tokens a second, 0 for as fast as possible.
        script: Replies in order: texts, tables as in a script file, or entries that were loaded from one.
        relay: What answers in place of the built-in replies and the script: a Recorder or a Replayer.
        key: The one key that is taken.
        port: 0 for any free one.
        log: A file that gets a line of JSON a request, None for none.
        window: Tokens of prompt beyond which a request is refused as too long.
        blocks: A message that holds one of these strings is refused as blocked content.
        forbidden: Paths, such as /v1/models, that answer 403.
        ping_every: Seconds of silence within a stream after which a comment is sent.
        keep: Whether `requests` and `visits` are filled; a server that runs for days does without.

    Raises:
        UsageError: Unknown fault, bad delay, bad script, a log that cannot be written, a port that is taken.
    """

    def __init__(
        self,
        *,
        fail: Iterable[str] = (),
        delay: float = 0.0,
        rate: float = 0.0,
        script: Iterable[object] = (),
        relay: Relay | None = None,
        key: str = KEY,
        port: int = 0,
        log: str | None = None,
        window: int | None = None,
        blocks: Iterable[str] = (),
        forbidden: Collection[str] = (),
        ping_every: float = 15.0,
        keep: bool = True,
    ) -> None:
        self.key = key
        self.plan = Plan(Manner(key, delay, rate, window, tuple(blocks)))
        self.plan.fail(*fail)
        self.plan.say(*script)
        self.plan.relay = relay
        self.forbidden = frozenset(forbidden)
        self.ping_every = ping_every
        self.keep = keep
        self.closing = Event()
        self.requests: list[Received] = []
        """The chat requests so far, in the order in which they came."""
        self.visits: list[Received] = []
        """All requests so far, to whatever path."""
        self.busiest = 0
        """The most chat requests that were under way at one time."""
        self.left = 0
        """The chat requests whose client left before the end of the answer."""
        self._under_way = 0
        self._changed = Condition()
        self._server = self._bound(port)
        try:
            self._log = None if log is None else Log(log)
        except UsageError:
            self._server.server_close()
            raise
        self._thread = SideThread(self._serve)

    def _bound(self, port: int) -> _Server:
        handler = type("BoundHandler", (Handler,), {"simulator": self})
        try:
            server = _Server((HOST, port), handler)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(
                f"Cannot listen on port {port}: {reason}.", hint="Choose another --port."
            ) from error
        server.bugs = []
        server.open = set()
        return server

    @property
    def origin(self) -> str:
        """Where the simulator listens, without a path."""
        return f"http://{HOST}:{self._server.server_port}"

    @property
    def base_url(self) -> str:
        """What MIRA_BASE_URL is to be."""
        return f"{self.origin}/v1"

    def fail(self, *faults: str) -> None:
        """Let the next chat requests meet these faults, NAME[:COUNT] each, after those that wait already."""
        self.plan.fail(*faults)

    def say(self, *replies: object) -> None:
        """Add replies to the script: texts, or tables as in a script file."""
        self.plan.say(*replies)

    def wait_for(self, count: int, timeout: float = 60.0) -> bool:
        """Wait until `count` chat requests have come; False if that took over `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.requests) >= count, timeout)

    def wait_idle(self, timeout: float = 60.0) -> bool:
        """Wait until no chat request is under way; False if that took over `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._under_way, timeout)

    @contextmanager
    def received(self, request: Received, *, chat: bool) -> Iterator[None]:
        """Note a request before it is answered, and how its answer ended."""
        if self._log:
            self._log.write(request)
        with self._changed:
            if self.keep:
                self.visits.append(request)
            if self.keep and chat:
                self.requests.append(request)
            self._under_way += chat
            self.busiest = max(self.busiest, self._under_way)
            self._changed.notify_all()
        try:
            yield
        except OSError:
            with self._changed:
                self.left += chat
            raise
        finally:
            with self._changed:
                self._under_way -= chat
                self._changed.notify_all()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        if self._server.bugs:
            raise self._server.bugs[0]

    def close(self) -> None:
        """End all answers and stop listening."""
        self.closing.set()
        with suppress(OSError):  # one last visitor, so that the loop looks up
            socket.create_connection((HOST, self._server.server_port), 1).close()
        self._thread.join()
        self._server.server_close()
        for connection in list(self._server.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        if self._log:
            self._log.close()
        if self.plan.relay:
            self.plan.relay.close()

    def _serve(self) -> None:
        while not self.closing.is_set():
            self._server.handle_request()
