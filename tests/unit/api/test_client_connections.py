"""One connection is kept between questions; a dead one is replaced in silence."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mira_cli.conversation.message import Message, Options, Request
from mira_cli.errors import AuthError, NetworkError
from rig.simulator import Simulator

STREAM = b'data: {"choices":[{"delta":{"content":"good"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def sized(*headers):
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n%b\r\n%b" % (len(STREAM), lines, STREAM)


CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (
    len(STREAM),
    STREAM,
)


@pytest.mark.parametrize("answer", [sized(), CHUNKED], ids=["sized", "chunked"])
def test_a_connection_is_kept(serve, asker, keep, answer):
    server = serve(keep(answer), keep(answer), keep(answer))
    one = asker(server)
    assert [one.ask().text for _ in range(3)] == ["good"] * 3
    assert server.connections == 1


def test_a_reply_that_is_given_up_late_leaves_the_next_one_alone(serve, asker, keep):
    def late(connection):
        asked.set()
        go.wait(60)
        connection.sendall(sized())

    asked, go = threading.Event(), threading.Event()
    server = serve(keep(sized()), late)
    one = asker(server)
    chunks = one.client.send(Request((Message("user", "Hi"),), Options("mira")))
    next(iter(chunks))
    chunks._response._ended.wait(60)  # all of it was read: the connection is free
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(one.ask)
        assert asked.wait(60)
        chunks.close()
        go.set()
        assert second.result(60).text == "good"
    assert server.connections == 1


@pytest.mark.parametrize("answer", [sized(b"Connection: close"), sized().replace(b"1.1", b"1.0")])
def test_a_connection_that_cannot_be_kept_is_not(serve, asker, keep, answer):
    server = serve(keep(answer), keep(answer))
    one = asker(server)
    assert [one.ask().text for _ in range(2)] == ["good"] * 2
    assert server.connections == 2


def test_a_connection_whose_client_is_closed_meanwhile_is_not_kept(serve, asker, keep):
    server = serve(keep(sized()))
    one = asker(server)
    chunks = iter(one.client.send(Request((Message("user", "Hi"),), Options("mira"))))
    next(chunks)
    one.client.close()
    assert not list(chunks)
    assert server.closed_by_client.wait(60)


def test_the_rest_of_a_body_may_come_later(serve, asker, keep):
    finished = threading.Event()

    def late(connection):
        connection.sendall(CHUNKED[:-5])
        go.wait(60)
        connection.sendall(CHUNKED[-5:])
        finished.set()
        server._serve(connection)

    go = threading.Event()
    server = serve(late, keep(CHUNKED))
    one = asker(server)
    assert one.ask().text == "good"
    go.set()
    assert finished.wait(60)
    assert one.ask().text == "good"
    assert len(server.requests) == 2


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(serve, asker):
    server = serve(sized(), sized())
    one = asker(server)
    assert [one.ask().text for _ in range(2)] == ["good"] * 2
    assert (server.connections, one.watcher.retries) == (2, [])


def test_a_connection_that_dies_under_the_question_is_replaced_once(serve, asker, keep):
    server = serve(keep(sized()), lambda _: None, sized())
    one = asker(server, limit={"retries": 0})
    assert [one.ask().text for _ in range(2)] == ["good"] * 2
    assert (len(server.requests), one.watcher.retries) == (3, [])


def test_a_kept_connection_that_dies_within_the_answer_is_not_replaced(serve, asker, keep):
    server = serve(keep(sized()), b"HTTP/1.1 200 OK\r\ncontent-", sized())
    one = asker(server)
    one.ask()
    assert type(one.ask()) is NetworkError
    assert (len(server.requests), one.watcher.retries) == (2, [])


def test_a_request_is_not_silently_sent_a_third_time(serve, asker, keep):
    server = serve(keep(sized()), lambda _: None, lambda _: None, sized())
    one = asker(server, limit={"retries": 0})
    one.ask()
    assert type(one.ask()) is NetworkError
    assert len(server.requests) == 3


def test_what_fails_ahead_is_told_by_the_question(asker):
    one = asker("http://127.0.0.1:1/v1", limit={"retries": 0})
    one.client.load()
    assert "connection refused" in one.ask().message


def test_an_error_leaves_the_connection_usable(serve, asker, keep):
    refusal = b"HTTP/1.1 500 Bad\r\ncontent-length: 2\r\n\r\n{}"
    server = serve(keep(refusal), keep(sized()))
    assert asker(server).ask().text == "good"
    assert server.connections == 1


def test_threads_share_a_client(asker):
    with Simulator() as simulator:
        one = asker(simulator.base_url, key=simulator.key)
        with ThreadPoolExecutor(3) as pool:
            texts = list(pool.map(lambda number: _ask(one.client, f"question {number}"), range(12)))
        assert all(texts)
        assert len(simulator.requests) == 12


def _ask(client, question):
    return "".join(
        chunk.text for chunk in client.send(Request((Message("user", question),), Options("mira")))
    )


def test_get_gives_status_and_value(serve, asker, keep):
    answers = [b'{"a": 1}', b"<html>", b""]
    server = serve(
        *(keep(b"HTTP/1.1 403 X\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)) for body in answers)
    )
    client = asker(server).client
    found = [client.get("/quota"), client.get("/models"), client.get("/api/v1/models", at_origin=True)]
    assert [(one.status, one.value) for one in found] == [(403, {"a": 1}), (403, None), (403, None)]
    assert {type(one.error) for one in found} == {AuthError}
    assert [head.split(b" ")[1] for head, _ in server.requests] == [
        b"/v1/quota",
        b"/v1/models",
        b"/api/v1/models",
    ]
    assert server.header("authorization", 2) == []
    assert server.header("authorization", 0) != []


def test_no_more_is_read_than_is_asked_for(serve, asker):
    """A pager that is not read on holds the server back; its reply is not gathered in memory."""
    sent = threading.Event()
    piece = b'data: {"choices":[{"delta":{"content":"%b"}}]}\n\n' % (b"x" * 1000)

    def flood(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + piece * 32_000)
        sent.set()
        connection.sendall(STREAM)

    one = asker(serve(flood))
    chunks = iter(one.client.send(Request((Message("user", "Hi"),), Options("mira"))))
    size = len(next(chunks).text)
    assert not sent.wait(1)
    size += sum(len(chunk.text) for chunk in chunks)
    assert sent.is_set()
    assert size == 32_000_000 + len("good")
