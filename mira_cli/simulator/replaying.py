"""Answers from a recording."""

from __future__ import annotations

import json
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from mira_cli.errors import UsageError
from mira_cli.simulator.answer import to_bytes
from mira_cli.simulator.received import last_question
from mira_cli.simulator.steps import Close, Head, Headers, Steps, Wait, Whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.simulator.received import Received

_LARGEST = 256 << 20  # bytes; beyond that it is a device, or something else by mistake


@dataclass(frozen=True, slots=True)
class Exchange:
    """A recorded request and its answer."""

    method: str
    path: str
    body: Any
    status: int
    headers: Headers
    chunks: tuple[bytes, ...]
    complete: bool


def load(path: str) -> list[Exchange]:
    """The exchanges of a recording.

    Raises:
        UsageError: It cannot be read, or a line of it is no exchange.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs more than it gives here
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"Cannot read the recording {path}: {error.strerror}.") from error
    if len(data) > _LARGEST:
        raise UsageError(f"The recording {path} holds more than {_LARGEST >> 20} MB.")
    exchanges = []
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            try:
                exchanges.append(_exchange(json.loads(line)))
            except (ValueError, TypeError, KeyError) as error:
                raise UsageError(f"The recording {path}: line {number} is no recorded request.") from error
    return exchanges


def _exchange(row: dict[str, Any]) -> Exchange:
    return Exchange(
        method=str(row["method"]),
        path=str(row["path"]),
        body=row["body"],
        status=int(row["status"]),
        headers=tuple((str(name), str(value)) for name, value in row["headers"]),
        chunks=tuple(str(chunk).encode("utf-8", "surrogateescape") for chunk in row["chunks"]),
        complete=row["end"] == "complete",
    )


class Replayer:
    """Gives each request the recorded answer that fits it best. Thread-safe.

    That is, of those with its method and path: the next one with the same body, else with the same last
    question, else the next in order; when all are used up, the last one for the same body or question.
    """

    takes_any_key = False

    def __init__(self, exchanges: list[Exchange], delay: float = 0.0) -> None:
        self._left = list(exchanges)
        self._used: list[Exchange] = []
        self._delay = delay
        self._lock = Lock()

    def has(self, received: Received) -> bool:
        """Whether anything was recorded for this method and path."""
        with self._lock:
            return any(_same_place(exchange, received) for exchange in (*self._left, *self._used))

    def steps_for(self, received: Received) -> Steps:
        """The recorded answer, chunk by chunk; 404 when none is left that fits."""
        with self._lock:
            exchange = self._take(received)
        if exchange is None:
            yield Whole(404, to_bytes({"detail": "No recorded answer is left for this request"}))
            return
        yield Wait(self._delay)
        yield Head(exchange.status, exchange.headers)
        yield from exchange.chunks
        if not exchange.complete:
            yield Close()

    def close(self) -> None:
        """Nothing is open."""

    def _take(self, received: Received) -> Exchange | None:
        left = [exchange for exchange in self._left if _same_place(exchange, received)]
        used = [exchange for exchange in reversed(self._used) if _same_place(exchange, received)]
        question = received.question
        best = (
            _first(left, lambda e: e.body == received.body)
            or _first(left, lambda e: question != "" and _question(e) == question)
            or _first(left, lambda _: True)
            or _first(used, lambda e: e.body == received.body or _question(e) == question)
        )
        if best is not None and any(best is exchange for exchange in self._left):
            self._left = [exchange for exchange in self._left if exchange is not best]
            self._used.append(best)
        return best


def _first(exchanges: list[Exchange], fits: Callable[[Exchange], bool]) -> Exchange | None:
    return next((exchange for exchange in exchanges if fits(exchange)), None)


def _same_place(exchange: Exchange, received: Received) -> bool:
    return (exchange.method, exchange.path) == (received.method, received.path)


def _question(exchange: Exchange) -> str:
    messages = exchange.body.get("messages") if isinstance(exchange.body, dict) else None
    return last_question(messages) if isinstance(messages, list) else ""
