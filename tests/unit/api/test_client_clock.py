"""Nothing hangs: every silence and every drip ends, with the right words."""

from __future__ import annotations

import time

import pytest

from mira_cli.errors import IncompleteError, NetworkError, NoAnswerError

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
TEXT = b'data: {"choices":[{"delta":{"content":"some"}}]}\n\n'
EMPTY = b'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n'
END = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def stall(*sent):
    def act(connection):
        for piece in sent:
            connection.sendall(piece)
        connection.recv(1)

    return act


def drip(*sent, every=0.05, piece=b": ping\n\n", count=200):
    def act(connection):
        for first in sent:
            connection.sendall(first)
        for _ in range(count):
            time.sleep(every)
            connection.sendall(piece)

    return act


@pytest.mark.parametrize(
    "act",
    [stall(), stall(b"HTTP/1.1 200 O"), stall(HEAD), stall(HEAD, b"data: {"), stall(HEAD, b'{"choices":[')],
    ids=["no byte", "half a head", "head", "half an event", "half a reply"],
)
def test_silence_before_any_text(ask, act):
    error, server, _ = ask(act, limit={"timeout": 1})
    assert type(error) is NoAnswerError
    assert error.message == "No answer within 1 s. Wait longer with --timeout."
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "act",
    [drip(HEAD), drip(HEAD, piece=EMPTY), drip(HEAD, b"data: ", piece=b"x")],
    ids=["comments", "empty events", "an endless line"],
)
def test_signs_of_life_alone_are_given_more_time_but_not_for_ever(ask, act):
    error, _, _ = ask(act, limit={"timeout": 2})
    assert type(error) is NoAnswerError
    assert error.message == "No answer within 5 s, only keep-alive signals. Wait longer with --timeout."


def test_a_whole_answer_that_keeps_coming_is_waited_for(ask):
    start, end = b'{"choices":[{"message":{"content":"so', b'me"}}]}'
    reply, _, _ = ask(
        lambda it: (drip(HEAD + start, every=0.4, piece=b"-", count=14)(it), it.sendall(end)),
        limit={"timeout": 2},
    )
    assert reply.text == f"so{'-' * 14}me"


def test_an_answer_after_many_comments_is_taken(ask):
    def act(connection):
        drip(HEAD, every=0.4, count=6)(connection)
        connection.sendall(TEXT + END)

    assert ask(act, limit={"timeout": 2})[0].text == "some"


@pytest.mark.parametrize("act", [stall(HEAD, TEXT), drip(HEAD, TEXT)], ids=["silence", "comments"])
def test_silence_within_the_answer_keeps_what_came(ask, act):
    error, _, _ = ask(act, limit={"timeout": 1})
    assert type(error) is IncompleteError
    assert error.partial == "some"
    assert "Wait longer with --timeout." in error.message


def test_the_whole_request_ends_while_text_still_comes(ask):
    error, _, _ = ask(drip(HEAD, piece=TEXT), limit={"timeout": 60, "max_time": 3})
    assert type(error) is IncompleteError
    assert error.message == "The answer took longer than 3 s; it is incomplete. Wait longer with --max-time."


def test_the_whole_request_ends_before_any_text(ask):
    error, _, _ = ask(stall(HEAD), limit={"timeout": 60, "max_time": 1})
    assert type(error) is NoAnswerError
    assert error.message == "No answer within 1 s. Wait longer with --max-time."


def test_a_name_that_does_not_exist(asker):
    error = asker("https://no-such-host.invalid/v1", limit={"retries": 0}).ask()
    assert isinstance(error, NetworkError)
    assert error.message == "Cannot reach no-such-host.invalid (name not found). Check the connection."


def test_a_connection_that_is_not_answered(asker):
    error = asker("http://127.0.0.1:1/v1", limit={"retries": 0, "connect_timeout": 0.2}).ask()
    assert error.message.startswith("Cannot reach 127.0.0.1:1 (")
