"""The only file that knows httpx: sends a request, streams the answer's bytes, keeps connections alive."""

from __future__ import annotations

import ssl
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from socket import gaierror, socket
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from mira_cli.api.call import Call, NotHTTP
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
from mira_cli.api.watchdog import LOOK_EVERY, Watchdog, hang_up, reader_left
from mira_cli.background import SideThread
from mira_cli.errors import ConfigError, ReaderGone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mira_cli.api.proxies import Proxy
    from mira_cli.api.request import RequestInfo
    from mira_cli.errors import MiraError

_KEEPALIVE = 240.0  # seconds; routers on the way forget a silent connection after some minutes
_CONNECTIONS = 10  # more than a batch uses at a time
_DRAIN = 2.0  # seconds that the end of a body may take after the reply in it has ended
_DRAINED_SOON = 0.1  # seconds that the next request waits for it
_LONGEST_WAIT = 3600.0  # seconds; what every system can wait for at once
_SLACK = 1.0  # seconds after which httpx ends a wait that we have ended already
# A reply shrinks 50-fold at the very most; what shrinks 100-fold over this much is made to do harm.
_BOMB_SIZE = 64 * 1024 * 1024
_BOMB_RATIO = 100
# Where systems keep certificates that OpenSSL was not told of: truststore looks there.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as it goes out.

    Attributes:
        method: GET or POST.
        path: The request target, beginning with "/".
        headers: Names and values; Host and Content-Length are added.
        body: What is sent, b"" for nothing.
        on_sent: Called when it is sent, before the answer is waited for.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    on_sent: Callable[[], None] | None = None


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
        self._draining: Response | None = None
        self.connected: Connected | None = None
        self._client = _new_client(proxy, env, secure=self._secure)

    def send(self, outgoing: Outgoing, deadline: Deadline) -> Response:
        """Send a request and wait for the head of the answer, of any status.

        A kept connection that turns out to be dead is replaced without a word.

        Raises:
            NetworkError: There is no answer: no connection, it was lost, or time ran out.
            ServerError: What came is not HTTP.
            ReaderGone: Whoever reads our output has left.
        """
        if self._draining is not None:
            self._draining.drained.wait(_DRAINED_SOON)
        for _ in range(_CONNECTIONS):
            call = self._start(outgoing, deadline)
            try:
                self._wait(call.sent, call, deadline)
                if call.was_sent:
                    self._note_connection(call.socket)
                    if outgoing.on_sent is not None:
                        outgoing.on_sent()
                self._wait(call.finished, call, deadline)
            except BaseException:
                call.abandon(self._idle)
                raise
            if call.response is not None:
                return Response(call.response, deadline, self._output, self._idle, self._drain)
            if not (call.reused and isinstance(call.error, httpx.NetworkError | httpx.RemoteProtocolError)):
                break
        raise self._translated(call, deadline) from call.error

    def close(self) -> None:
        """Close every connection."""
        if self._draining is not None:
            self._draining.hang_up()
        self._client.close()

    def _start(self, outgoing: Outgoing, deadline: Deadline) -> Call:
        request = self._request(outgoing, deadline)
        call = Call(
            lambda: self._client.send(request, stream=True),
            proxied=self._proxy is not None,
            secure=self._secure,
        )
        request.extensions["trace"] = call.trace
        call.start()
        return call

    def _request(self, outgoing: Outgoing, deadline: Deadline) -> httpx.Request:
        seconds = _left(deadline) + _SLACK
        connecting = self._connect_timeout + _SLACK
        timeouts = {"connect": connecting, "read": seconds, "write": seconds, "pool": seconds}
        try:
            return httpx.Request(
                outgoing.method,
                self._origin + outgoing.path,
                headers=dict(outgoing.headers),
                content=outgoing.body or None,
                extensions={"timeout": timeouts},
            )
        except (httpx.InvalidURL, UnicodeError) as error:  # of a name "xn--…" that stands for no letters
            raise Unreachable(self._host, "not a valid name", unknown=True, permanent=True) from error

    def _wait(self, event: Event, call: Call, deadline: Deadline) -> None:
        """Wait for an event of a call. Raises as `send`."""
        while not event.is_set():
            left = _left(deadline)
            if call.stage != "ready":
                connecting = call.started + self._connect_timeout - time.monotonic()
                if connecting <= 0:
                    raise self._not_connected(call)
                left = min(left, connecting)
            event.wait(min(left, LOOK_EVERY if self._output is not None else _LONGEST_WAIT))
            if reader_left(self._output):
                raise ReaderGone

    def _note_connection(self, sock: socket | None) -> None:
        if sock is None:  # a kept one
            return
        address, tls = "", ""
        certificate: Mapping[str, Any] = {}
        with suppress(OSError, ValueError):  # it has hung up since
            address = str(sock.getpeername()[0])
            if isinstance(sock, ssl.SSLSocket):
                tls, certificate = sock.version() or "", sock.getpeercert() or {}
        self.connected = Connected(address, tls, certificate)

    def _drain(self, response: Response) -> None:
        """Read an answer to its end in the background, so that its connection can be used again."""
        self._draining = response
        SideThread(response.drain).start()

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

    def _translated(self, call: Call, deadline: Deadline) -> MiraError:
        """The one place where an exception of httpx becomes one of ours."""
        error = call.error
        if isinstance(error, httpx.ProxyError):
            why = str(error).strip(" .") or "refused to connect"
            # As with a server, only a status that blames the other side is worth another try.
            return self._unreachable(why, permanent=why.startswith(("3", "4")))
        if isinstance(error, httpx.TimeoutException):
            if isinstance(error, httpx.ConnectTimeout):
                return self._not_connected(call)
            _left(deadline)
            return closed_without_answer(self._host)
        return self._tls_failure(call) or self._connection_failure(call)

    def _tls_failure(self, call: Call) -> Unreachable | None:
        """The error for a handshake that failed, None if none did."""
        for cause in _causes(call.error):
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

    def _connection_failure(self, call: Call) -> MiraError:
        error = call.error
        if isinstance(error, httpx.ConnectError):
            return self._not_found_or_refused(error, call)
        if call.stage == "proxy":
            lost = _is_lost(error)
            return self._unreachable("connection closed" if lost else "not a proxy", permanent=not lost)
        if _is_lost(error):
            return closed_without_answer(self._host)
        if isinstance(error, httpx.RemoteProtocolError | NotHTTP):
            return not_http(self._host, self._info)
        raise error or RuntimeError("no answer and no error")

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
        drained: Set when the connection is free again, or closed.
    """

    def __init__(
        self,
        response: httpx.Response,
        deadline: Deadline,
        output: int | None,
        idle: set[socket],
        drain: Callable[[Response], None],
    ) -> None:
        self.status: int = response.status_code
        self.reason: str = response.reason_phrase
        self.headers: Mapping[str, str] = response.headers
        self.drained = Event()
        self._response = response
        self._pieces: Iterator[bytes] = response.iter_bytes()
        self._encoded = "content-encoding" in response.headers
        self._deadline = deadline
        self._socket: socket = response.extensions["network_stream"].get_extra_info("socket")
        self._idle = idle
        self._drain = drain
        self._ended = False
        self._size = 0
        idle.discard(self._socket)
        deadline.got_bytes()
        self._watchdog = Watchdog(self._socket, deadline, output)

    def read(self) -> bytes:
        """The next bytes of the body, b"" at its end.

        Raises:
            DeadlineExceeded: Nothing came in time.
            Dropped: The connection ended before the body did.
            Unreadable: What came is not HTTP, or not in the encoding it says.
            Oversized: It is compressed to do harm.
            ReaderGone: Whoever reads our output has left.
        """
        try:
            piece = next(self._pieces, b"")
        except (httpx.HTTPError, OSError) as error:
            if self._watchdog.reason is not None:
                raise self._watchdog.reason from None
            if isinstance(error, httpx.TimeoutException):
                self._deadline.left()
            readable = _is_lost(error) or not isinstance(
                error, httpx.RemoteProtocolError | httpx.DecodingError
            )
            raise (Dropped if readable else Unreadable) from error
        if self._watchdog.reason is not None:  # it has hung up, which looks like the end of some bodies
            raise self._watchdog.reason
        self._deadline.got_bytes()
        self._ended = not piece
        if self._encoded:
            self._size += len(piece)
            if self._size > max(_BOMB_SIZE, _BOMB_RATIO * self._response.num_bytes_downloaded):
                raise Oversized
        return piece

    def read_all(self, limit: int) -> bytes:
        """What comes of the body in time, `limit` bytes at most; closes the answer."""
        body = bytearray()
        try:
            while len(body) < limit and (piece := self.read()):
                body += piece
        except (Dropped, Unreadable, DeadlineExceeded):
            pass  # what came is enough to go by
        finally:
            self.close(keep=self._ended)
        return bytes(body[:limit])

    def close(self, *, keep: bool) -> None:
        """Be done with it. `keep` the connection for the next request if it can be, else close it at once."""
        if keep and not self._ended:
            self._deadline.end_within(_DRAIN)
            self._drain(self)
        else:
            self._finish()

    def drain(self) -> None:
        """Read what is left of the body."""
        with suppress(httpx.HTTPError, OSError):
            while next(self._pieces, b""):
                pass
        self._finish()

    def hang_up(self) -> None:
        """Break the connection off, whatever another thread does with it."""
        if not self.drained.is_set():
            hang_up(self._socket)

    def _finish(self) -> None:
        self._watchdog.end()
        self._response.close()
        if self._socket.fileno() >= 0:
            self._idle.add(self._socket)
        self.drained.set()


def tls_context(env: Mapping[str, str]) -> ssl.SSLContext:
    """A context that checks certificates and host names.

    SSL_CERT_FILE and SSL_CERT_DIR come first, then the system's certificates, then certifi's.

    Raises:
        ConfigError: A variable names what cannot be read.
    """
    cafile, capath = env.get("SSL_CERT_FILE") or None, env.get("SSL_CERT_DIR") or None
    if not cafile and not capath and _system_has_certificates():
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not cafile and not capath:
        import certifi

        cafile = certifi.where()
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


def _system_has_certificates() -> bool:
    if sys.platform in {"darwin", "win32"}:
        return True
    paths = ssl.get_default_verify_paths()
    hashed = paths.capath is not None and bool([*Path(paths.capath).glob("*.0")])
    return hashed or paths.cafile is not None or any(Path(path).is_file() for path in _BUNDLES)


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
