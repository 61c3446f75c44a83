"""The only file that knows httpx: sends a request, streams the answer's bytes, keeps connections alive."""

from __future__ import annotations

import ssl
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from socket import gaierror, socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from mira_cli.api.call import SENT, Call, NotHTTP
from mira_cli.api.deadline import Deadline, DeadlineExceeded
from mira_cli.api.network_errors import (
    Dropped,
    Oversized,
    Unreachable,
    Unreadable,
    closed_without_answer,
    not_http,
    too_late,
)
from mira_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mira_cli.api.proxies import Proxy
    from mira_cli.api.request import RequestInfo

_KEEPALIVE = 240.0  # seconds; routers on the way forget a silent connection after some minutes
_CONNECTIONS = 10  # more than a batch uses at a time
_SLACK = 1.0  # seconds after which httpx ends a wait that we have ended already
# A reply shrinks 50-fold at the very most; what shrinks 100-fold over this much is made to do harm.
_BOMB_SIZE = 64 * 1024 * 1024
_BOMB_RATIO = 100
# Where systems keep certificates that OpenSSL was not told of.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection that was made.

    Attributes:
        address: The other end's IP address, "" if it has hung up already.
        tls: The TLS version, "" without TLS.
        certificate: The server's, as `ssl.SSLSocket.getpeercert` gives it.
    """

    address: str
    tls: str
    certificate: Mapping[str, Any]


class Transport:
    """Sends requests to one server, over connections that are kept. Safe to use from several threads.

    Args:
        info: Names the server; for the words of errors.
        proxy: The proxy to use, None to connect directly.
        connect_timeout: Seconds to connect: name look-up, proxy and TLS handshake together.
        env: The environment, for certificates.
        output: A pipe that the answer goes to: when its reader leaves, waiting ends with ReaderGone.

    Attributes:
        connected: The connection that was made last, None before the first.

    Raises:
        ConfigError: A certificate variable or the proxy cannot be used.
    """

    def __init__(
        self,
        info: RequestInfo,
        proxy: Proxy | None,
        connect_timeout: float,
        env: Mapping[str, str],
        output: int | None = None,
    ) -> None:
        parts = urlsplit(info.server.base_url)
        self._info = info
        self._proxy = proxy
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._host = parts.netloc
        self._secure = parts.scheme == "https"
        self._connect_timeout = connect_timeout
        self._output = output
        self._idle: set[socket] = set()
        self.connected: Connected | None = None
        self._client = _new_client(proxy, env, secure=self._secure)

    def send(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        deadline: Deadline,
        *,
        body: bytes = b"",
        on_sent: Callable[[], None] | None = None,
    ) -> Response:
        """Send a request and wait for the head of the answer, of any status.

        A kept connection that turns out to be dead is replaced without a word.

        Args:
            method: GET or POST.
            path: The request target, beginning with "/".
            headers: Names and values; Host and Content-Length are added.
            deadline: How long it may take.
            body: What is sent, b"" for nothing.
            on_sent: Called when it is sent, before the answer is waited for.

        Raises:
            NetworkError: There is no answer: no connection, it was lost, or time ran out.
            ServerError: What came is not HTTP.
            ReaderGone: Whoever reads our output has left.
        """
        while True:
            call = self._start(self._request(method, path, headers, body, deadline))
            try:
                item = self._next(call, deadline)
                if item is SENT:
                    if call.socket is not None:  # else a kept one
                        self.connected = Connected(call.address, call.tls, call.certificate)
                    if on_sent is not None:
                        on_sent()
                    item = self._next(call, deadline)
            except BaseException:
                call.abandon()
                raise
            if isinstance(item, httpx.Response):
                return Response(item, call, deadline, self._output)
            if not (call.reused and isinstance(item, httpx.NetworkError | httpx.RemoteProtocolError)):
                raise self._translated(item, call, deadline) from item

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def _start(self, request: httpx.Request) -> Call:
        proxied = self._proxy is not None
        call = Call(
            lambda: self._client.send(request, stream=True), self._idle, proxied=proxied, secure=self._secure
        )
        request.extensions["trace"] = call.trace
        call.start()
        return call

    def _request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, deadline: Deadline
    ) -> httpx.Request:
        seconds = _left(deadline) + _SLACK
        connecting = self._connect_timeout + _SLACK
        timeouts = {"connect": connecting, "read": seconds, "write": seconds, "pool": seconds}
        url = self._origin + path
        try:
            return httpx.Request(
                method, url, headers=headers, content=body or None, extensions={"timeout": timeouts}
            )
        except (httpx.InvalidURL, UnicodeError) as error:  # of a name "xn--…" that stands for no letters
            raise Unreachable(self._host, "not a valid name", unknown=True, permanent=True) from error

    def _next(self, call: Call, deadline: Deadline) -> Any:
        """What happens next. Raises as `send`."""

        def left() -> float:
            seconds = _left(deadline)
            if call.stage == "ready":
                return seconds
            connecting = call.started + self._connect_timeout - time.monotonic()
            if connecting <= 0:
                raise self._not_connected(call)
            return min(seconds, connecting)

        return call.next(left, self._output)

    def _not_connected(self, call: Call) -> Unreachable:
        seconds = f"{round(self._connect_timeout, 1):g} s"
        if call.stage == "tls":
            return Unreachable(self._host, f"TLS: no handshake within {seconds}")
        return self._unreachable(f"no connection within {seconds}")

    def _unreachable(self, why: str, **facts: bool) -> Unreachable:
        """The error for a connection to the proxy, if there is one, else to the server."""
        proxy = self._proxy
        label, variable = (proxy.label, proxy.variable) if proxy else ("", "")
        return Unreachable(self._host, why, proxy=label, variable=variable, **facts)

    def _translated(self, error: BaseException, call: Call, deadline: Deadline) -> BaseException:
        """The one place where an exception of httpx becomes one of ours."""
        if isinstance(error, httpx.ProxyError):
            why = str(error).strip(" .") or "refused to connect"
            # As with a server, only a status that blames the other side is worth another try.
            return self._unreachable(why, permanent=why.startswith(("3", "4")))
        if isinstance(error, httpx.TimeoutException):
            if isinstance(error, httpx.ConnectTimeout):
                return self._not_connected(call)
            _left(deadline)
            return closed_without_answer(self._host)
        return self._tls_failure(error, call) or self._connection_failure(error, call)

    def _tls_failure(self, error: BaseException, call: Call) -> Unreachable | None:
        """The error for a handshake that failed, None if none did."""
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
                return self._unreachable("TLS: connection closed")
            if isinstance(cause, ssl.SSLError):
                reason = (cause.reason or "handshake failed").replace("_", " ").lower()
                words = getattr(cause, "verify_message", "") or reason
                why = f"TLS: {words.rstrip('.')}"
                if call.stage in {"tls", "ready"}:
                    return Unreachable(self._host, why, tls=True)
                return self._unreachable(why, tls=True)
        return None

    def _connection_failure(self, error: BaseException, call: Call) -> BaseException:
        if isinstance(error, httpx.ConnectError):
            return self._not_found_or_refused(error, call)
        if call.stage == "proxy":
            lost = _is_lost(error)
            return self._unreachable("connection closed" if lost else "not a proxy", permanent=not lost)
        if _is_lost(error):
            return closed_without_answer(self._host)
        if isinstance(error, httpx.RemoteProtocolError | NotHTTP):
            return not_http(self._host, self._info)
        return error

    def _not_found_or_refused(self, error: httpx.ConnectError, call: Call) -> Unreachable:
        why = "connection failed"
        facts: dict[str, bool] = {}
        for cause in _causes(error):
            if isinstance(cause, gaierror | UnicodeError):
                why, facts = "name not found", {"unknown": True}
            elif isinstance(cause, OSError) and cause.strerror:
                why, facts = cause.strerror.lower(), {"refused": isinstance(cause, ConnectionRefusedError)}
        return self._unreachable(f"TLS: {why}" if call.stage == "tls" else why, **facts)


class Response:
    """An answer that has begun: its head is here, its body comes through `read`.

    Attributes:
        status: The HTTP status.
        reason: The words of the status line, "" if none.
        headers: Values by lower-case name; those of one name joined by ", ".
    """

    def __init__(self, response: httpx.Response, call: Call, deadline: Deadline, output: int | None) -> None:
        self.status: int = response.status_code
        self.reason: str = response.reason_phrase
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._call = call
        self._deadline = deadline
        self._output = output
        self._encoded = "content-encoding" in response.headers
        self._size = 0
        self._end: BaseException | bytes | None = None
        deadline.got_bytes()
        deadline.pause()

    def read(self) -> bytes:
        """The next bytes of the body, all that have come; b"" at its end.

        Raises:
            DeadlineExceeded: Nothing came in time.
            Dropped: The connection ended before the body did.
            Unreadable: What came is not HTTP, or not in the encoding it says.
            Oversized: It is compressed to do harm.
            ReaderGone: Whoever reads our output has left.
        """
        self._deadline.resume()
        pieces: list[bytes] = []
        while self._end is None and (not pieces or self._call.waiting):
            item = self._call.next(self._deadline.left, self._output)
            if item and isinstance(item, bytes):
                pieces.append(item)
            else:
                self._end = item
        if not pieces and isinstance(self._end, BaseException):
            raise self._translated(self._end) from self._end
        self._deadline.got_bytes()
        self._deadline.pause()
        if self._encoded:
            self._size += sum(map(len, pieces))
            if self._size > max(_BOMB_SIZE, _BOMB_RATIO * self._response.num_bytes_downloaded):
                raise Oversized
        return b"".join(pieces)

    def read_all(self, limit: int) -> bytes:
        """What comes of the body in time, `limit` bytes at most; closes the answer."""
        body = bytearray()
        try:
            while len(body) < limit and (piece := self.read()):
                body += piece
        except (Dropped, Unreadable, DeadlineExceeded):
            pass  # what came is enough to go by
        finally:
            self.close(keep=self._end == b"")
        return bytes(body[:limit])

    def close(self, *, keep: bool) -> None:
        """Be done with it. `keep` the connection for the next request if it can be, else close it at once."""
        if keep:
            self._call.drain()
        else:
            self._call.abandon()

    def _translated(self, error: BaseException) -> BaseException:
        if not isinstance(error, httpx.HTTPError | OSError):
            return error
        if isinstance(error, httpx.TimeoutException):
            self._deadline.left()
        garbled = isinstance(error, httpx.RemoteProtocolError | httpx.DecodingError) and not _is_lost(error)
        return Unreadable() if garbled else Dropped()


def tls_context(env: Mapping[str, str]) -> ssl.SSLContext:
    """A context that checks certificates and host names.

    SSL_CERT_FILE and SSL_CERT_DIR come first, then the system's certificates, then certifi's.

    Raises:
        ConfigError: A variable names what cannot be read.
    """
    cafile, capath = env.get("SSL_CERT_FILE") or None, env.get("SSL_CERT_DIR") or None
    if not cafile and not capath:
        if sys.platform in {"darwin", "win32"}:
            import truststore  # elsewhere OpenSSL finds them, and two handshakes do not wait for each other

            return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        cafile, capath = _system_certificates()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile, capath)
    except OSError as error:
        why = "holds no certificate" if isinstance(error, ssl.SSLError) else (error.strerror or "").lower()
        raise ConfigError(f"SSL_CERT_FILE {cafile}: {why}.", hint="Correct it, or unset it.") from error
    return context


def _new_client(proxy: Proxy | None, env: Mapping[str, str], *, secure: bool) -> httpx.Client:
    try:
        return httpx.Client(
            verify=tls_context(env) if secure else False,  # http:// goes to this machine alone
            proxy=_proxy_of(proxy, env) if proxy else None,
            trust_env=False,
            limits=httpx.Limits(max_connections=_CONNECTIONS, keepalive_expiry=_KEEPALIVE),
        )
    except (ImportError, ValueError, httpx.InvalidURL):
        name = (proxy and proxy.variable) or "The system's proxy setting"
        raise ConfigError(f"{name} names a proxy that cannot be used: {proxy and proxy.label}.") from None


def _proxy_of(proxy: Proxy, env: Mapping[str, str]) -> httpx.Proxy:
    return httpx.Proxy(
        proxy.url, ssl_context=tls_context(env) if proxy.url.lower().startswith("https:") else None
    )


def _system_certificates() -> tuple[str | None, str | None]:
    """A file or a directory with the system's certificates, else certifi's file."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile is None and paths.capath is not None and any(Path(paths.capath).glob("*.0")):
        return None, paths.capath  # read as they are needed
    for path in (paths.cafile, *_BUNDLES):
        if path is not None and Path(path).is_file():
            return path, None
    import certifi

    return certifi.where(), None


def _left(deadline: Deadline) -> float:
    """Seconds that are left before there is an answer. Raises NoAnswerError."""
    try:
        return deadline.left()
    except DeadlineExceeded as limit:
        raise too_late(limit) from limit


def _is_lost(error: BaseException | None) -> bool:
    """Whether an exception says that the connection ended."""
    if isinstance(error, httpx.RemoteProtocolError):
        return "disconnected" in str(error) or "peer closed" in str(error)
    return isinstance(error, httpx.ReadError | httpx.WriteError | httpx.CloseError)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what it was made from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
