"""Replies that end too early or too late, in more ways than the public faults: pings, slow headers, cuts."""

from __future__ import annotations

from mira_cli.simulator.completion import send
from mira_cli.simulator.faults import Fault, interrupted
from mira_cli.simulator.http_server import PING, SSE, Connection
from rig.framing import raw_response

_PING_EVERY = 0.1  # seconds; far more often than the API, so that a test need not wait
_TRICKLE = 0.02  # seconds a byte of a slow head


def _mid_utf8(completion):
    data = completion.delta({"content": "я"})
    return [data[: data.index("я".encode()) + 1]]


def _pings_for_ever(_completion, connection):
    connection.begin()
    _ping(connection)


def _ping(connection):
    while True:
        connection.send(PING)
        connection.wait(_PING_EVERY)


def _slow_head(completion, connection):
    head, _, body = raw_response(completion).partition(b"\r\n\r\n")
    _trickle(connection, head + b"\r\n\r\n")
    connection.send_raw(body)


def _endless_head(_completion, connection):
    connection.send_raw(b"HTTP/1.1 200 OK\r\n")
    while True:
        _trickle(connection, b"x-simulated: y\r\n")


def _trickle(connection, data):
    for byte in data:
        connection.send_raw(bytes((byte,)))
        connection.wait(_TRICKLE)


def _drip(completion, connection):
    """A token each 0.2 s: never silent for long, yet slow."""
    connection.begin()
    for data in completion.events():
        connection.send(data)
        connection.wait(0.2)


def _unless_stream(completion, connection):
    if completion.stream:
        send(completion, connection)
    else:
        connection.answer(408, b"", {})


def _silent_after(status, headers):
    def respond(_completion, connection):
        connection.begin(status, headers)
        connection.stay_silent()

    return respond


def _role_only(completion, connection):
    connection.begin()
    connection.send(completion.role())


FAULTS = (
    Fault(
        "cut-mid-utf8", "the connection is closed within a character", interrupted(Connection.cut, _mid_utf8)
    ),
    Fault(
        "cut-clean",
        "the stream ends in order, without finish_reason and [DONE]",
        interrupted(lambda _: None),
    ),
    Fault(
        "cut-empty", "the stream ends in order, without any event", lambda _, connection: connection.begin()
    ),
    Fault("cut-role", "the stream ends after the role chunk", _role_only),
    Fault(
        "close-before-headers",
        "the connection is closed before any byte of the response",
        lambda _, connection: connection.cut(),
    ),
    Fault(
        "close-mid-headers",
        "the connection is closed within the headers",
        lambda _, connection: connection.send_raw(b"HTTP/1.1 200 OK\r\nx-"),
    ),
    Fault("stall-before-text", "the headers, then nothing for ever", _silent_after(200, SSE)),
    Fault("stall-error", "a status 500, its body never comes", _silent_after(500, {})),
    Fault("pings-for-ever", "nothing but ping comments", _pings_for_ever),
    Fault("pings-after-text", "half the reply, then nothing but ping comments", interrupted(_ping)),
    Fault("slow-headers", "the headers a byte at a time, then a good reply", _slow_head),
    Fault("endless-headers", "headers that never end, a byte at a time", _endless_head),
    Fault("drip", "a token each 0.2 s", _drip),
    Fault("408-whole", "408 with an empty body unless a stream is asked for", _unless_stream),
)
