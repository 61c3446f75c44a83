"""Status 200 (or 3xx) and yet no good reply: errors inside, endless lines, bombs, redirects."""

from __future__ import annotations

import gzip
import zlib

from mira_cli.simulator.completion import (
    DONE,
    event,
    finish_event,
    first_half,
    full_json,
    role_event,
    text_event,
    to_bytes,
)
from mira_cli.simulator.error_responses import page
from mira_cli.simulator.faults import Fault, streamed
from mira_cli.simulator.response import JSON, SSE, Head, Response, Wait

_BLOCK = 1 << 20
_LINE_BLOCKS = 64  # of the long line: 64 MiB
_BOMB_BLOCKS = 512  # of the bomb, unpacked: 512 MiB
_QUEUE_FULL = {"code": "queue_full", "message": "The queue is full (simulated)", "type": "server_error"}
_UNAVAILABLE = "[Модель недоступна. Попробуйте позже.]"
_ERROR = event({"error": _QUEUE_FULL})
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def _whole(body, headers=JSON):
    return lambda _completion: iter((Response(200, body, headers),))


def _half_then(*ends):
    return lambda completion: [*first_half(completion), *ends]


def _content(text, *, late=False):
    """An error as content: what the server says in the place of a reply, streamed or whole."""

    def respond(completion):
        if not completion.stream:
            message = {"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]}
            yield Response(200, to_bytes(message))
            return
        before = first_half(completion) if late else [role_event(completion)]
        yield Head()
        yield from (*before, text_event(completion, text), finish_event(completion), DONE)

    return respond


def _long_line(completion):
    """One event of 64 MiB; no line end before the last byte."""
    yield Head()
    before, _, after = text_event(completion, "@").partition(b"@")
    yield before
    for _ in range(_LINE_BLOCKS):
        yield b"x" * _BLOCK
    yield after
    yield from (finish_event(completion), DONE)


def _long_reply(completion):
    """A good reply of 8 MiB, as fast as it goes."""
    yield Head()
    data = text_event(completion, ("A line of a very long reply.\n" * 40)[:1024])
    for _ in range(8 * 1024):
        yield data
    yield from (finish_event(completion), DONE)


def _bomb(_completion):
    """512 MiB of one line in half a megabyte of gzip: one packed block, again and again."""
    yield Head(200, (*SSE, ("content-encoding", "gzip")))
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    yield _GZIP_HEAD + packer.compress(b"data: ") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"x" * _BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(_BOMB_BLOCKS):
        yield block


def _gzip(completion):
    """A good whole reply in gzip, without being asked for."""
    body = gzip.compress(to_bytes(full_json(completion)))
    yield Response(200, body, (*JSON, ("content-encoding", "gzip")))


def _redirect(status, place):
    """A redirect; `localhost` is this very server, but another origin than 127.0.0.1."""

    def respond(completion):
        here = f"http://{completion.request.headers['host']}"
        there = here.replace("127.0.0.1", "localhost") if place == "elsewhere" else here
        path = "/elsewhere/v1/chat/completions" if place == "elsewhere" else "/v1/chat/completions"
        yield Response(status, b"", (("location", there + path),))

    return respond


def _huge_error(_completion):
    """A status 400 whose body is 32 MiB."""
    yield Head(400, JSON)
    yield b'{"detail":"'
    for _ in range(32):
        yield b"x" * _BLOCK
        yield Wait(0)
    yield b'"}'


def _huge_json(_completion):
    """A whole reply of 64 MiB."""
    yield Head(200, JSON)
    yield b'{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"'
    for _ in range(_LINE_BLOCKS):
        yield b"x" * _BLOCK
    yield b'"}}]}'


def _error(make):
    """An error within the stream; without `stream`, instead of the reply."""

    def respond(completion):
        yield from (
            streamed(make)(completion)
            if completion.stream
            else _whole(to_bytes({"error": _QUEUE_FULL}))(completion)
        )

    return respond


_ERROR_EVENT = b"event: error\n" + event(_QUEUE_FULL)


FAULTS = (
    Fault(
        "html-as-stream",
        "200 with HTML that calls itself a stream",
        _whole(page(200, "Welcome"), SSE),
    ),
    Fault("error-body", '200 with {"error": …}', _whole(to_bytes({"error": _QUEUE_FULL}))),
    Fault("other-json", "200 with some other JSON", _whole(to_bytes({"hello": ["world"]}))),
    Fault("json-list", "200 with a JSON list", _whole(b"[1,2,3]")),
    Fault(
        "text-body", "200 with a line of text", _whole(b"All is well.\n", (("content-type", "text/plain"),))
    ),
    Fault("no-choices", "a whole reply with choices: []", _whole(to_bytes({"choices": []}))),
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
    Fault("bad-json-only", "no event is JSON", streamed(lambda _: [b"data: {bad\n\n", b"data: }\n\n", DONE])),
    Fault("long-line", "one line of 64 MB", _long_line),
    Fault("long-reply", "a good reply of 8 MB", _long_reply),
    Fault("huge-json", "a whole reply of 64 MB", _huge_json),
    Fault("huge-error", "a status 400 with a body of 32 MB", _huge_error),
    Fault("gzip", "a good reply in gzip, without being asked for", _gzip),
    Fault("gzip-bomb", "512 MB of one line in half a megabyte of gzip", _bomb),
    Fault("redirect", "307 to another origin", _redirect(307, "elsewhere")),
    Fault("redirect-loop", "308 to itself", _redirect(308, "here")),
)
