"""What a server does on the wire, step by step: plain values that `player.py` carries out on a socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]

SSE: Headers = (
    ("content-type", "text/event-stream"),
    ("cache-control", "no-store, no-cache, must-revalidate"),
)
JSON: Headers = (("content-type", "application/json"),)


@dataclass(frozen=True, slots=True)
class Head:
    """The start of a chunked answer; the bytes that follow are its chunks, one write each."""

    status: int = 200
    headers: Headers = SSE


@dataclass(frozen=True, slots=True)
class Whole:
    """An answer with its length, all at once; the connection stays open."""

    status: int
    body: bytes = b""
    headers: Headers = JSON


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes past all framing, status line included; the connection is closed at the end."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds of silence; after a `Head`, a ping comment is sent after each 15 s of it."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing more, not even pings, until the client leaves or the simulator ends."""


@dataclass(frozen=True, slots=True)
class Close:
    """An orderly close of the connection, whatever is still owed."""


@dataclass(frozen=True, slots=True)
class Reset:
    """A TCP reset (RST) in place of an orderly close."""


@dataclass(frozen=True, slots=True)
class CloseAfter:
    """After a complete answer the connection is closed without having said so."""


Step = bytes | Head | Whole | Raw | Wait | Silence | Close | Reset | CloseAfter
Steps = Iterator[Step]
