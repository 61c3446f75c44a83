"""Carries requests through a proxy, with httpx."""

from __future__ import annotations

import time
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from mira_cli.api.exchange_errors import Unreachable
from mira_cli.api.in_thread import InThread
from mira_cli.api.light_httpx import load_httpx
from mira_cli.api.translating import Way, translated
from mira_cli.errors import ConfigError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

    import httpx

    from mira_cli.api.deadline import Deadline
    from mira_cli.api.endpoint import Endpoint
    from mira_cli.api.proxies import ProxyChoice
    from mira_cli.api.transport import Outgoing


_HIGHEST_PORT = 65_535
_OVERRUN = 0.05  # seconds that a read may end too late
_LOOK_AGAIN = 1.0  # seconds after which it is looked how far a late connection has come


class ProxiedTransport:
    """Connections to one server through one proxy.

    Args:
        endpoint: Where the server is.
        proxy: The proxy.
        connect_timeout: Seconds to connect to the proxy, and for it to connect to the server.
        context: Makes the TLS context for the server, and for a proxy that speaks https.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        proxy: ProxyChoice,
        connect_timeout: float,
        context: Callable[[], ssl.SSLContext],
    ) -> None:
        self._endpoint = endpoint
        self._proxy = proxy
        self._connect_timeout = connect_timeout
        self._make_context = context
        self._client: httpx.Client | None = None
        self._opening = Lock()

    def exchange(self, outgoing: Outgoing, deadline: Deadline) -> ProxiedExchange:
        """As Transport says."""
        client = self._client or self._open()
        way = Way(self._proxy.label)
        left = deadline.left()
        timeouts = {"connect": min(self._connect_timeout, left), "read": left, "write": left, "pool": None}
        try:
            request = client.build_request(
                outgoing.method,
                self._endpoint.origin + outgoing.path,
                headers=dict(outgoing.headers),
                content=outgoing.body or None,
                extensions={"timeout": timeouts, "trace": way.note},
            )
        except UnicodeError as error:  # of a name "xn--…" that stands for no letters
            raise Unreachable("no valid name", lasting=True) from error
        sending = InThread(
            lambda: client.send(request, stream=True, follow_redirects=False),
            lambda response: response.close(),
        )
        if outgoing.on_sent is not None:
            outgoing.on_sent()
        with translated(way, deadline, started=False):
            response = sending.wait(self._left(way, deadline))
        deadline.heard()
        return ProxiedExchange(response, way, left)

    def _left(self, way: Way, deadline: Deadline) -> Callable[[], float]:
        """What is left of the deadline, or to connect: httpx sets no limit to a proxy that is asked to."""
        # A little before the deadline: it is more to know that it is the proxy.
        end = time.monotonic() + min(self._connect_timeout, deadline.left()) - _OVERRUN

        def left() -> float:
            connecting = end - time.monotonic()
            if connecting <= 0 and way.at_proxy and self._endpoint.scheme == "https":
                raise Unreachable("no connection in time", proxy=way.proxy)
            return min(deadline.left(), connecting if connecting > 0 else _LOOK_AGAIN)

        return left

    def open_ahead(self, deadline: Deadline) -> None:
        """As Transport says: loads httpx. It connects with the first request."""
        del deadline
        load_httpx()

    def close(self) -> None:
        """Close every connection that is kept."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _open(self) -> httpx.Client:
        """The one client of all threads."""
        with self._opening:
            if self._client is None:
                self._client = self._new_client()
            return self._client

    def _new_client(self) -> httpx.Client:
        loaded = load_httpx()
        try:
            _check_address(loaded.URL(self._proxy.url))
            proxy = loaded.Proxy(self._proxy.url, ssl_context=self._tls(self._proxy.url))
            client: httpx.Client = loaded.Client(
                proxy=proxy, verify=self._tls(self._endpoint.origin) or False, trust_env=False
            )
        except (ImportError, ValueError, loaded.InvalidURL):
            name = self._proxy.variable or "the system's proxy"
            raise ConfigError(
                f"{name} names a proxy that cannot be used: {self._proxy.label}.",
                hint="An HTTP proxy looks like http://host:port; for SOCKS install httpx[socks].",
            ) from None
        client.headers.clear()
        return client

    def _tls(self, url: str) -> ssl.SSLContext | None:
        return self._make_context() if url.startswith("https:") else None


class ProxiedExchange:
    """An answer that has begun, through httpx.

    Args:
        response: The answer.
        way: How the answer came.
        longest_read: Seconds after which httpx gives up a read; it fixes them once.
    """

    def __init__(self, response: httpx.Response, way: Way, longest_read: float) -> None:
        self.status: int = response.status_code
        self.reason: str = response.reason_phrase
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._way = way
        self._pieces: Iterator[bytes] = response.iter_raw()
        self._longest_read = longest_read
        self._reading: InThread | None = None

    def read(self, deadline: Deadline) -> bytes:
        """As Exchange says. Where the deadline is before httpx gives up, it reads in a thread."""
        with translated(self._way, deadline, started=True):
            if deadline.left() > self._longest_read - _OVERRUN:
                piece = next(self._pieces, b"")
            else:
                self._reading = InThread(lambda: next(self._pieces, b""))
                piece = self._reading.wait(deadline.left)
        deadline.heard()
        return piece

    def close(self, *, keep: bool) -> None:
        """As Exchange says. httpx keeps a connection only if it has seen the end of the body."""
        del keep
        if self._reading is None or self._reading.ended:
            self._response.close()
            return
        # The thread that still reads is woken, and httpx closes there what is broken: to close a socket under
        # its feet would let it read from whatever is opened next.
        import socket

        with suppress(OSError):
            self._response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def _check_address(url: httpx.URL) -> None:
    """What httpx finds out only when it connects.

    Raises:
        ValueError: Nothing can be there.
    """
    if not url.host or "%20" in url.host or (url.port or 1) > _HIGHEST_PORT:
        raise ValueError
