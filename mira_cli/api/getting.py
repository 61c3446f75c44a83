"""A GET: asked once, read whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mira_cli.api.fields import parse_any
from mira_cli.api.headers import make_headers
from mira_cli.api.reading import read_body
from mira_cli.api.retry import Failed
from mira_cli.api.transport import Outgoing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.api.attempt import Attempt
    from mira_cli.api.deadline import Deadline

_LARGEST = 4 << 20  # bytes of a body that are read


class Response(NamedTuple):
    """An answer as a whole. Header names are in lower case."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        """The JSON value of the body, None if it is no JSON."""
        return parse_any(self.body.decode("utf-8-sig", "replace"))


def get(attempt: Attempt, target: str, key: str, deadline: Deadline) -> Response:
    """The answer to a GET of any status.

    Args:
        attempt: Carries it.
        target: The path from the server's root.
        key: The API key, "" to send none.
        deadline: How long it may take.

    Raises:
        NetworkError: There is no answer.
        ServerError: What came is no HTTP.
    """
    try:
        exchange = attempt.exchange(Outgoing("GET", target, make_headers(key)), deadline)
    except Failed as failed:
        raise failed.error from failed
    return Response(
        exchange.status, exchange.reason, exchange.headers, read_body(exchange, deadline, _LARGEST)
    )
