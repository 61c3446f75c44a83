"""Client.send(request) → chunks: sends, waits, retries, and raises an error that says what went wrong."""

from __future__ import annotations

import os
import time
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mira_cli.api.deadline import Deadline
from mira_cli.api.environment import check_network_variables, choose_proxy
from mira_cli.api.request import Answer, RequestInfo, Server, encode, make_headers
from mira_cli.errors import MiraError, ReaderGone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mira_cli.api.call import Call
    from mira_cli.api.deadline import Limits, Observer
    from mira_cli.api.retry import Retries
    from mira_cli.api.stream import ReplyStream
    from mira_cli.api.transport import Transport
    from mira_cli.conversation.message import Request

_MAX_ERROR_BODY = 64 * 1024
_MAX_GET_BODY = 4 << 20
_ERROR_BODY_TIME = 3.0
_SUCCESS = 2  # the first digit of a status
_MAY_NAME_A_FIELD = (400, 422)
# Fields that the API's reference doesn't mention, sent because some servers support them. For each: how it
# looks in a request, and the names by which a server may reject it.
_OPTIONAL = {
    "stream_options": (b'"stream_options"', (b"stream_options", b"include_usage")),
    "json_schema": (b'"json_schema"', (b"json_schema", b"response_format")),
}


class Client:
    """Sends requests to one server. Thread-safe; connects on first use.

    Args:
        env: The environment, for proxies and certificates.
        reader_left: Whether the reader of our output is gone, which ends all waiting with ReaderGone.
        sleep: Waits some seconds before a retry; by default, until the reader leaves.

    Attributes:
        proxy: The proxy in use, None for a direct connection.

    Raises:
        ConfigError: A network variable cannot be used.
    """

    def __init__(
        self,
        server: Server,
        limits: Limits,
        observer: Observer,
        *,
        env: Mapping[str, str],
        reader_left: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._server = server
        self._limits = limits
        self._observer = observer
        self._env = env
        self._reader_left = reader_left
        self._sleep = sleep or self._interruptible_sleep
        self._unsupported: set[str] = set()  # the optional fields that the server has refused
        check_network_variables(env)
        self.proxy = choose_proxy(server.base_url, env)
        self._loading = Lock()
        self._loaded: Transport | None = None

    def send(self, request: Request, on_sent: Callable[[], None] | None = None) -> ReplyStream:
        """Send a request and return its reply, which has begun to arrive. The caller must close it.

        `on_sent` is called after each try has been sent, before waiting for the answer.

        Raises:
            TooLargeError, RefusedError: It is over the API's limits; nothing was sent.
            ReaderGone: The reader of our output is gone.
            MiraError: The network, the API or its answer failed.
        """

        def while_waiting(_call: Call) -> None:
            _reply_stream()
            if on_sent is not None:
                on_sent()

        body = self._encode(request)
        self.load()
        started = time.monotonic()
        response, info = self._open(request, body, started, while_waiting)
        identity = response.headers.get("x-request-id", "")[:64]
        more = f", request {identity}" if identity else ""
        self._observer.log(f"{response.status} after {time.monotonic() - started:.2f} s{more}")
        return _reply_stream()(response, info, self._observer, started)

    def get(
        self, path: str, *, at_origin: bool = False, on_sent: Callable[[Call], object] | None = None
    ) -> Answer:
        """The answer to a GET below the base URL, or at the origin (without the key). No retries.

        Raises:
            NetworkError: There is no answer.
            ServerError: What came is not HTTP.
        """
        from mira_cli.api.decode import parse

        url = self._url(path, at_origin=at_origin)
        headers = make_headers("" if at_origin else self._server.key)
        transport = self.load()
        deadline = Deadline(self._limits, time.monotonic())
        response = transport.send("GET", url, headers, deadline, on_sent=on_sent)
        self._observer.log(f"GET {url}: {response.status}")
        body = response.read_all(_MAX_GET_BODY)
        error = None
        if response.status // 100 != _SUCCESS:
            from mira_cli.api.status_errors import from_response

            error = from_response(response, body[:_MAX_ERROR_BODY], RequestInfo(self._server))
        value = parse(body.decode("utf-8-sig", "replace"))
        return Answer(response.status, value, error, response.headers.get("date", ""))

    def load(self) -> Transport:
        """The transport, shared by all threads. Loads httpx here, before a deadline begins to run.

        Raises:
            ConfigError: A certificate variable or the proxy cannot be used.
        """
        with self._loading:
            if self._loaded is None:
                from mira_cli.api.transport import Transport

                self._loaded = Transport(self._server.base_url, self.proxy, self._env, self._reader_left)
            return self._loaded

    def close(self) -> None:
        """Close all connections."""
        if self._loaded is not None:
            self._loaded.close()

    def _open(
        self, request: Request, body: bytes, started: float, on_sent: Callable[[Call], None]
    ) -> tuple[Call, RequestInfo]:
        """Send the request, and retry while that makes sense, until a reply begins."""
        retries: Retries | None = None
        url = self._url("/chat/completions")
        headers = make_headers(self._server.key, idempotency=os.urandom(16).hex())
        texts = tuple(message.content for message in request.messages)
        while True:
            info = RequestInfo(self._server, request.options.model, len(body), texts)
            self._observer.log(f"POST {url}: model {info.model}, messages {len(texts)}, {len(body):,} bytes")
            deadline = Deadline(self._limits, started)
            try:
                response = self.load().send("POST", url, headers, deadline, body=body, on_sent=on_sent)
                if response.status // 100 == _SUCCESS:
                    return response, info
                deadline.end_within(_ERROR_BODY_TIME)
                error_body = response.read_all(_MAX_ERROR_BODY)
                field = _refused_field(body, error_body) if response.status in _MAY_NAME_A_FIELD else ""
                if not field:
                    from mira_cli.api.status_errors import from_response

                    raise from_response(response, error_body, info)
            except MiraError as error:
                from mira_cli.api.retry import Retries

                retries = retries or Retries(self._limits.retries)
                self._wait_for_retry(error, retries, started)
            else:
                self._observer.log(f"the server does not know {field}: sent again without")
                self._unsupported.add(field)
                body = self._encode(request)

    def _encode(self, request: Request) -> bytes:
        """The body of a request, without the fields that the server has refused."""
        wanted = request.options.response_format
        if "json_schema" in self._unsupported and wanted and wanted.get("type") == "json_schema":
            from dataclasses import replace

            # The question describes the JSON too, and we check the reply ourselves.
            options = replace(request.options, response_format={"type": "json_object"})
            request = replace(request, options=options)
        return encode(request, stream_options="stream_options" not in self._unsupported)

    def _wait_for_retry(self, error: MiraError, retries: Retries, started: float) -> None:
        """Wait before the next try, or raise the error if there is none."""
        wait, longest = retries.next_wait(error), self._limits.max_time
        if wait is None or (longest is not None and time.monotonic() + wait >= started + longest):
            raise error
        of = retries.allowed(error)
        self._observer.log(f"{error.message} Retry {retries.done} of {of} in {wait:.1f} s")
        self._observer.retrying(wait, retries.done, of, error.retry_reason, for_all=error.affects_all)
        self._sleep(wait)

    def _interruptible_sleep(self, seconds: float) -> None:
        from mira_cli.api.call import LOOK_EVERY

        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_EVERY))
            if self._reader_left():
                raise ReaderGone

    def _url(self, path: str, *, at_origin: bool = False) -> str:
        parts = urlsplit(self._server.base_url)
        return f"{parts.scheme}://{parts.netloc}{'' if at_origin else parts.path.rstrip('/')}{path}"


def _reply_stream() -> type[ReplyStream]:
    """The class that reads replies. The first call, made while the server thinks, loads it."""
    from mira_cli.api.stream import ReplyStream

    return ReplyStream


def _refused_field(sent: bytes, body: bytes) -> str:
    """The optional field of the request that an error body names, "" if none."""
    for field, (written, names) in _OPTIONAL.items():
        if written in sent and any(name in body for name in names):
            return field
    return ""
