"""Client.send(request) → chunks: tries, waits, tries again, and says what went wrong."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mira_cli.api import wire
from mira_cli.api.answer import Answer
from mira_cli.api.asked import Asked
from mira_cli.api.attempt import Attempt, FieldRefused
from mira_cli.api.deadline import Deadline, DeadlineExceeded
from mira_cli.api.endpoint import Endpoint
from mira_cli.api.exchange_errors import Unreachable
from mira_cli.api.headers import make_headers
from mira_cli.api.readiness import Readiness
from mira_cli.api.retry import Failed, Retries
from mira_cli.api.transport import Outgoing
from mira_cli.api.transports import choose_transport
from mira_cli.errors import AuthError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from mira_cli.api.catalog import Catalog
    from mira_cli.api.terms import Limits, Observer
    from mira_cli.api.transport import Exchange
    from mira_cli.background import SideThread
    from mira_cli.conversation.reply import Chunk
    from mira_cli.conversation.request import Request

_CHAT = "/chat/completions"


def _chance() -> float:
    """0 to 1. Jitter needs no more, and the module random costs 3 ms to load."""
    return int.from_bytes(os.urandom(4), "big") / 2**32


class Client:
    """Speaks with one server. Safe to use from several threads; nothing is opened before it is used.

    Args:
        base_url: Normalised: `https://api.vmira.ai/v1`.
        key: The API key, "" for requests that need none.
        limits: Time limits and retries.
        observer: Told what happens.
        env: The environment, for proxies and certificates.
        key_label: How errors name the key: "key sk-mira-1a2b3c4d… from MIRA_API_KEY".
        key_hint: How to set another.
        output: A pipe that the answer goes to: its reader may leave, and then nothing is waited for.
        sleep: Waits some seconds.
        clock: A monotonic clock.
        now: The time of day in seconds since the epoch.
        random: Gives a number from 0 to 1.

    Raises:
        ConfigError: The base URL or a network variable cannot be used.
        AuthError: The key holds what a header cannot.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        limits: Limits,
        observer: Observer,
        *,
        env: Mapping[str, str],
        key_label: str = "",
        key_hint: str = "",
        output: int | None = None,
        sleep: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        random: Callable[[], float] = _chance,
    ) -> None:
        if not all("!" <= character <= "~" for character in key):
            raise AuthError(
                "The API key holds characters that no key has.", hint="Set another: mira config set key"
            )
        self._endpoint = Endpoint.parse(base_url)
        self._asked = Asked(base_url, key, key_label, key_hint)
        self._limits = limits
        self._observer = observer
        self._sleep = sleep or Readiness(None, output).wait
        self._clock = clock
        self._now = now
        self._random = random
        self._unknown: set[str] = set()  # the optional fields that the server has refused
        self._warming: SideThread | None = None
        self._transport, self._proxy = choose_transport(self._endpoint, limits.connect_timeout, env, output)

    def send(
        self, request: Request, on_sent: Callable[[], None] | None = None
    ) -> Generator[Chunk, None, None]:
        """Ask, and give the reply's chunks as they come. Closing the generator closes the connection.

        Args:
            request: What to ask.
            on_sent: Called each time when a try is on its way, before its answer is waited for.

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

        The value is None if the body is no JSON. Not tried twice.

        Raises:
            NetworkError: There is no answer.
            ServerError: What came is no HTTP.
        """
        from mira_cli.api.getting import get

        target = path if at_origin else self._endpoint.path + path
        key = "" if at_origin else self._asked.key
        response = get(self._attempt(self._asked), target, key, self._deadline(self._end()))
        self._observer.log(f"GET {self._endpoint.origin}{target}: {response.status}")
        return response.status, response.value

    def models(self) -> Catalog:
        """The models, as `catalog.fetch` finds them."""
        from mira_cli.api import catalog

        return catalog.fetch(self)

    def warm_up(self) -> None:
        """Connect ahead, in a thread of its own. `send` waits for it; what fails here fails there as well."""
        from mira_cli.background import in_background

        self._warming = in_background(self._open_ahead)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._transport.close()

    def _open_ahead(self) -> None:
        try:
            self._transport.open_ahead(self._deadline(None))
        except (Unreachable, ConfigError, DeadlineExceeded):
            return

    def _chunks(
        self, request: Request, body: bytes, on_sent: Callable[[], None] | None
    ) -> Generator[Chunk, None, None]:
        started, end = self._clock(), self._end()
        if self._warming is not None:
            self._warming.join(self._limits.max_time)
        asked = self._asked._replace(
            model=request.options.model,
            size=len(body),
            texts=tuple(message.content for message in request.messages),
        )
        exchange, deadline = self._persist(request, body, asked, end, on_sent)
        took = self._clock() - started
        self._observer.log(f"{exchange.status} after {took:.2f} s{_request_id(exchange)}")
        first = True
        for chunk in Answer(exchange, deadline, asked, self._observer).chunks():
            if first:
                first = False
                self._observer.log(f"first data after {self._clock() - started:.2f} s")
            yield chunk
        self._observer.log(f"complete after {self._clock() - started:.2f} s")

    def _persist(
        self,
        request: Request,
        body: bytes,
        asked: Asked,
        end: float | None,
        on_sent: Callable[[], None] | None,
    ) -> tuple[Exchange, Deadline]:
        """Try until an answer begins or no further try is worth it."""
        attempt = self._attempt(asked)
        retries = Retries(self._limits.retries, self._random)
        target = self._endpoint.path + _CHAT
        headers = make_headers(self._asked.key, idempotency=os.urandom(16).hex())
        while True:
            self._observer.log(
                f"POST {self._endpoint.origin}{target}: model {request.options.model},"
                f" messages {len(request.messages)}, {len(body):,} bytes"
            )
            deadline = self._deadline(end)
            try:
                return attempt.open(Outgoing("POST", target, headers, body, on_sent), deadline), deadline
            except FieldRefused as refused:
                self._observer.log(f"the server does not know {refused.field}: sent again without")
                self._unknown.add(refused.field)
                body = self._encode(request)
            except Failed as failed:
                self._wait_for_next(failed, retries, end)

    def _encode(self, request: Request) -> bytes:
        """The body of a request, without what the server has turned out not to know."""
        wanted = request.options.response_format
        if "json_schema" in self._unknown and wanted and wanted.get("type") == "json_schema":
            # The question says what the JSON should be, and so does our own check.
            request = replace(
                request, options=replace(request.options, response_format={"type": "json_object"})
            )
        return wire.encode(request, stream_options="stream_options" not in self._unknown)

    def _wait_for_next(self, failed: Failed, retries: Retries, end: float | None) -> None:
        wait = retries.next_wait(failed)
        if wait is None or (end is not None and self._clock() + wait >= end):
            raise failed.error from failed
        of = retries.allowed(failed)
        self._observer.log(f"{failed.error.message} Retry {retries.done} of {of} in {wait:.1f} s")
        self._observer.retrying(wait, retries.done, of, failed.reason, for_all=failed.for_all)
        self._sleep(wait)

    def _attempt(self, asked: Asked) -> Attempt:
        return Attempt(
            self._transport,
            asked,
            host=self._endpoint.authority,
            proxy_variable=self._proxy.variable if self._proxy else "",
            now=self._now,
        )

    def _end(self) -> float | None:
        return None if self._limits.max_time is None else self._clock() + self._limits.max_time

    def _deadline(self, end: float | None) -> Deadline:
        limits = self._limits
        return Deadline(limits.timeout, self._clock, end=end, max_time=limits.max_time)


def _request_id(exchange: Exchange) -> str:
    identity = exchange.headers.get("x-request-id", "")
    return f", request {identity[:64]}" if identity else ""
