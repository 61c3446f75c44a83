"""Reads a body that is no stream: an error, a list of models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.api.deadline import DeadlineExceeded
from mira_cli.api.exchange_errors import Dropped, Garbled
from mira_cli.api.inflate import Inflater

if TYPE_CHECKING:
    from mira_cli.api.deadline import Deadline
    from mira_cli.api.transport import Exchange


def read_body(exchange: Exchange, deadline: Deadline, limit: int) -> bytes:
    """As much of a body as comes in time, `limit` bytes at most; what is broken off is enough to go by.

    Closes the exchange, and keeps its connection if the body came to its end.
    """
    body = bytearray()
    ended = False
    try:
        inflater = Inflater(exchange.headers.get("content-encoding", ""))
        while len(body) < limit and not ended:
            data = exchange.read(deadline)
            ended = not data
            for piece in inflater.feed(data):
                body += piece
                if len(body) >= limit:
                    break
    except (Dropped, Garbled, DeadlineExceeded):
        pass
    finally:
        exchange.close(keep=ended)
    return bytes(body[:limit])
