"""Good replies, framed in every unusual way that is still a whole stream."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from mira_cli.simulator.completion import DONE, Completion, event, send, streamed, to_bytes
from mira_cli.simulator.faults import Fault
from mira_cli.simulator.http_server import JSON

_BOM = b"\xef\xbb\xbf"
_THOUGHT = "(simulated thought) What was the question again?"
_REASONING = ("reasoning_content", "reasoning", "thinking_content", "thinking")


def _single_bytes(completion):
    return [bytes((byte,)) for byte in b"".join(completion.events())]


def raw_response(completion):
    """Head and body of a good response, as bytes."""
    body = b"".join(completion.events()) if completion.stream else to_bytes(completion.whole())
    kind = "text/event-stream" if completion.stream else "application/json"
    return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def _one_write(completion, connection):
    connection.send_raw(raw_response(completion))


def _until_close(completion, connection):
    if not completion.stream:
        send(completion, connection)
        return
    connection.send_raw(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
    for data in completion.events():
        connection.send_raw(data)


def _line_ends(end):
    return lambda completion: [data.replace(b"\n", end) for data in completion.events()]


def _mixed_ends(completion):
    ends = (b"\n", b"\r\n", b"\r")
    return [data.replace(b"\n", ends[place % 3]) for place, data in enumerate(completion.events())]


def _crlf_torn(completion):
    """CRLF, each CR in one write and its LF in the next."""
    return re.split(rb"(?<=\r)(?=\n)", b"".join(completion.events()).replace(b"\n", b"\r\n"))


def _bom(completion):
    return [_BOM, *completion.events()]


def _comments(completion):
    return [line for data in completion.events() for line in (b": ping\n\n", b":\n", b": [DONE]\n", data)]


def _fields(completion):
    return [
        b"id: 1\nretry: 10\nevent: message\nnonsense\nunknown: x\n" + data for data in completion.events()
    ]


def _data_lines(completion):
    """JSON spread over three data lines an event, broken where JSON allows a line end."""

    def spread(data):
        return data.replace(b'{"choices":', b'{"choices":\ndata: ').replace(b',"id":', b'\ndata: ,"id":')

    return [spread(data) for data in completion.events()]


def _no_space(completion):
    return [b"data:" + data.removeprefix(b"data: ") for data in completion.events()]


def _separators(completion):
    """The line separators of Unicode, raw within data lines: only LF, CR and CRLF end a line."""
    return replace(
        completion, pieces=(*completion.pieces, "\u2028one\u2029two\u0085three\x0c\x0bfour")
    ).events()


def _null_content(completion):
    nothing = [
        completion.delta(delta)
        for delta in ({"content": None}, {}, None, {"role": "assistant", "content": None})
    ]
    return [*nothing, *completion.texts(), *nothing, completion.finish(), DONE]


def _two_choices(completion):
    def with_other(piece):
        first = {"delta": {"content": piece}, "finish_reason": None, "index": 0}
        other = {"delta": {"content": "(the other choice)"}, "finish_reason": None, "index": 1}
        return completion.chunk([other, first])

    other_end = completion.chunk([{"delta": {}, "finish_reason": "length", "index": 1}])
    return [completion.role(), *map(with_other, completion.pieces), other_end, completion.finish(), DONE]


def _reasoning(*names):
    def make(completion):
        thoughts = [completion.delta({name: _THOUGHT + " ", "content": None}) for name in names]
        return [completion.role(), *thoughts, *completion.texts(), completion.finish(), DONE]

    return make


def _think_block(completion):
    """A block within content, its tags torn over chunks."""
    block = ("<th", "ink>\n", _THOUGHT, "\n</thi", "nk>\n\n")
    return replace(completion, pieces=(*block, *completion.pieces)).events()


def _usage_everywhere(completion):
    """Usage in each chunk: nulls and zeros first, the facts in the one that finishes."""
    nulls = [completion.delta({"content": piece}, usage=None) for piece in completion.pieces]
    zeros = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), 0)
    zero = completion.delta({}, usage=zeros)
    end = completion.delta({}, completion.finish_reason, usage=completion.usage)
    return [completion.role(), zero, *nulls, end, DONE]


def _unknown_keys(completion):
    extra = {"x_simulated": {"deep": [1, None]}, "system_fingerprint": None}
    rest = [completion.delta({"content": piece, "tool_calls": None}, **extra) for piece in completion.pieces]
    return [event(extra), *rest, completion.finish(), DONE]


def _split_pair(completion):
    """An emoji as two escaped surrogates, one in each of two chunks."""
    return replace(completion, pieces=(*completion.pieces, "\ud83d", "\ude00")).events()


def _whole_instead(completion, connection):
    connection.answer(200, to_bytes(completion.whole()))


def _whole_split(completion, connection):
    """A whole reply, indented, in chunks of 7 bytes: characters are torn."""
    body = json.dumps(completion.whole(), ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace")
    connection.begin(200, JSON)
    connection.send(*(body[start : start + 7] for start in range(0, len(body), 7)))


def _close_after(completion, connection):
    send(completion, connection)
    connection.send_raw(b"0\r\n\r\n" if completion.stream else b"")


_PLAIN = {"content-type": "text/plain; charset=utf-8"}

FAULTS = (
    Fault("split-bytes", "a good reply, one byte a write", streamed(_single_bytes)),
    Fault("one-write", "a good reply, head and all in one write", _one_write),
    Fault("until-close", "no length and no chunks: the reply ends with the connection", _until_close),
    Fault("crlf", "lines end in CR LF", streamed(_line_ends(b"\r\n"))),
    Fault("crlf-torn", "CR LF, torn over two writes", streamed(_crlf_torn)),
    Fault("cr", "lines end in CR", streamed(_line_ends(b"\r"))),
    Fault("mixed-ends", "LF, CR LF and CR in turn", streamed(_mixed_ends)),
    Fault("bom", "the stream begins with a byte order mark", streamed(_bom)),
    Fault("comments", "comments between all events, one of them says [DONE]", streamed(_comments)),
    Fault("fields", "id, retry, event and unknown fields", streamed(_fields)),
    Fault("data-lines", "several data lines an event", streamed(_data_lines)),
    Fault("no-space", "data: without the space", streamed(_no_space)),
    Fault("separators", "U+2028, U+2029 and U+0085 raw in the text", streamed(_separators)),
    Fault("no-role", "no role chunk", streamed(lambda a: [*a.texts(), a.finish(), DONE])),
    Fault(
        "usage-chunk",
        "usage in a chunk with choices: [], asked for or not",
        streamed(lambda a: replace(a, include_usage=True).events()),
    ),
    Fault("usage-everywhere", "usage null, then zeros, then in the last chunk", streamed(_usage_everywhere)),
    Fault(
        "no-usage",
        "no usage at all",
        streamed(lambda a: replace(a, usage=None).events()),
    ),
    Fault("null-content", "content null, delta {} and delta null", streamed(_null_content)),
    Fault("two-choices", "a second choice beside the first", streamed(_two_choices)),
    Fault("unknown-keys", "keys that no client knows, and a chunk without choices", streamed(_unknown_keys)),
    Fault("split-pair", "a surrogate pair split over two chunks", streamed(_split_pair)),
    *(Fault(f"think-{n.replace('_', '-')}", f"delta.{n}", streamed(_reasoning(n))) for n in _REASONING),
    Fault("think-block", "a <think> block within content", streamed(_think_block)),
    Fault(
        "no-done",
        "a finish_reason, but no [DONE]",
        streamed(lambda a: [a.role(), *a.texts(), a.finish()]),
    ),
    Fault(
        "no-finish",
        "[DONE], but no finish_reason",
        streamed(lambda a: [a.role(), *a.texts(), DONE]),
    ),
    Fault("no-blank", "[DONE] without its blank line", streamed(lambda a: [*a.events()[:-1], DONE.strip()])),
    Fault("plain-type", "a stream as text/plain", streamed(Completion.events, _PLAIN)),
    Fault("no-type", "a stream without a Content-Type", streamed(Completion.events, {})),
    Fault("whole", "a whole reply, though a stream was asked for", _whole_instead),
    Fault("whole-split", "a whole reply, though a stream was asked for, in pieces of 7 bytes", _whole_split),
    Fault("close-after", "a good reply, then the kept-alive connection is closed", _close_after),
)
