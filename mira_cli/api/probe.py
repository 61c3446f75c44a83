"""Tries a server without a request that costs anything: the connection, and what its free paths say."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from mira_cli.api.client import MAX_ERROR_BODY, MAX_GET_BODY, Client
from mira_cli.api.deadline import Limits, Observer
from mira_cli.api.decode import parse
from mira_cli.api.request import RequestInfo
from mira_cli.api.status_errors import from_response
from mira_cli.background import in_background
from mira_cli.errors import MiraError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mira_cli.api.call import Call
    from mira_cli.api.request import Server
    from mira_cli.background import SideThread

_SUCCESS = 2  # the first digit of a status


class Reached(NamedTuple):
    """A connection to the server.

    Attributes:
        address: The address that answered, "" if it had hung up before it was looked at.
        tls: The TLS version, "" without TLS.
        days: Days until the server's certificate expires, None without one.
    """

    address: str = ""
    tls: str = ""
    days: int | None = None


class Fetched(NamedTuple):
    """The answer to a GET.

    Attributes:
        status: The HTTP status.
        value: The JSON value, None if the body is not JSON.
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
    """Tries one server. Nothing is opened before it is used, nothing is tried twice.

    Args:
        server: Where the API is, and the key.
        env: The environment, for proxies and certificates.
        timeout: Longest wait for an answer, in seconds.
        connect_timeout: Longest time to connect, in seconds.

    Raises:
        ConfigError: A network variable cannot be used.
    """

    def __init__(
        self, server: Server, env: Mapping[str, str], *, timeout: float, connect_timeout: float
    ) -> None:
        self._server = server
        parts = urlsplit(server.base_url)
        self.host: str = parts.hostname or ""
        self.secure: bool = parts.scheme == "https"
        self._client = Client(server, Limits(timeout, connect_timeout, timeout), Observer(), env=env)
        self._fetched: dict[tuple[str, bool], Fetched | MiraError] = {}
        self._reaching: SideThread | None = None
        self.proxy = self._client.proxy

    def reach(self, path: str) -> Reached:
        """Connect to the server and send a GET for a path, whose answer `fetch` then waits for.

        Raises:
            ConfigError: A certificate variable cannot be used.
            MiraError: There is no connection: as a rule `network_errors.Unreachable`.
        """
        sent = Event()
        reached: list[Reached] = []

        def note(call: Call) -> None:
            reached.append(Reached(call.address, call.tls, _days_left(call.certificate)))
            sent.set()

        def fetch() -> None:
            self._fetch_once(path, on_sent=note)
            sent.set()

        self._client.load()
        self._reaching = in_background(fetch)
        sent.wait()
        if not reached:
            self.fetch(path)  # raises
        return reached[0]

    def fetch(self, path: str, *, at_origin: bool = False) -> Fetched:
        """GET a path below the base URL with the key, or at the origin without it; each path once.

        Raises:
            NetworkError: There is no answer.
            ServerError: What came is not HTTP.
            ConfigError: The proxy cannot be used.
        """
        if self._reaching is not None:
            self._reaching.join()
            self._reaching = None
        self._fetch_once(path, at_origin=at_origin)
        found = self._fetched[path, at_origin]
        if isinstance(found, MiraError):
            raise found
        return found

    def get(self, path: str, *, at_origin: bool = False) -> tuple[int, Any]:
        """Status and JSON value, as `models.fetch` wants them. Raises as `fetch`."""
        fetched = self.fetch(path, at_origin=at_origin)
        return fetched.status, fetched.value

    def close(self) -> None:
        """Close the connections that are kept."""
        self._client.close()

    def _fetch_once(
        self, path: str, *, at_origin: bool = False, on_sent: Callable[[Call], None] | None = None
    ) -> None:
        if (path, at_origin) in self._fetched:
            return
        try:
            response = self._client.fetch(path, at_origin=at_origin, on_sent=on_sent)
        except MiraError as failure:
            self._fetched[path, at_origin] = failure
            return
        body = response.read_all(MAX_GET_BODY)
        now = time.time()
        error = None
        if response.status // 100 != _SUCCESS:
            error = from_response(response, body[:MAX_ERROR_BODY], RequestInfo(self._server))
        value = parse(body.decode("utf-8-sig", "replace"))
        self._fetched[path, at_origin] = Fetched(response.status, value, error, _date(response.headers), now)


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
