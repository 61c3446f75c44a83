"""One try: the request goes out, the head of an answer comes back, or it is said why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.api.deadline import DeadlineExceeded
from mira_cli.api.exchange_errors import Dropped, Garbled, Unreachable
from mira_cli.api.retry import Failed, is_worth_it, told_wait
from mira_cli.errors import QuotaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.api.asked import Asked
    from mira_cli.api.deadline import Deadline
    from mira_cli.api.transport import Exchange, Outgoing, Transport

MAX_ERROR_BODY = 64 * 1024
_ERROR_BODY_TIME = 3.0
_TOO_MANY = 429
_SERVER_ERRORS = 500
_MAY_NAME_A_FIELD = (400, 422)
# What the reference does not name but helps where it is known: what of it stands in a request, and how a
# refusal calls it.
_OPTIONAL = {
    "stream_options": (b'"stream_options"', (b"stream_options", b"include_usage")),
    "json_schema": (b'"json_schema"', (b"json_schema", b"response_format")),
}


class FieldRefused(Exception):  # noqa: N818 - says what the server did
    """The server does not know a field that it may be spared: "stream_options" or "json_schema"."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class Attempt:
    """What all tries of one request share.

    Args:
        transport: Carries it.
        asked: What was asked, for the words of a failure.
        host: The server's name for people.
        proxy_variable: The environment variable that names the proxy, if one is used.
        now: The time of day in seconds since the epoch.
    """

    def __init__(
        self,
        transport: Transport,
        asked: Asked,
        *,
        host: str,
        proxy_variable: str,
        now: Callable[[], float],
    ) -> None:
        self._transport = transport
        self._asked = asked
        self._host = host
        self._proxy_variable = proxy_variable
        self._now = now

    def open(self, outgoing: Outgoing, deadline: Deadline) -> Exchange:
        """Send, and wait for an answer of status 2xx.

        Raises:
            Failed: With the error to show and whether another try may help.
            FieldRefused: To be sent again without it.
        """
        exchange = self.exchange(outgoing, deadline)
        if exchange.status // 100 == 2:  # noqa: PLR2004 - the class of a status
            return exchange
        from mira_cli.api.reading import read_body

        deadline.end_within(_ERROR_BODY_TIME)
        body = read_body(exchange, deadline, MAX_ERROR_BODY)
        if exchange.status in _MAY_NAME_A_FIELD and (field := _named(outgoing.body, body)):
            raise FieldRefused(field)
        raise self._refused(exchange, body)

    def exchange(self, outgoing: Outgoing, deadline: Deadline) -> Exchange:
        """Send, and wait for an answer of any status.

        Raises:
            Failed: There is none.
        """
        try:
            return self._transport.exchange(outgoing, deadline)
        except (Dropped, Garbled, DeadlineExceeded, Unreachable) as cause:
            from mira_cli.api.exchange_failures import no_answer

            raise no_answer(cause, self._asked, self._host, self._proxy_variable) from cause

    def _refused(self, exchange: Exchange, body: bytes) -> Failed:
        from mira_cli.api.status_failures import from_response

        status = exchange.status
        wait = told_wait(exchange.headers, self._now)
        error = from_response(status, exchange.reason, body, self._asked, wait=wait, now=self._now())
        busy, in_trouble = status == _TOO_MANY, status >= _SERVER_ERRORS
        reason = ""
        if is_worth_it(status, exchange.headers, quota=isinstance(error, QuotaError)):
            by_class = "server error" if in_trouble else "error"
            reason = "rate limited" if busy else f"{by_class} {status}"
        return Failed(error, reason, wait=wait, for_all=busy or in_trouble)


def _named(sent: bytes, body: bytes) -> str:
    """The optional field of the request that the refusal names, "" if none."""
    for field, (written, names) in _OPTIONAL.items():
        if written in sent and any(name in body for name in names):
            return field
    return ""
