"""Error responses that only our own parser needs: more shapes of body, and headers that few servers send."""

from __future__ import annotations

from http.client import responses

from mira_cli.simulator.completion import send, to_bytes
from mira_cli.simulator.faults import Fault, answering, detail, failing, refusing

STATUSES = [400, 401, 402, 403, 404, 405, 408, 410, 413, 415, 422, 429, 500, 502, 503, 504]
_LONG = 300_000  # bytes of a very long error


def _with_detail_of(make):
    """`{"detail": make(text, completion)}`."""

    def of_status(status):
        more = {"retry_after": "1"} if status == 429 else {}

        def respond(completion, connection):
            value = {"detail": make(detail(status), completion)}
            answering(status, value, **more)(completion, connection)

        return respond

    return of_status


def _echo(text, completion):
    return [
        {"type": "too_long", "loc": ["body", "messages"], "msg": text, "input": completion.request.messages}
    ]


def _without_type(status):
    more = {"retry-after": "1"} if status == 429 else {}
    body = to_bytes({"detail": detail(status)})
    return lambda _, connection: connection.answer(status, body, more)


_SHAPES = {
    "echo": ("the whole conversation is echoed", _with_detail_of(_echo)),
    "long": ("a very long detail", _with_detail_of(lambda text, _: text + " x" * (_LONG // 2))),
    "notype": ("JSON without a Content-Type", _without_type),
    "key": (
        "the text repeats the key that was sent",
        _with_detail_of(
            lambda text, completion: (
                f"{text}: {completion.request.headers['authorization'].removeprefix('Bearer ')}"
            )
        ),
    ),
    "ansi": (
        "the text holds terminal escapes",
        _with_detail_of(lambda text, _: f"\x1b[31m{text}\x1b]0;owned\x07\u202e"),
    ),
}
SHAPES = tuple(_SHAPES)


def _of_shapes():
    for status in STATUSES:
        for shape, (line, make) in _SHAPES.items():
            yield Fault(f"{status}-{shape}", f"{responses[status]}: {line}", make(status))


def _without_stream_options(completion, connection):
    item = {
        "type": "extra_forbidden",
        "loc": ["body", "stream_options"],
        "msg": "Extra inputs are not permitted",
    }
    (refusing(422, [item]) if completion.include_usage else send)(completion, connection)


_BLOCKED = {"category": "simulated", "error": "content_blocked"}

FAULTS = (
    Fault("403-forbidden", "a path that is closed", refusing(403, "Forbidden")),
    Fault("400-again", "x-should-retry: true", failing(400, x_should_retry="true")),
    Fault("blocked-object", "content_blocked, as an object", refusing(422, _BLOCKED)),
    Fault("stream-options", "422 that names stream_options, if they were sent", _without_stream_options),
)
BY_SHAPE = tuple(_of_shapes())
