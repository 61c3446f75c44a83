"""Status 200 (or 3xx) and yet no good reply: errors inside, endless lines, bombs, redirects."""

from __future__ import annotations

import gzip
import zlib

from mira_cli.simulator.completion import DONE, event, streamed, to_bytes
from mira_cli.simulator.faults import QUEUE_FULL, Fault, answering, page
from mira_cli.simulator.http_server import JSON, SSE

_BLOCK = 1 << 20
_LINE_BLOCKS = 64  # of the long line: 64 MiB
_BOMB_BLOCKS = 512  # of the bomb, unpacked: 512 MiB
_UNAVAILABLE = "[Модель недоступна. Попробуйте позже.]"
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def _content(text, *, late=False):
    """An error as content: what the server says in the place of a reply, streamed or whole."""

    def respond(completion, connection):
        if not completion.stream:
            message = {"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]}
            connection.answer(200, to_bytes(message))
            return
        before = completion.half() if late else [completion.role()]
        connection.begin()
        connection.send(*before, completion.delta({"content": text}), completion.finish(), DONE)

    return respond


def _long_line(completion, connection):
    """One event of 64 MiB; no line end before the last byte."""
    before, _, after = completion.delta({"content": "@"}).partition(b"@")
    connection.begin()
    connection.send(before, *[b"x" * _BLOCK] * _LINE_BLOCKS, after, completion.finish(), DONE)


def _long_reply(completion, connection):
    """A good reply of 8 MiB, as fast as it goes."""
    data = completion.delta({"content": ("A line of a very long reply.\n" * 40)[:1024]})
    connection.begin()
    connection.send(*[data] * 8 * 1024, completion.finish(), DONE)


def _bomb(_completion, connection):
    """512 MiB of one line in half a megabyte of gzip: one packed block, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    begin = _GZIP_HEAD + packer.compress(b"data: ") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"x" * _BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    connection.begin(200, {**SSE, "content-encoding": "gzip"})
    connection.send(begin, *[block] * _BOMB_BLOCKS)


def _gzip(completion, connection):
    """A good whole reply in gzip, without being asked for."""
    connection.answer(200, gzip.compress(to_bytes(completion.whole())), {**JSON, "content-encoding": "gzip"})


def _redirect(status, place):
    """A redirect; `localhost` is this very server, but another origin than 127.0.0.1."""

    def respond(_completion, connection):
        here = f"http://{connection.headers['host']}"
        there = here.replace("127.0.0.1", "localhost") if place == "elsewhere" else here
        path = "/elsewhere/v1/chat/completions" if place == "elsewhere" else "/v1/chat/completions"
        connection.answer(status, b"", {"location": there + path})

    return respond


def _huge_error(_completion, connection):
    """A status 400 whose body is 32 MiB."""
    connection.begin(400, JSON)
    connection.send(b'{"detail":"', *[b"x" * _BLOCK] * 32, b'"}')


def _huge_json(_completion, connection):
    """A whole reply of 64 MiB."""
    connection.begin(200, JSON)
    connection.send(
        b'{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"'
    )
    connection.send(*[b"x" * _BLOCK] * _LINE_BLOCKS, b'"}}]}')


def _error(*events, late=False):
    """An error within the stream; without `stream`, instead of the reply."""

    def respond(completion, connection):
        stream = streamed(lambda it: [*(it.half() if late else []), *events])
        (stream if completion.stream else answering(200, QUEUE_FULL))(completion, connection)

    return respond


_ERROR_EVENT = b"event: error\n" + event(QUEUE_FULL["error"])


FAULTS = (
    Fault(
        "html-as-stream",
        "200 with HTML that calls itself a stream",
        answering(200, page(200, "Welcome"), content_type="text/event-stream"),
    ),
    Fault("error-body", '200 with {"error": …}', answering(200, QUEUE_FULL)),
    Fault("other-json", "200 with some other JSON", answering(200, {"hello": ["world"]})),
    Fault("json-list", "200 with a JSON list", answering(200, [1, 2, 3])),
    Fault("text-body", "200 with a line of text", answering(200, "All is well.\n")),
    Fault("no-choices", "a whole reply with choices: []", answering(200, {"choices": []})),
    Fault("error-first", "an error object before any text", _error(event(QUEUE_FULL))),
    Fault(
        "error-string",
        "an error as a string after half the reply",
        _error(event({"error": "Out of order"}), late=True),
    ),
    Fault("error-event", "event: error after half the reply", _error(_ERROR_EVENT, late=True)),
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
    Fault("redirect-nowhere", "302 to what is no address", answering(302, "", location="location: here")),
)
