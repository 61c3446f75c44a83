"""Replies that end too early or too late, in more ways than the public faults: pings, slow headers, cuts."""

from __future__ import annotations

from itertools import repeat

from mira_cli.simulator.completion import (
    events,
    first_half,
    full_json,
    role_event,
    send,
    text_event,
    to_bytes,
)
from mira_cli.simulator.faults import Fault, interrupted, nothing_more, only
from mira_cli.simulator.response import PING, Close, Head, Raw, Response, Silence, Wait

_PING_EVERY = 0.1  # seconds; far more often than the API, so that a test need not wait
_TRICKLE = 0.02  # seconds a byte of a slow head


def _mid_utf8(completion):
    data = text_event(completion, "я")
    return [data[: data.index("я".encode()) + 1]]


def _pings_for_ever(_completion):
    yield Head()
    yield from _pings()


def _pings_after_text(completion):
    yield Head()
    yield from first_half(completion)
    yield from _pings()


def _pings():
    for step in repeat((PING, Wait(_PING_EVERY))):
        yield from step


def _slow_head(completion):
    body = b"".join(events(completion)) if completion.stream else to_bytes(full_json(completion))
    kind = "text/event-stream" if completion.stream else "application/json"
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
    yield from _trickle(head.encode())
    yield Raw(body)


def _endless_head(_completion):
    yield Raw(b"HTTP/1.1 200 OK\r\n")
    for line in repeat(b"x-simulated: y\r\n"):
        yield from _trickle(line)


def _trickle(data):
    for byte in data:
        yield Raw(bytes((byte,)))
        yield Wait(_TRICKLE)


def _drip(completion):
    """A token each 0.2 s: never silent for long, yet slow."""
    yield Head()
    for data in events(completion):
        yield data
        yield Wait(0.2)


def _unless_stream(completion):
    return send(completion) if completion.stream else iter((Response(408, b"", ()),))


FAULTS = (
    Fault("cut-mid-utf8", "the connection is closed within a character", interrupted(_mid_utf8, Close())),
    Fault(
        "cut-clean",
        "the stream ends in order, without finish_reason and [DONE]",
        interrupted(nothing_more, None),
    ),
    Fault("cut-empty", "the stream ends in order, without any event", only(Head())),
    Fault("cut-role", "the stream ends after the role chunk", lambda a: iter((Head(), role_event(a)))),
    Fault("close-before-headers", "the connection is closed before any byte of the response", only(Close())),
    Fault(
        "close-mid-headers",
        "the connection is closed within the headers",
        only(Raw(b"HTTP/1.1 200 OK\r\nx-")),
    ),
    Fault("stall-before-text", "the headers, then nothing for ever", only(Head(), Silence())),
    Fault("stall-error", "a status 500, its body never comes", only(Head(500, ()), Silence())),
    Fault("pings-for-ever", "nothing but ping comments", _pings_for_ever),
    Fault("pings-after-text", "half the reply, then nothing but ping comments", _pings_after_text),
    Fault("slow-headers", "the headers a byte at a time, then a good reply", _slow_head),
    Fault("endless-headers", "headers that never end, a byte at a time", _endless_head),
    Fault("drip", "a token each 0.2 s", _drip),
    Fault("408-whole", "408 with an empty body unless a stream is asked for", _unless_stream),
)
