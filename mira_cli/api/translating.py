"""Says in our words what httpx raises, and of whom: of the proxy or of the server behind it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mira_cli.api.connecting import tls_words
from mira_cli.api.exchange_errors import Dropped, Garbled, Unreachable
from mira_cli.api.light_httpx import load_httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from mira_cli.api.deadline import Deadline


class Way:
    """How far a request has come, as httpcore's trace tells it.

    Attributes:
        proxy: Host and port of the proxy.
        at_proxy: Whether it is the proxy that is spoken to, and not yet the server behind it.
    """

    def __init__(self, proxy: str) -> None:
        self.proxy = proxy
        self.at_proxy = False

    def note(self, name: str, info: object) -> None:
        """Take an event."""
        del info
        if name in {"connection.connect_tcp.complete", "proxy.start_tls.started"}:
            self.at_proxy = name.startswith("connection")


@contextmanager
def translated(way: Way, deadline: Deadline, *, started: bool) -> Iterator[None]:
    """Raise in our words what httpx raises meanwhile. `started`: something of the answer has come.

    Raises:
        Unreachable: No connection.
        Dropped: It ended too soon.
        Garbled: What came is no HTTP.
        DeadlineExceeded: Nothing came in time.
    """
    httpx = load_httpx()
    try:
        yield
    except httpx.TransportError as error:
        if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
            deadline.left()
        raise _in_our_words(error, way, started=started) from None


def _in_our_words(error: httpx.TransportError, way: Way, *, started: bool) -> Exception:
    httpx = load_httpx()
    if isinstance(error, httpx.ConnectTimeout):
        return Unreachable("no connection in time", proxy=way.proxy)
    if isinstance(error, httpx.TimeoutException):
        return Dropped(started=started)
    if isinstance(error, httpx.ProxyError):
        why = str(error) or "refused to connect"
        # As to a server, only a status that blames the other side may pass.
        return Unreachable(why, proxy=way.proxy, lasting=why.startswith(("3", "4")))
    tls = _tls_trouble(error, way.proxy, at_proxy=way.at_proxy)
    if tls is not None and not started:
        return tls
    if isinstance(error, httpx.ConnectError):
        return _unreachable(error, way.proxy)
    return _broken_off(error, way, started=started)


def _broken_off(error: httpx.TransportError, way: Way, *, started: bool) -> Exception:
    """What ended a connection that was there."""
    if started:
        return Dropped(started=True)
    httpx = load_httpx()
    garbled = isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error)
    if way.at_proxy:
        why = "it does not speak HTTP" if garbled else "connection closed"
        return Unreachable(why, proxy=way.proxy, lasting=garbled)
    return Garbled() if garbled else Dropped(started=False)


def _tls_trouble(error: BaseException, label: str, *, at_proxy: bool) -> Unreachable | None:
    """What went wrong in a handshake, None if nothing did. The proxy's own is told as its own."""
    import ssl

    for cause in _causes(error):
        if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return Unreachable("TLS: connection closed", proxy=label)
        if isinstance(cause, ssl.SSLError):
            return Unreachable(tls_words(cause), proxy=label if at_proxy else "", tls=True)
    return None


def _unreachable(error: BaseException, proxy: str) -> Unreachable:
    """Look for the cause that httpx has wrapped."""
    import socket

    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return Unreachable("name not found", proxy=proxy)
        if isinstance(cause, ConnectionRefusedError):
            return Unreachable("connection refused", proxy=proxy, refused=True)
    return Unreachable("connection failed", proxy=proxy)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what it was made from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
