"""Replies that end too early or too late: cuts, resets, silence, endless pings, slow headers."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from mira_cli.simulator.answer import (
    Answer,
    completion,
    events,
    good,
    role_event,
    text_event,
    to_bytes,
)
from mira_cli.simulator.faults.fault import Fault
from mira_cli.simulator.faults.framing import begun
from mira_cli.simulator.player import PING
from mira_cli.simulator.steps import Close, Head, Raw, Reset, Silence, Step, Steps, Wait, Whole

if TYPE_CHECKING:
    from collections.abc import Callable

_PING_EVERY = 0.1  # seconds; far more often than the API, so that a test need not wait
_TRICKLE = 0.02  # seconds a byte of a slow head


def _cut(ends: Callable[[Answer], list[bytes]], last: Step | None) -> Callable[[Answer], Steps]:
    """Half a reply, then what `ends` gives, then `last`; a whole answer is cut in its middle."""

    def steps(answer: Answer) -> Steps:
        if not answer.stream:
            body = to_bytes(completion(answer))
            head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
            yield Raw(head.encode() + body[: len(body) // 2])
        else:
            yield Head()
            yield Wait(answer.delay)
            yield from (*begun(answer), *ends(answer))
        if last is not None:
            # What was sent must be read before a reset, which throws away what the client has not read yet.
            yield Wait(0.1 if isinstance(last, Reset) else 0)
            yield last

    return steps


def _mid_token(answer: Answer) -> list[bytes]:
    data = text_event(answer, "interrupted")
    return [data[: data.index(b"rupted")]]


def _mid_utf8(answer: Answer) -> list[bytes]:
    data = text_event(answer, "я")
    return [data[: data.index("я".encode()) + 1]]


def _none(_answer: Answer) -> list[bytes]:
    return []


def _only(*steps: Step) -> Callable[[Answer], Steps]:
    return lambda _answer: iter(steps)


def _pings_for_ever(_answer: Answer) -> Steps:
    yield Head()
    yield from _pings()


def _pings_after_text(answer: Answer) -> Steps:
    yield Head()
    yield from begun(answer)
    yield from _pings()


def _pings() -> Steps:
    for step in repeat((PING, Wait(_PING_EVERY))):
        yield from step


def _slow_head(answer: Answer) -> Steps:
    body = b"".join(events(answer)) if answer.stream else to_bytes(completion(answer))
    kind = "text/event-stream" if answer.stream else "application/json"
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
    yield from _trickle(head.encode())
    yield Raw(body)


def _endless_head(_answer: Answer) -> Steps:
    yield Raw(b"HTTP/1.1 200 OK\r\n")
    for line in repeat(b"x-simulated: y\r\n"):
        yield from _trickle(line)


def _trickle(data: bytes) -> Steps:
    for byte in data:
        yield Raw(bytes((byte,)))
        yield Wait(_TRICKLE)


def _drip(answer: Answer) -> Steps:
    """A token each 0.2 s: never silent for long, yet slow."""
    yield Head()
    for data in events(answer):
        yield data
        yield Wait(0.2)


def _unless_stream(answer: Answer) -> Steps:
    return good(answer) if answer.stream else iter((Whole(408, b"", ()),))


FAULTS = (
    Fault("cut-mid-token", "the connection is closed in the middle of an event", _cut(_mid_token, Close())),
    Fault("cut-mid-utf8", "the connection is closed within a character", _cut(_mid_utf8, Close())),
    Fault("cut-between", "the connection is closed between two events", _cut(_none, Close())),
    Fault("cut-clean", "the stream ends in order, without finish_reason and [DONE]", _cut(_none, None)),
    Fault("cut-empty", "the stream ends in order, without any event", _only(Head())),
    Fault("cut-role", "the stream ends after the role chunk", lambda a: iter((Head(), role_event(a)))),
    Fault("reset-mid-stream", "a TCP reset after half the reply", _cut(_none, Reset())),
    Fault("reset-before-headers", "a TCP reset before any byte of the answer", _only(Reset())),
    Fault("close-before-headers", "the connection is closed before any byte of the answer", _only(Close())),
    Fault(
        "close-mid-headers",
        "the connection is closed within the headers",
        _only(Raw(b"HTTP/1.1 200 OK\r\nx-")),
    ),
    Fault("stall", "half the reply, then nothing for ever", _cut(_none, Silence())),
    Fault("stall-before-text", "the headers, then nothing for ever", _only(Head(), Silence())),
    Fault("no-answer", "not a byte for ever", _only(Silence())),
    Fault("stall-error", "a status 500, its body never comes", _only(Head(500, ()), Silence())),
    Fault("pings-for-ever", "nothing but ping comments", _pings_for_ever),
    Fault("pings-after-text", "half the reply, then nothing but ping comments", _pings_after_text),
    Fault("slow-headers", "the headers a byte at a time, then a good reply", _slow_head),
    Fault("endless-headers", "headers that never end, a byte at a time", _endless_head),
    Fault("drip", "a token each 0.2 s", _drip),
    Fault("408-whole", "408 with an empty body unless a stream is asked for", _unless_stream),
)
