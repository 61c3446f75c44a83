"""Looks at a server without asking it anything that costs: how it is reached, and what its free paths say."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mira_cli.api.attempt import MAX_ERROR_BODY, Attempt
from mira_cli.api.deadline import Deadline
from mira_cli.api.endpoint import Endpoint
from mira_cli.api.exchange_errors import Unreachable
from mira_cli.api.getting import get
from mira_cli.api.retry import told_wait
from mira_cli.api.status_failures import from_response
from mira_cli.api.transports import choose_transport
from mira_cli.errors import MiraError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.api.asked import Asked


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a connection to the server came.

    Attributes:
        address: The address that answered, "" if the name was not found or nothing answered.
        found: Whether the name has an address.
        tls: The TLS version, "" without TLS or before it was agreed.
        days: Days until the server's certificate runs out, None without one.
        why: What went wrong, in a few words; "" if nothing did.
        in_tls: Whether it went wrong in the handshake.
    """

    address: str = ""
    found: bool = True
    tls: str = ""
    days: int | None = None
    why: str = ""
    in_tls: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer to a GET.

    Attributes:
        status: The HTTP status.
        value: The JSON value, None if the body is no JSON.
        error: What the status says went wrong, None for 2xx.
        date: The server's clock in seconds since the epoch, None if it does not tell.
        asked_at: Our clock at that moment.
    """

    status: int
    value: Any
    error: MiraError | None
    date: float | None
    asked_at: float


class Probe:
    """Looks at one server. Nothing is opened before it is used, nothing is tried twice.

    Args:
        asked: Base URL, key and how to name it.
        env: The environment, for proxies and certificates.
        timeout: Longest wait for an answer, in seconds.
        connect_timeout: Longest time to connect, in seconds.

    Raises:
        ConfigError: A network variable cannot be used.
    """

    def __init__(
        self, asked: Asked, env: Mapping[str, str], *, timeout: float, connect_timeout: float
    ) -> None:
        self._asked = asked
        self._env = env
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._endpoint = Endpoint.parse(asked.base_url)
        self._transport, self._proxy = choose_transport(self._endpoint, connect_timeout, env)
        self._fetched: dict[tuple[str, bool], Fetched | MiraError] = {}

    @property
    def host(self) -> str:
        """The server's name."""
        return self._endpoint.host

    @property
    def secure(self) -> bool:
        """Whether it is spoken to with TLS."""
        return self._endpoint.scheme == "https"

    @property
    def proxy(self) -> tuple[str, str]:
        """Host and port of the proxy on the way and the variable that names it; "" without one."""
        return (self._proxy.label, self._proxy.variable) if self._proxy else ("", "")

    def reach(self) -> Reached:
        """Connect straight to the server, shake hands, hang up.

        Raises:
            ConfigError: A certificate variable cannot be used.
        """
        from mira_cli.api.connecting import connect

        context = None
        if self.secure:
            from mira_cli.api.tls import make_context

            context = make_context(self._env)
        try:
            connection = connect(self._endpoint.host, self._endpoint.port, self._connect_timeout, context)
        except Unreachable as unreachable:
            return Reached(found=not unreachable.unknown, why=unreachable.why, in_tls=unreachable.tls)
        with connection:
            address = ""
            with suppress(OSError):  # it has hung up since: why shows when it is asked something
                address = str(connection.getpeername()[0])
            certificate: dict[str, Any] = getattr(connection, "getpeercert", dict)() or {}
            return Reached(
                address, tls=getattr(connection, "version", str)() or "", days=_days_left(certificate)
            )

    def fetch(self, path: str, *, at_origin: bool = False) -> Fetched:
        """GET a path below the base URL with the key, or at the origin without it; of a path once.

        Raises:
            NetworkError: There is no answer.
            ServerError: What came is no HTTP.
            ConfigError: The proxy cannot be used.
        """
        place = path, at_origin
        if place not in self._fetched:
            try:
                self._fetched[place] = self._fetch(path, at_origin=at_origin)
            except MiraError as error:
                self._fetched[place] = error
        found = self._fetched[place]
        if isinstance(found, MiraError):
            raise found
        return found

    def _fetch(self, path: str, *, at_origin: bool) -> Fetched:
        target = path if at_origin else self._endpoint.path + path
        attempt = Attempt(
            self._transport,
            self._asked,
            host=self._endpoint.authority,
            proxy_variable=self.proxy[1],
            now=time.time,
        )
        response = get(attempt, target, "" if at_origin else self._asked.key, self._deadline())
        now = time.time()
        error = None
        if response.status // 100 != 2:  # noqa: PLR2004 - the class of a status
            wait = told_wait(response.headers, time.time)
            body = response.body[:MAX_ERROR_BODY]
            error = from_response(response.status, response.reason, body, self._asked, wait=wait, now=now)
        return Fetched(response.status, response.value, error, _date(response.headers), now)

    def get(self, path: str, *, at_origin: bool = False) -> tuple[int, Any]:
        """Status and JSON value, as the catalog wants them. Raises as `fetch`."""
        fetched = self.fetch(path, at_origin=at_origin)
        return fetched.status, fetched.value

    def close(self) -> None:
        """Close the connections that are kept."""
        self._transport.close()

    def _deadline(self) -> Deadline:
        return Deadline(
            self._timeout, time.monotonic, end=time.monotonic() + self._timeout, max_time=self._timeout
        )


def _date(headers: Mapping[str, str]) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, OverflowError):
        return None


def _days_left(certificate: Mapping[str, Any]) -> int | None:
    if "notAfter" not in certificate:
        return None
    import ssl

    return int((ssl.cert_time_to_seconds(certificate["notAfter"]) - time.time()) // 86400)
