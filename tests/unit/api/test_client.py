"""A request goes out and its answer comes back, from servers of every kind."""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import threading

import pytest

from mira_cli import __version__
from mira_cli.api.models import fetch
from mira_cli.conversation.message import Message, Options, Request
from mira_cli.conversation.reply import Usage
from mira_cli.errors import IncompleteError, ServerError, TooLargeError
from rig.simulator import Simulator

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"


def event(content=None, finish=None, **more):
    delta = {} if content is None else {"content": content}
    value = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]} | more
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


DONE = b"data: [DONE]\n\n"
STREAM = event("Hello") + event(", мир\u2028!") + event(None, "stop") + DONE
TEXT = "Hello, мир\u2028!"
WHOLE = json.dumps(
    {
        "id": "chatcmpl-1",
        "model": "mira",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5},
    }
).encode()


def chunked(data, size=7):
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def sized(data, status=b"200 OK", more=b""):
    return b"HTTP/1.1 %b\r\ncontent-length: %d\r\n%b\r\n%b" % (status, len(data), more, data)


def test_a_question_is_one_request_with_its_headers_and_body(serve, asker):
    server = serve(HEAD + STREAM)
    asker(server).ask()
    head, body = server.requests[0]
    assert head.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
    assert server.header("host") == [f"127.0.0.1:{server.port}"]
    assert server.header("authorization") == ["Bearer sk-mira-1a2b3c4d" + "e5f6a7b8" * 4]
    assert server.header("content-type") == ["application/json"]
    assert server.header("accept-encoding") == ["identity"]
    assert server.header("user-agent") == [f"mira-cli/{__version__}"]
    assert server.header("content-length") == [str(len(body))]
    assert len(server.header("idempotency-key")[0]) >= 32
    assert json.loads(body)["stream"] is True


SERVERS = {
    "closing": HEAD + STREAM,
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(STREAM),
    "one byte chunks": b"HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\n\r\n" + chunked(STREAM, 1),
    "sized": sized(STREAM),
    "http 1.0": b"HTTP/1.0 200 OK\r\n\r\n" + STREAM,
    "strange case": b"HTTP/1.1 200\r\nCONTENT-TYPE:TEXT/EVENT-STREAM;charset=utf-8\r\n\r\n" + STREAM,
    "no content type": b"HTTP/1.1 200 OK\r\n\r\n" + STREAM,
    "wrong content type": b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + STREAM,
    "informational first": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
    + HEAD
    + STREAM,
    "created": b"HTTP/1.1 201 Created\r\n\r\n" + STREAM,
    "crlf lines": HEAD + STREAM.replace(b"\n", b"\r\n"),
    "cr lines": HEAD + STREAM.replace(b"\n", b"\r"),
    "bom": HEAD + b"\xef\xbb\xbf" + STREAM,
    "a second bom spoils its line": HEAD + b"\xef\xbb\xbf" * 2 + event("lost") + STREAM,
    "blank lines first": HEAD + b"\r\n\n\n" + STREAM,
    "comments": HEAD + b": ping\n\n" + event("Hello") + b": ping\n\n" + event(", мир\u2028!") + b":\n" + DONE,
    "fields first": HEAD + b"event: message\nid: 1\nretry: 5\n" + STREAM,
    "no space": HEAD + STREAM.replace(b"data: ", b"data:"),
    "no done": HEAD + event("Hello") + event(", мир\u2028!", "stop"),
    "no finish reason": HEAD + event("Hello") + event(", мир\u2028!") + DONE,
    "no last blank line": HEAD + event("Hello") + event(", мир\u2028!") + b"data: [DONE]",
    "no last blank line, no done": HEAD + event("Hello") + event(", мир\u2028!", "stop").rstrip(),
    "gzip": sized(gzip.compress(STREAM), more=b"Content-Encoding: gzip\r\n"),
    "whole": sized(WHOLE, more=b"content-type: application/json\r\n"),
    "whole as event stream": sized(WHOLE, more=b"content-type: text/event-stream\r\n"),
    "whole with bom and blanks": HEAD + b"\xef\xbb\xbf \n" + WHOLE,
    "an encoding that is none": sized(STREAM, more=b"Content-Encoding: none\r\n"),
    "whole in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(WHOLE),
    "last chunk without its line": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(STREAM)
    )[:-2],
}


@pytest.mark.parametrize("name", SERVERS)
def test_servers_of_every_kind(ask, name):
    reply, server, one = ask(SERVERS[name])
    assert getattr(reply, "text", reply) == TEXT
    assert one.watcher.notices == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["closing", "chunked", "whole", "crlf lines", "bom"])
def test_an_answer_byte_by_byte(ask, name):
    def drip(connection):
        for byte in SERVERS[name]:
            connection.sendall(bytes([byte]))

    assert ask(drip)[0].text == TEXT


def test_a_whole_reply_is_one_chunk_with_all_it_says(ask):
    reply, _, one = ask(sized(WHOLE))
    assert len(one.chunks) == 1
    assert (reply.finish_reason, reply.id, reply.model) == ("stop", "chatcmpl-1", "mira")
    assert reply.usage == Usage(2, 3, 5)


def test_usage_in_an_event_of_its_own(ask):
    usage = {"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5}
    reply, _, _ = ask(HEAD + event("a") + event(None, "length") + event(choices=[], usage=usage) + DONE)
    assert (reply.usage, reply.finish_reason) == (Usage(2, 3, 5), "length")


def test_a_stream_that_ended_is_not_waited_for(ask):
    def linger(connection):
        connection.sendall(HEAD + STREAM)
        connection.recv(1)

    assert ask(linger)[0].text == TEXT


def test_after_a_finish_reason_the_end_is_waited_for_only_a_moment(ask):
    def linger(connection):
        connection.sendall(HEAD + event("a", "stop"))
        connection.recv(1)

    assert ask(linger)[0].text == "a"


def test_unreadable_events_are_noted_once_at_the_end(ask):
    reply, _, one = ask(HEAD + event("a") + b"data: {broken\n\ndata: ping\n\n" + event("b", "stop") + DONE)
    assert reply.text == "ab"
    assert one.watcher.notices == [("unreadable", "Skipped 2 events of the answer that could not be read.")]


def test_a_stopped_answer_closes_the_connection_at_once(serve, asker):
    def wait(connection):
        connection.sendall(HEAD + event("a"))
        if connection.recv(1) == b"":
            server.closed_by_client.set()

    server = serve(wait)
    one = asker(server)
    chunks = one.client.send(_request())
    assert next(iter(chunks)).text == "a"
    chunks.close()
    assert server.closed_by_client.wait(60)


def test_nothing_is_opened_for_what_cannot_be_sent(serve, asker):
    server = serve(HEAD + STREAM)
    one = asker(server)
    with pytest.raises(TooLargeError):
        one.client.send(_request("x" * 40_000))
    assert server.connections == 0


def test_log_lines_tell_the_steps_and_never_the_key(ask):
    _, _, one = ask(HEAD.replace(b"\r\n\r\n", b"\r\nx-request-id: abc\r\n\r\n") + STREAM)
    log = "\n".join(one.watcher.lines)
    assert "POST http://127.0.0.1" in log
    assert "request abc" in log
    assert "sk-mira" not in log


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (sized(b""), "empty answer"),
        (sized(b"  \n"), "empty answer"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "empty answer"),
        (sized(b"<!DOCTYPE html><p>secret</p>"), "web page"),
        (sized(b"OK"), "unexpected response"),
        (sized(b"[]"), "unexpected response"),
        (sized(b'{"choices": ['), "broken JSON"),
        (sized(b"{}"), "unexpected response"),
        (sized(b'{"error": {"message": "queue full"}}'), "reported: queue full"),
        (sized(b'{"error": "queue full"}'), "reported: queue full"),
        (sized(b'{"detail": "queue full"}'), "reported: queue full"),
        (sized(b'{"choices": []}'), "unexpected response"),
        (sized(b'{"error": {}, "detail": [{}]}'), "an error without a message"),
        (sized(b'{"choices": [{"message": {"content": ""}}]}'), "reply is empty"),
        (HEAD + DONE, "reply is empty"),
        (HEAD + event(None, "content_filter") + DONE, r"reply is empty \(finish_reason content_filter\)"),
        (HEAD + event(None, None, choices=[{"delta": {"reasoning": "hm"}}]) + DONE, "reply is empty"),
        (HEAD, "empty answer"),
        (HEAD + b": ping\n\n", "dropped before the answer began"),
        (HEAD + event(""), "dropped before the answer began"),
        (HEAD + b'data: {"error":{"code":"queue_full","message":"Full"}}\n\n', "reported: Full"),
        (HEAD + b"event: error\ndata: Full\n\n", "reported: Full"),
        (HEAD + event("Ошибка: нет модели", "stop") + DONE, "Ошибка: нет модели"),
        (HEAD + event("[Модель недоступна. Попробуйте позже.]", "stop") + DONE, "Модель недоступна"),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n" + STREAM, "cannot be read"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nhello\r\n", "cannot be read"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n", "dropped before the answer began"),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n", "does not speak HTTP"),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", "does not speak HTTP"),
        (b"SSH-2.0-OpenSSH_9\r\n", "does not speak HTTP"),
        (b"220 mail.example.com ESMTP\r\n", "does not speak HTTP"),
    ],
)
def test_a_200_that_is_no_answer(ask, answer, words):
    error, server, _ = ask(answer)
    assert type(error) is ServerError
    assert re.search(words, error.message)
    assert "secret" not in error.message
    assert error.hint
    assert (
        "cannot be read" not in words or "base URL" not in error.hint
    )  # the address was right, it spoke HTTP
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        (b"", "The connection dropped; the answer is incomplete."),
        (b"data: {", "The connection dropped; the answer is incomplete."),
        (b'data: {"error":{"message":"queue full"}}\n\n', "reported: queue full."),
        (b'data: {"error":"queue full"}\n\n', "reported: queue full."),
        (b"event: error\ndata: queue full\n\n", "reported: queue full."),
        (event("Ошибка: сбой", "stop") + DONE, "reported: Ошибка: сбой."),
    ],
)
def test_an_answer_that_is_cut_keeps_what_came(ask, rest, words):
    error, server, one = ask(HEAD + event("some text") + rest)
    assert error.type == "incomplete"
    assert error.message.endswith(words)
    assert error.partial == "some text"
    assert (one.slept, len(server.requests)) == ([], 1)


@pytest.mark.parametrize(
    "answer", [sized(b""), HEAD, HEAD + event("", "length") + DONE], ids=["no body", "closed", "no text"]
)
def test_an_empty_answer_to_a_long_conversation_may_be_a_full_window(serve, asker, answer):
    one = asker(serve(answer, answer))
    assert one.ask("word " * 3000).hint == (
        "The conversation may not fit the server's context window; set one with --context N."
    )
    assert "--context" not in one.ask("short").hint


@pytest.mark.parametrize("end", [b"", DONE], ids=["closed", "done"])
def test_a_complete_stream_of_unreadable_events_says_so(ask, end):
    error, _, _ = ask(HEAD + b"data: {broken\n\ndata: {again\n\n" + end)
    assert error.message == "No event of the server's answer can be read."
    assert (error.exit_code, error.partial) == (7, "")


def test_a_reset_in_the_middle(serve, asker):
    shown = threading.Event()

    def reset(connection):
        connection.sendall(HEAD + event("some text"))
        shown.wait(60)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    chunks = iter(asker(serve(reset)).client.send(_request()))
    assert next(chunks).text == "some text"
    shown.set()
    with pytest.raises(IncompleteError, match="The connection dropped"):
        next(chunks)


def test_the_simulator_is_understood(asker):
    with Simulator() as simulator:
        one = asker(simulator.base_url, key=simulator.key)
        streamed = one.ask()
        simulator.fail("whole")
        whole = one.ask()
        assert streamed.text == whole.text
        assert streamed.usage == whole.usage
        assert [model.id for model in fetch(one.client.get)[0]][:1] == ["mira"]


def _request(content="Hi"):
    return Request((Message("user", content),), Options("mira"))


@pytest.mark.parametrize(
    "answer",
    [
        HEAD
        + event(None, choices=[{"delta": {"content": None, "refusal": "I can't "}}])
        + event(None, choices=[{"delta": {"refusal": "help."}, "finish_reason": "stop"}])
        + DONE,
        sized(
            b'{"choices":[{"message":{"content":null,"refusal":"I can\'t help."},"finish_reason":"stop"}]}'
        ),
    ],
    ids=["streamed", "whole"],
)
def test_a_refusal_in_its_own_field_is_told(ask, answer):
    error, server, _ = ask(answer)
    assert (error.type, error.exit_code, len(server.requests)) == ("blocked", 5, 1)
    assert error.message == "The model refused to answer: I can't help."
