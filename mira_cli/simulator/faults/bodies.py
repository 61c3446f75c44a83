"""Status 200 (or 3xx) and yet no reply: HTML, errors within, bad JSON, endless lines, bombs, redirects."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from mira_cli.simulator.answer import (
    DONE,
    Answer,
    completion,
    event,
    finish_event,
    role_event,
    text_event,
    to_bytes,
)
from mira_cli.simulator.faults.fault import Fault
from mira_cli.simulator.faults.framing import as_stream, begun, texts
from mira_cli.simulator.faults.statuses import HTML, PAGE
from mira_cli.simulator.steps import JSON, SSE, Head, Headers, Steps, Wait, Whole

if TYPE_CHECKING:
    from collections.abc import Callable

_BLOCK = 1 << 20
_LINE_BLOCKS = 64  # of the long line: 64 MiB
_BOMB_BLOCKS = 512  # of the bomb, unpacked: 512 MiB
_QUEUE_FULL = {"code": "queue_full", "message": "The queue is full (simulated)", "type": "server_error"}
_UNAVAILABLE = "[Модель недоступна. Попробуйте позже.]"
_ERROR = event({"error": _QUEUE_FULL})
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def _whole(body: bytes, headers: Headers = JSON) -> Callable[[Answer], Steps]:
    return lambda _answer: iter((Whole(200, body, headers),))


def _half_then(*ends: bytes) -> Callable[[Answer], list[bytes]]:
    return lambda answer: [*begun(answer), *ends]


def _content(text: str, *, late: bool = False) -> Callable[[Answer], Steps]:
    """An error as content: what the server says in the place of a reply, streamed or whole."""

    def steps(answer: Answer) -> Steps:
        if not answer.stream:
            message = {"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]}
            yield Whole(200, to_bytes(message))
            return
        before = begun(answer) if late else [role_event(answer)]
        yield Head()
        yield from (*before, text_event(answer, text), finish_event(answer), DONE)

    return steps


def _bad_json(answer: Answer) -> list[bytes]:
    """Two events that no one can read, amid a good reply."""
    half = len(answer.pieces) // 2
    bad = [b'data: {"choices":[{"delta":{"content":"bro\n\n', b"data: not JSON at all\n\n"]
    good = texts(answer)
    return [role_event(answer), *good[:half], *bad, *good[half:], finish_event(answer), DONE]


def _no_text(answer: Answer) -> Steps:
    if answer.stream:
        yield Head()
        yield from (role_event(answer), finish_event(answer), DONE)
    else:
        message = {"role": "assistant", "content": ""}
        yield Whole(200, to_bytes({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}))


def _long_line(answer: Answer) -> Steps:
    """One event of 64 MiB; no line end before the last byte."""
    yield Head()
    before, _, after = text_event(answer, "@").partition(b"@")
    yield before
    for _ in range(_LINE_BLOCKS):
        yield b"x" * _BLOCK
    yield after
    yield from (finish_event(answer), DONE)


def _long_reply(answer: Answer) -> Steps:
    """A good reply of 8 MiB, as fast as it goes."""
    yield Head()
    data = text_event(answer, ("A line of a very long reply.\n" * 40)[:1024])
    for _ in range(8 * 1024):
        yield data
    yield from (finish_event(answer), DONE)


def _bomb(_answer: Answer) -> Steps:
    """512 MiB of one line in half a megabyte of gzip: one packed block, again and again."""
    yield Head(200, (*SSE, ("content-encoding", "gzip")))
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    yield _GZIP_HEAD + packer.compress(b"data: ") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"x" * _BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(_BOMB_BLOCKS):
        yield block


def _gzip(answer: Answer) -> Steps:
    """A good whole answer in gzip, though nobody asked for it."""
    import gzip

    body = gzip.compress(to_bytes(completion(answer)))
    yield Whole(200, body, (*JSON, ("content-encoding", "gzip")))


def _redirect(status: int, place: str) -> Callable[[Answer], Steps]:
    """A redirect; `localhost` is this very server, but another origin than 127.0.0.1."""

    def steps(answer: Answer) -> Steps:
        there = answer.origin.replace("127.0.0.1", "localhost") if place == "elsewhere" else answer.origin
        path = "/elsewhere/v1/chat/completions" if place == "elsewhere" else "/v1/chat/completions"
        yield Whole(status, b"", (("location", there + path),))

    return steps


def _huge_error(_answer: Answer) -> Steps:
    """A status 400 whose body is 32 MiB."""
    yield Head(400, JSON)
    yield b'{"detail":"'
    for _ in range(32):
        yield b"x" * _BLOCK
        yield Wait(0)
    yield b'"}'


def _huge_json(_answer: Answer) -> Steps:
    """A whole answer of 64 MiB."""
    yield Head(200, JSON)
    yield b'{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"'
    for _ in range(_LINE_BLOCKS):
        yield b"x" * _BLOCK
    yield b'"}}]}'


def _error(make: Callable[[Answer], list[bytes]]) -> Callable[[Answer], Steps]:
    """An error within the stream; without `stream`, in the place of the answer."""

    def steps(answer: Answer) -> Steps:
        yield from (
            as_stream(make)(answer) if answer.stream else _whole(to_bytes({"error": _QUEUE_FULL}))(answer)
        )

    return steps


_ERROR_EVENT = b"event: error\n" + event(_QUEUE_FULL)


FAULTS = (
    Fault("html", "200 with a proxy's HTML page", _whole(PAGE % (200, 200, b"Welcome"), HTML)),
    Fault(
        "html-as-stream",
        "200 with HTML that calls itself a stream",
        _whole(PAGE % (200, 200, b"Welcome"), SSE),
    ),
    Fault("empty-body", "200 with an empty body", _whole(b"")),
    Fault("error-body", '200 with {"error": …}', _whole(to_bytes({"error": _QUEUE_FULL}))),
    Fault("other-json", "200 with some other JSON", _whole(to_bytes({"hello": ["world"]}))),
    Fault("json-list", "200 with a JSON list", _whole(b"[1,2,3]")),
    Fault(
        "text-body", "200 with a line of text", _whole(b"All is well.\n", (("content-type", "text/plain"),))
    ),
    Fault("no-choices", "a whole answer with choices: []", _whole(to_bytes({"choices": []}))),
    Fault("no-text", "a complete reply without any text", _no_text),
    Fault(
        "error-mid",
        "an error object after half the reply",
        _error(_half_then(_ERROR)),
    ),
    Fault("error-first", "an error object before any text", _error(lambda _: [_ERROR])),
    Fault(
        "error-string",
        "an error as a string after half the reply",
        _error(_half_then(event({"error": "Out of order"}))),
    ),
    Fault("error-event", "event: error after half the reply", _error(_half_then(_ERROR_EVENT))),
    Fault(
        "error-content", "the reply is an error in words: Ошибка: …", _content("Ошибка: модель перегружена")
    ),
    Fault(
        "error-content-late",
        "the same after half the reply",
        _content("Ошибка: модель перегружена", late=True),
    ),
    Fault("error-safety", "Ошибка безопасности: …", _content("Ошибка безопасности: запрос отклонён")),
    Fault("error-bracketed", "the reply is one bracketed sentence in Russian", _content(_UNAVAILABLE)),
    Fault("bad-json", "two events amid a good reply are no JSON", as_stream(_bad_json)),
    Fault(
        "bad-json-only", "no event is JSON", as_stream(lambda _: [b"data: {bad\n\n", b"data: }\n\n", DONE])
    ),
    Fault("long-line", "one line of 64 MB", _long_line),
    Fault("long-reply", "a good reply of 8 MB", _long_reply),
    Fault("huge-json", "a whole answer of 64 MB", _huge_json),
    Fault("huge-error", "a status 400 with a body of 32 MB", _huge_error),
    Fault("gzip", "a good reply in gzip that nobody asked for", _gzip),
    Fault("gzip-bomb", "512 MB of one line in half a megabyte of gzip", _bomb),
    Fault("redirect", "307 to another origin", _redirect(307, "elsewhere")),
    Fault("redirect-loop", "308 to itself", _redirect(308, "here")),
)
