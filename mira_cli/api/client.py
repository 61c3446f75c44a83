"""Client.send(request) → chunks: sends, waits, tries again, and says what went wrong."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mira_cli.api.deadline import Deadline
from mira_cli.api.proxies import check_network_variables, choose_proxy
from mira_cli.api.request import RequestInfo, Server, encode, make_headers
from mira_cli.api.retry import Retries
from mira_cli.errors import AuthError, MiraError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from mira_cli.api.deadline import Limits, Observer
    from mira_cli.api.models import Catalog
    from mira_cli.api.proxies import Proxy
    from mira_cli.api.transport import Connected, Response, Transport
    from mira_cli.conversation.message import Request
    from mira_cli.conversation.reply import Chunk

MAX_ERROR_BODY = 64 * 1024
_ERROR_BODY_TIME = 3.0
_MAX_GET_BODY = 4 << 20
_SUCCESS = 2  # the first digit of a status
_MAY_NAME_A_FIELD = (400, 422)
# Fields that the reference does not name, sent because they help where they are known: how each is written in
# a request, and how a server that refuses it may call it.
_OPTIONAL = {
    "stream_options": (b'"stream_options"', (b"stream_options", b"include_usage")),
    "json_schema": (b'"json_schema"', (b"json_schema", b"response_format")),
}


def _random() -> float:
    """0 to 1. Jitter needs no more, and the module random costs 3 ms to load."""
    return int.from_bytes(os.urandom(4), "big") / 2**32


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance, which tests replace.

    Attributes:
        monotonic: Seconds on a clock that is never set back.
        now: The time of day in seconds since the epoch.
        random: Gives a number from 0 to 1.
    """

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    random: Callable[[], float] = _random


class Client:
    """Speaks with one server. Safe to use from several threads; nothing is opened before it is used.

    Args:
        server: Where the API is, and the key.
        limits: Time limits and retries.
        observer: Told what happens.
        env: The environment, for proxies and certificates.
        output: A pipe that the answer goes to: when its reader leaves, waiting ends with ReaderGone.
        sleep: Waits some seconds between two tries; None to sleep, until the reader of `output` leaves.
        clock: Time and chance.

    Attributes:
        proxy: The proxy on the way, None without one.

    Raises:
        ConfigError: A network variable cannot be used.
        AuthError: The key holds characters that a header cannot.
    """

    def __init__(
        self,
        server: Server,
        limits: Limits,
        observer: Observer,
        *,
        env: Mapping[str, str],
        output: int | None = None,
        sleep: Callable[[float], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        if not all("!" <= character <= "~" for character in server.key):
            raise AuthError(
                "The API key holds characters that no key has.", hint="Set another: mira config set key"
            )
        parts = urlsplit(server.base_url)
        self._origin, self._path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
        self._info = RequestInfo(server)
        self._limits = limits
        self._observer = observer
        self._env = env
        self._output = output
        self._sleep = sleep or self._sleep_watching
        self._clock = clock or Clock()
        self._unsupported: set[str] = set()  # the optional fields that the server has refused
        self.proxy: Proxy | None = choose_proxy(server.base_url, env)
        self._loading = Lock()
        self._loaded: Transport | None = None
        check_network_variables(env, self.proxy)

    def send(
        self, request: Request, on_sent: Callable[[], None] | None = None
    ) -> Generator[Chunk, None, None]:
        """Ask, and give the reply's chunks as they come. Closing the generator closes the connection.

        Args:
            request: What to ask.
            on_sent: Called each time a try has been sent, before its answer is waited for.

        Raises:
            TooLargeError: Before anything is sent.
            RefusedError: The same; or the API will not take it.
            ReaderGone: Whoever reads `output` has left.
            MiraError: Whatever else mira_cli.errors lists for the network, the API and its answer;
                IncompleteError only after some text came.
        """
        return self._chunks(request, self._encode(request), on_sent)

    def get(self, path: str, *, at_origin: bool = False) -> tuple[int, Any]:
        """Status and JSON value of a GET below the base URL, or at the origin (without the key).

        The value is None if the body is not JSON. Not tried twice.

        Raises:
            NetworkError: There is no answer.
            ServerError: What came is not HTTP.
        """
        from mira_cli.api.fields import parse_any

        response = self.fetch(path, at_origin=at_origin)
        self._observer.log(f"GET {self._origin}{'' if at_origin else self._path}{path}: {response.status}")
        return response.status, parse_any(response.read_all(_MAX_GET_BODY).decode("utf-8-sig", "replace"))

    def fetch(
        self, path: str, *, at_origin: bool = False, on_sent: Callable[[], None] | None = None
    ) -> Response:
        """The answer to a GET, its body still to be read. Arguments and errors as of `get` and `send`."""
        target = path if at_origin else self._path + path
        headers = make_headers("" if at_origin else self._info.server.key)
        transport = self.load()
        return transport.send("GET", target, headers, self._deadline(self._end()), on_sent=on_sent)

    def models(self) -> Catalog:
        """The models, as `models.fetch` finds them."""
        from mira_cli.api import models

        return models.fetch(self)

    def load(self) -> Transport:
        """The one transport of all threads. httpx is loaded here, before a deadline begins to run.

        Raises:
            ConfigError: A certificate variable or the proxy cannot be used.
        """
        with self._loading:
            if self._loaded is None:
                from mira_cli.api.transport import Transport

                connect_timeout = self._limits.connect_timeout
                self._loaded = Transport(self._info, self.proxy, connect_timeout, self._env, self._output)
            return self._loaded

    @property
    def connected(self) -> Connected | None:
        """The connection that was made last."""
        return self._loaded.connected if self._loaded else None

    def warm_up(self) -> None:
        """Load httpx and the certificates in the background. What fails here is told by `send`."""
        from mira_cli.background import in_background

        in_background(self._load_quietly)

    def close(self) -> None:
        """Close the connections that are kept."""
        if self._loaded is not None:
            self._loaded.close()

    def _load_quietly(self) -> None:
        try:
            self.load()
        except MiraError:
            return

    def _chunks(
        self, request: Request, body: bytes, on_sent: Callable[[], None] | None
    ) -> Generator[Chunk, None, None]:
        from mira_cli.api.stream import ReplyStream

        transport = self.load()
        started, end = self._clock.monotonic(), self._end()
        info = replace(
            self._info,
            model=request.options.model,
            size=len(body),
            texts=tuple(message.content for message in request.messages),
        )
        response, deadline = self._open(transport, request, body, info, end, on_sent)
        self._log_since(started, f"{response.status} after", _request_id(response))
        stream = ReplyStream(response, deadline, info)
        first = True
        try:
            for chunk in stream.chunks():
                if first:
                    first = False
                    self._log_since(started, "first data after")
                yield chunk
        finally:
            self._note_unreadable(stream.unreadable)
        self._log_since(started, "complete after")

    def _open(
        self,
        transport: Transport,
        request: Request,
        body: bytes,
        info: RequestInfo,
        end: float | None,
        on_sent: Callable[[], None] | None,
    ) -> tuple[Response, Deadline]:
        """Try until a reply begins or no further try is worth it."""
        retries = Retries(self._limits.retries, self._clock.random)
        target = f"{self._path}/chat/completions"
        headers = make_headers(info.server.key, idempotency=os.urandom(16).hex())
        while True:
            self._observer.log(
                f"POST {self._origin}{target}: model {info.model},"
                f" messages {len(request.messages)}, {len(body):,} bytes"
            )
            deadline = self._deadline(end)
            try:
                response = transport.send("POST", target, headers, deadline, body=body, on_sent=on_sent)
                if response.status // 100 == _SUCCESS:
                    return response, deadline
                deadline.end_within(_ERROR_BODY_TIME)
                error_body = response.read_all(MAX_ERROR_BODY)
                field = _refused_field(body, error_body) if response.status in _MAY_NAME_A_FIELD else ""
                if not field:
                    raise self._refusal(response, error_body, info)
            except MiraError as error:
                self._wait_for_retry(error, retries, end)
            else:
                self._observer.log(f"the server does not know {field}: sent again without")
                self._unsupported.add(field)
                body = self._encode(request)

    def _refusal(self, response: Response, body: bytes, info: RequestInfo) -> MiraError:
        from mira_cli.api.status_errors import from_response

        now = self._clock.now()
        return from_response(response.status, response.reason, response.headers, body, info, now)

    def _encode(self, request: Request) -> bytes:
        """The body of a request, without what the server has turned out not to know."""
        wanted = request.options.response_format
        if "json_schema" in self._unsupported and wanted and wanted.get("type") == "json_schema":
            # The question says what the JSON should be, and so does our own check.
            request = replace(
                request, options=replace(request.options, response_format={"type": "json_object"})
            )
        return encode(request, stream_options="stream_options" not in self._unsupported)

    def _wait_for_retry(self, error: MiraError, retries: Retries, end: float | None) -> None:
        """Wait for the next try, or raise the error if there is none."""
        wait = retries.next_wait(error)
        if wait is None or (end is not None and self._clock.monotonic() + wait >= end):
            raise error
        of = retries.allowed(error)
        self._observer.log(f"{error.message} Retry {retries.done} of {of} in {wait:.1f} s")
        self._observer.retrying(wait, retries.done, of, error.retry_reason, for_all=error.affects_all)
        self._sleep(wait)

    def _sleep_watching(self, seconds: float) -> None:
        from mira_cli.api.call import wait

        wait(seconds, self._output)

    def _note_unreadable(self, count: int) -> None:
        if count:
            events = "1 event" if count == 1 else f"{count} events"
            self._observer.notice("unreadable", f"Skipped {events} of the answer that could not be read.")

    def _log_since(self, started: float, what: str, more: str = "") -> None:
        self._observer.log(f"{what} {self._clock.monotonic() - started:.2f} s{more}")

    def _end(self) -> float | None:
        return None if self._limits.max_time is None else self._clock.monotonic() + self._limits.max_time

    def _deadline(self, end: float | None) -> Deadline:
        limits = self._limits
        return Deadline(limits.timeout, self._clock.monotonic, end=end, max_time=limits.max_time)


def _refused_field(sent: bytes, body: bytes) -> str:
    """The optional field of the request that an error body names, "" if none."""
    for field, (written, names) in _OPTIONAL.items():
        if written in sent and any(name in body for name in names):
            return field
    return ""


def _request_id(response: Response) -> str:
    identity = response.headers.get("x-request-id", "")
    return f", request {identity[:64]}" if identity else ""
