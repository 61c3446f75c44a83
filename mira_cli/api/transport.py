"""The only file that uses httpx, truststore and certifi: sends requests and streams their responses."""

from __future__ import annotations

import ssl
from socket import gaierror, socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from mira_cli.api.call import ANSWERED, SENT, Call, NotHTTP
from mira_cli.api.deadline import BrokenBody, Deadline, DeadlineExceeded
from mira_cli.api.environment import Proxy, has_certificates, unusable_certificates

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping


_KEEPALIVE = 240.0  # seconds; routers drop idle connections after some minutes
_CONNECTIONS = 10  # more than a batch uses at a time
_CLOSED = "connection closed"
_SLACK = 1.0  # seconds by which httpx's own timeouts are longer than ours
# Replies compress 50-fold at most. A larger body that compresses 100-fold is a compression bomb.
_BOMB_SIZE = 64 * 1024 * 1024
_BOMB_RATIO = 100


class Transport:
    """Sends requests to one server, over a pool of connections. Thread-safe.

    Raises:
        ConfigError: A certificate variable or the proxy cannot be used.
    """

    def __init__(
        self, base_url: str, proxy: Proxy | None, env: Mapping[str, str], reader_left: Callable[[], bool]
    ) -> None:
        self._base_url = base_url
        self._host = urlsplit(base_url).netloc
        self._proxy = proxy
        self._reader_left = reader_left
        self._idle: set[socket] = set()
        self._running: set[Call] = set()
        self._client = _new_client(base_url, proxy, env)

    def send(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        deadline: Deadline,
        *,
        body: bytes = b"",
        on_sent: Callable[[Call], object] | None = None,
    ) -> Call:
        """Send a request and wait for the head of the response, whatever its status.

        A kept connection that turns out to be dead is replaced silently. `on_sent` is called after sending,
        before waiting for the response.

        Raises:
            NetworkError: There is no answer: no connection, it was lost, or time ran out.
            ServerError: What came is not HTTP.
            ReaderGone: The reader of our output is gone.
        """
        while True:
            call = self._start(method, url, headers, body, deadline)
            try:
                item = call.next()
                if item is SENT:
                    if on_sent is not None:
                        on_sent(call)
                    item = call.next()
            except BaseException as error:
                call.close(keep=False)
                if isinstance(error, DeadlineExceeded):
                    raise self._translated(error, call) from error
                raise
            if item is ANSWERED:
                deadline.got_bytes()
                return call
            is_dead = isinstance(item, httpx.NetworkError | httpx.RemoteProtocolError) and not call.begun
            if not (call.reused and is_dead):
                raise self._translated(item, call) from item

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def _start(self, method: str, url: str, headers: dict[str, str], body: bytes, deadline: Deadline) -> Call:
        proxied = self._proxy is not None
        call = Call(deadline, self._reader_left, self._idle, self._running, proxied=proxied)
        limits = deadline.limits
        timeout = httpx.Timeout(limits.timeout + _SLACK, connect=limits.connect_timeout + _SLACK)
        extensions = {"timeout": timeout.as_dict(), "trace": call.trace}
        try:
            request = httpx.Request(method, url, headers=headers, content=body or None, extensions=extensions)
        except (httpx.InvalidURL, UnicodeError) as error:  # an invalid "xn--…" name
            raise self._translated(error, call) from error
        call.start(self._exchange(request))
        return call

    def _exchange(self, request: httpx.Request) -> Generator[Any, None, None]:
        response = self._client.send(request, stream=True)
        try:
            yield response
            yield from _body(response)
        finally:
            response.close()

    def _translated(self, error: BaseException, call: Call) -> BaseException:
        """Translates httpx's exceptions, and a time limit that was reached, into ours."""
        from mira_cli.api.network_errors import Unreachable, closed_without_answer, not_http, too_late

        if isinstance(error, DeadlineExceeded) and error.setting != "connect_timeout":
            return too_late(error)
        failure = _failure_to_connect(error, call.stage)
        if failure is not None:
            stage, why, retries, at_proxy = failure
            return Unreachable(self._host, why, stage, self._proxy if at_proxy else None, retries)
        if _is_lost(error):
            return closed_without_answer(self._host, begun=call.begun)
        is_nonsense = isinstance(error, httpx.RemoteProtocolError | NotHTTP)
        return not_http(self._host, self._base_url) if is_nonsense else error


def _body(response: httpx.Response) -> Iterator[bytes]:
    """The pieces of a body, decompressed. Raises BrokenBody as `Call.read`."""
    encoded, size = "content-encoding" in response.headers, 0
    try:
        for piece in response.iter_bytes():
            size += len(piece)
            if encoded and size > max(_BOMB_SIZE, _BOMB_RATIO * response.num_bytes_downloaded):
                raise BrokenBody("oversized")
            yield piece
    except (httpx.HTTPError, OSError) as error:
        garbled = isinstance(error, httpx.RemoteProtocolError | httpx.DecodingError) and not _is_lost(error)
        raise BrokenBody("unreadable" if garbled else "dropped") from error


def _new_client(base_url: str, proxy: Proxy | None, env: Mapping[str, str]) -> httpx.Client:
    through = None
    try:
        if proxy is not None:
            context = tls_context(env) if proxy.url.lower().startswith("https:") else None
            through = httpx.Proxy(proxy.url, ssl_context=context)
        return httpx.Client(
            # http:// is only allowed to this machine
            verify=tls_context(env) if base_url.startswith("https:") else False,
            proxy=through,
            trust_env=False,
            limits=httpx.Limits(max_connections=_CONNECTIONS, keepalive_expiry=_KEEPALIVE),
            # Redirects are not followed, and httpx raises on a Location that is no address.
            event_hooks={"response": [lambda response: response.headers.pop("location", None)]},
        )
    except (ValueError, httpx.InvalidURL):
        if proxy is None:
            raise
        raise proxy.unusable() from None


def tls_context(env: Mapping[str, str]) -> ssl.SSLContext:
    """A context that checks certificates and host names.

    Trusts the certificates in SSL_CERT_FILE and SSL_CERT_DIR, else the system's; certifi's if it has none.

    Raises:
        ConfigError: SSL_CERT_FILE holds no certificate.
    """
    cafile, capath = env.get("SSL_CERT_FILE") or None, env.get("SSL_CERT_DIR") or None
    if cafile or capath:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cafile, capath)
        except OSError as error:
            raise unusable_certificates(cafile) from error
        return context
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not has_certificates():
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _is_lost(error: BaseException) -> bool:
    """Whether an exception means that the connection was lost."""
    if isinstance(error, httpx.RemoteProtocolError):
        return "disconnected" in str(error) or "peer closed" in str(error)
    return isinstance(error, httpx.ReadError | httpx.WriteError | httpx.CloseError | httpx.TimeoutException)


def _failure_to_connect(error: BaseException, reached: str) -> tuple[str, str, int | None, bool] | None:
    """The failed stage, the reason, a cap on retries (None for no cap), and whether a proxy is to blame.

    None if the connection was made. `reached` is the stage of the call.
    """
    stage, why, retries = _cause_of(error)
    at_proxy = reached not in {"tls", "ready"}
    if isinstance(error, DeadlineExceeded):
        why = f"no {'connection' if at_proxy else 'handshake'} within {error.seconds:g} s"
    elif isinstance(error, httpx.ProxyError):
        why = str(error).strip(" .")
        # As with the API, a 3xx or 4xx is not worth a retry.
        retries = 0 if why.startswith(("3", "4")) else None
    elif isinstance(error, httpx.InvalidURL | UnicodeError):
        at_proxy = False
    elif stage != "connection" or isinstance(error, httpx.ConnectError):
        # If the connection is closed during the handshake, the proxy or the server may have done it.
        at_proxy = at_proxy or why == _CLOSED
    elif reached == "proxy":
        why, retries = (_CLOSED, None) if _is_lost(error) else ("not a proxy", 0)
    else:
        return None
    return "TLS" if reached == "tls" else stage, why, retries, at_proxy


def _cause_of(error: BaseException) -> tuple[str, str, int | None]:
    """The failed stage, the reason in a few words, and a cap on retries, from the chain of causes."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return "TLS", _CLOSED, None
        if isinstance(cause, ssl.SSLError):
            reason = (cause.reason or "handshake failed").replace("_", " ").lower()
            return "TLS", (getattr(cause, "verify_message", "") or reason).rstrip("."), 0
        if isinstance(cause, httpx.InvalidURL | UnicodeError):
            return "DNS", "not a valid name", 0
        if isinstance(cause, gaierror):
            return "DNS", "name not found", None
        if isinstance(cause, OSError) and cause.strerror:
            refused = isinstance(cause, ConnectionRefusedError)
            return "connection", cause.strerror.lower(), 1 if refused else None
        cause = cause.__cause__ or cause.__context__
    return "connection", "connection failed", None
