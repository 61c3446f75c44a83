"""Says in our words what httpx raises, and of whom: of the proxy or of the server behind it."""

from __future__ import annotations

from mira_cli.api.connecting import tls_words
from mira_cli.api.light_httpx import load_httpx
from mira_cli.api.mishaps import Dropped, Garbled, Unreachable
from mira_cli.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mira_cli.api.patience import Patience


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


class Translated:
    """Says in our words what httpx raises."""

    def __init__(self, way: Way, patience: Patience, *, started: bool) -> None:
        self._way = way
        self._patience = patience
        self._started = started

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        httpx = load_httpx()
        if not isinstance(error, httpx.TransportError):
            return
        label = self._way.proxy
        if isinstance(error, httpx.ConnectTimeout):
            raise Unreachable("no connection in time", proxy=label) from None
        if isinstance(error, httpx.TimeoutException):
            self._patience.left()
            raise Dropped(started=self._started) from None
        if isinstance(error, httpx.ProxyError):
            why = str(error) or "refused to connect"
            # As to a server, only a status that blames the other side may pass.
            raise Unreachable(why, proxy=label, lasting=why.startswith(("3", "4"))) from None
        tls = _tls_trouble(error, label, at_proxy=self._way.at_proxy)
        if tls is not None and not self._started:
            raise tls from None
        if isinstance(error, httpx.ConnectError):
            raise _unreachable(error, label) from None
        if self._started:
            raise Dropped(started=True) from None
        garbled = isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error)
        if self._way.at_proxy:
            why = "it does not speak HTTP" if garbled else "connection closed"
            raise Unreachable(why, proxy=label, lasting=garbled) from None
        raise (Garbled if garbled else Dropped(started=False)) from None


def _tls_trouble(error: BaseException, label: str, *, at_proxy: bool) -> Unreachable | None:
    """What went wrong in a handshake, None if nothing did. The proxy's own is told as its own."""
    import ssl  # noqa: PLC0415 - httpcore has loaded it

    for cause in _causes(error):
        if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return Unreachable("TLS: connection closed", proxy=label)
        if isinstance(cause, ssl.SSLError):
            return Unreachable(tls_words(cause), proxy=label if at_proxy else "", tls=True)
    return None


def _unreachable(error: BaseException, proxy: str) -> Unreachable:
    """Look for the cause that httpx has wrapped."""
    import socket  # noqa: PLC0415 - httpcore has loaded it

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
