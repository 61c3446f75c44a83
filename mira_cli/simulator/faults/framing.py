"""Good replies in unusual clothes: every way in which a stream may be written and still be whole."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from mira_cli.simulator.answer import (
    DONE,
    Answer,
    chunk,
    completion,
    envelope,
    event,
    events,
    finish_event,
    role_event,
    text_event,
    to_bytes,
    usage_event,
    whole,
)
from mira_cli.simulator.faults.fault import Fault
from mira_cli.simulator.steps import SSE, CloseAfter, Head, Headers, Raw, Steps, Wait, Whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_BOM = b"\xef\xbb\xbf"
_THOUGHT = "(simulated thought) What was the question again?"
_REASONING = ("reasoning_content", "reasoning", "thinking_content", "thinking")


def as_stream(make: Callable[[Answer], Iterable[bytes]], headers: Headers = SSE) -> Callable[[Answer], Steps]:
    """The steps that send what `make` gives, a write each; without `stream` the whole answer is sent."""

    def steps(answer: Answer) -> Steps:
        if not answer.stream:
            yield from whole(answer)
            return
        yield Head(200, headers)
        yield Wait(answer.delay)
        for data in make(answer):
            yield data
            yield Wait(answer.pause)

    return steps


def texts(answer: Answer) -> list[bytes]:
    """The events that carry the reply's text."""
    return [text_event(answer, piece) for piece in answer.pieces]


def begun(answer: Answer) -> list[bytes]:
    """The events of a reply up to its middle: the role, and the first half of the text."""
    return [role_event(answer), *texts(answer)[: max(1, len(answer.pieces) // 2)]]


def _single_bytes(answer: Answer) -> list[bytes]:
    return [bytes((byte,)) for byte in b"".join(events(answer))]


def _one_write(answer: Answer) -> Steps:
    if not answer.stream:
        yield from whole(answer)
        return
    body = b"".join(events(answer))
    head = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {len(body)}\r\n\r\n"
    yield Raw(head.encode() + body)


def _until_close(answer: Answer) -> Steps:
    if not answer.stream:
        yield from whole(answer)
        return
    yield Raw(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
    for data in events(answer):
        yield Raw(data)


def _line_ends(end: bytes) -> Callable[[Answer], list[bytes]]:
    return lambda answer: [data.replace(b"\n", end) for data in events(answer)]


def _mixed_ends(answer: Answer) -> list[bytes]:
    ends = (b"\n", b"\r\n", b"\r")
    return [data.replace(b"\n", ends[place % 3]) for place, data in enumerate(events(answer))]


def _crlf_torn(answer: Answer) -> list[bytes]:
    """CRLF, each CR in one write and its LF in the next."""
    return re.split(rb"(?<=\r)(?=\n)", b"".join(events(answer)).replace(b"\n", b"\r\n"))


def _bom(answer: Answer) -> list[bytes]:
    return [_BOM, *events(answer)]


def _comments(answer: Answer) -> list[bytes]:
    return [line for data in events(answer) for line in (b": ping\n\n", b":\n", b": [DONE]\n", data)]


def _fields(answer: Answer) -> list[bytes]:
    return [b"id: 1\nretry: 10\nevent: message\nnonsense\nunknown: x\n" + data for data in events(answer)]


def _data_lines(answer: Answer) -> list[bytes]:
    """JSON spread over three data lines an event, broken where JSON allows a line end."""

    def spread(data: bytes) -> bytes:
        return data.replace(b'{"choices":', b'{"choices":\ndata: ').replace(b',"id":', b'\ndata: ,"id":')

    return [spread(data) for data in events(answer)]


def _no_space(answer: Answer) -> list[bytes]:
    return [b"data:" + data.removeprefix(b"data: ") for data in events(answer)]


def _separators(answer: Answer) -> list[bytes]:
    """The line separators of Unicode, raw within data lines: only LF, CR and CRLF end a line."""
    mixed = text_event(answer, "\u2028one\u2029two\u0085three\x0c\x0bfour")
    return [role_event(answer), *texts(answer), mixed, finish_event(answer), DONE]


def _null_content(answer: Answer) -> list[bytes]:
    nothing = [
        event(chunk(answer, delta))
        for delta in ({"content": None}, {}, None, {"role": "assistant", "content": None})
    ]
    return [*nothing, *texts(answer), *nothing, finish_event(answer), DONE]


def _two_choices(answer: Answer) -> list[bytes]:
    def with_other(piece: str) -> bytes:
        first = {"delta": {"content": piece}, "finish_reason": None, "index": 0}
        other = {"delta": {"content": "(the other choice)"}, "finish_reason": None, "index": 1}
        return event({"choices": [other, first], **envelope(answer)})

    end = {"delta": {}, "finish_reason": "length", "index": 1}
    other_end = event({"choices": [end], **envelope(answer)})
    return [role_event(answer), *map(with_other, answer.pieces), other_end, finish_event(answer), DONE]


def _reasoning(*names: str) -> Callable[[Answer], list[bytes]]:
    def make(answer: Answer) -> list[bytes]:
        thoughts = [event(chunk(answer, {name: _THOUGHT + " ", "content": None})) for name in names]
        return [role_event(answer), *thoughts, *texts(answer), finish_event(answer), DONE]

    return make


def _think_block(answer: Answer) -> list[bytes]:
    """A block within content, its tags torn over chunks."""
    block = [text_event(answer, part) for part in ("<th", "ink>\n", _THOUGHT, "\n</thi", "nk>\n\n")]
    return [role_event(answer), *block, *texts(answer), finish_event(answer), DONE]


def _usage_everywhere(answer: Answer) -> list[bytes]:
    """Usage in each chunk: nulls and zeros first, the facts in the one that finishes."""
    nulls = [event({**chunk(answer, {"content": piece}), "usage": None}) for piece in answer.pieces]
    zeros = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), 0)
    zero = event({**chunk(answer, {}), "usage": zeros})
    end = event({**chunk(answer, {}, answer.finish_reason), "usage": answer.usage})
    return [role_event(answer), zero, *nulls, end, DONE]


def _unknown_keys(answer: Answer) -> list[bytes]:
    extra = {"x_simulated": {"deep": [1, None]}, "system_fingerprint": None}
    rest = [
        event({**chunk(answer, {"content": piece, "tool_calls": None}), **extra}) for piece in answer.pieces
    ]
    return [event(extra), *rest, finish_event(answer), DONE]


def _split_pair(answer: Answer) -> list[bytes]:
    """An emoji as two escaped surrogates, one in each of two chunks."""
    halves = [text_event(answer, half) for half in ("\ud83d", "\ude00")]
    return [role_event(answer), *texts(answer), *halves, finish_event(answer), DONE]


def _whole_instead(answer: Answer) -> Steps:
    yield Whole(200, to_bytes(completion(answer)))


def _whole_split(answer: Answer) -> Steps:
    """A whole answer, indented, in chunks of 7 bytes: characters are torn."""
    body = json.dumps(completion(answer), ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace")
    yield Head(200, (("content-type", "application/json"),))
    for start in range(0, len(body), 7):
        yield body[start : start + 7]


def _close_after(answer: Answer) -> Steps:
    yield from as_stream(events)(answer)
    yield CloseAfter()


_PLAIN: Headers = (("content-type", "text/plain; charset=utf-8"),)

FAULTS = (
    Fault("split-bytes", "a good reply, one byte a write", as_stream(_single_bytes)),
    Fault("one-write", "a good reply, head and all in one write", _one_write),
    Fault("until-close", "no length and no chunks: the reply ends with the connection", _until_close),
    Fault("crlf", "lines end in CR LF", as_stream(_line_ends(b"\r\n"))),
    Fault("crlf-torn", "CR LF, torn over two writes", as_stream(_crlf_torn)),
    Fault("cr", "lines end in CR", as_stream(_line_ends(b"\r"))),
    Fault("mixed-ends", "LF, CR LF and CR in turn", as_stream(_mixed_ends)),
    Fault("bom", "the stream begins with a byte order mark", as_stream(_bom)),
    Fault("comments", "comments between all events, one of them says [DONE]", as_stream(_comments)),
    Fault("fields", "id, retry, event and unknown fields", as_stream(_fields)),
    Fault("data-lines", "several data lines an event", as_stream(_data_lines)),
    Fault("no-space", "data: without the space", as_stream(_no_space)),
    Fault("separators", "U+2028, U+2029 and U+0085 raw in the text", as_stream(_separators)),
    Fault("no-role", "no role chunk", as_stream(lambda a: [*texts(a), finish_event(a), DONE])),
    Fault(
        "usage-chunk",
        "usage in a chunk with choices: [], asked for or not",
        as_stream(lambda a: [role_event(a), *texts(a), finish_event(a), usage_event(a), DONE]),
    ),
    Fault("usage-everywhere", "usage null, then zeros, then in the last chunk", as_stream(_usage_everywhere)),
    Fault(
        "no-usage",
        "no usage at all",
        as_stream(lambda a: [role_event(a), *texts(a), finish_event(a), DONE]),
    ),
    Fault("null-content", "content null, delta {} and delta null", as_stream(_null_content)),
    Fault("two-choices", "a second choice beside the first", as_stream(_two_choices)),
    Fault("unknown-keys", "keys that no client knows, and a chunk without choices", as_stream(_unknown_keys)),
    Fault("split-pair", "a surrogate pair split over two chunks", as_stream(_split_pair)),
    *(Fault(f"think-{n.replace('_', '-')}", f"delta.{n}", as_stream(_reasoning(n))) for n in _REASONING),
    Fault("think-block", "a <think> block within content", as_stream(_think_block)),
    Fault(
        "no-done",
        "a finish_reason, but no [DONE]",
        as_stream(lambda a: [role_event(a), *texts(a), finish_event(a)]),
    ),
    Fault("no-finish", "[DONE], but no finish_reason", as_stream(lambda a: [role_event(a), *texts(a), DONE])),
    Fault("no-blank", "[DONE] without its blank line", as_stream(lambda a: [*events(a)[:-1], DONE.strip()])),
    Fault("plain-type", "a stream as text/plain", as_stream(events, _PLAIN)),
    Fault("no-type", "a stream without a Content-Type", as_stream(events, ())),
    Fault("whole", "a whole answer, though a stream was asked for", _whole_instead),
    Fault("whole-split", "a whole answer, though a stream was asked for, in pieces of 7 bytes", _whole_split),
    Fault("close-after", "a good reply, then the kept-alive connection is closed", _close_after),
)
