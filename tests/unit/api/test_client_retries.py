"""What the client tries again, how long it waits before, and what it says in the end."""

from __future__ import annotations

import json
import socket
import struct

import pytest

from mira_cli import errors

GOOD = b'HTTP/1.1 200 OK\r\n\r\ndata: {"choices":[{"delta":{"content":"good"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def status(code, body=b"", *headers):
    lines = b"".join(header.encode() + b"\r\n" for header in headers)
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return b"HTTP/1.1 %d Reason\r\ncontent-length: %d\r\n%b\r\n%b" % (code, len(body), lines, body)


def hang_up(connection):
    del connection


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504, 520, 524, 529])
def test_a_passing_failure_is_tried_again(ask, code):
    reply, server, one = ask(status(code), GOOD)
    assert reply.text == "good"
    assert one.slept == [0.5]
    reason = "rate limited" if code == 429 else f"server error {code}" if code >= 500 else f"error {code}"
    assert one.watcher.retries == [(0.5, 1, 2, reason)]
    assert one.watcher.for_all == [code == 429 or code >= 500]
    assert server.bodies[0] == server.bodies[1]


@pytest.mark.parametrize("act", [hang_up, reset], ids=["closed", "reset"])
def test_a_connection_that_ends_before_the_answer_is_tried_again(ask, act):
    reply, _, one = ask(act, act, GOOD)
    assert reply.text == "good"
    assert one.slept == [0.5, 1.0]
    assert one.watcher.retries[0][3] == "connection lost"


@pytest.mark.parametrize("end", [hang_up, reset], ids=["closed", "reset"])
def test_a_connection_that_ends_after_the_first_byte_of_the_answer_is_not_tried_again(ask, end):
    def half_a_head(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-")
        end(connection)

    error, server, _ = ask(half_a_head, GOOD)
    assert (error.exit_code, len(server.requests)) == (3, 1)


@pytest.mark.parametrize("location", ["a:b", "http://[::1", "//[", ""])
def test_a_redirect_to_no_address_is_still_a_redirect(ask, location):
    error, server, _ = ask(status(302, b"", f"location: {location}"), GOOD)
    assert (error.exit_code, error.status, len(server.requests)) == (5, 302, 1)


def test_all_tries_have_one_idempotency_key_and_two_questions_have_two(serve, asker):
    server = serve(status(500), status(502), GOOD, GOOD)
    one = asker(server)
    one.ask()
    one.ask()
    keys = [server.header("idempotency-key", number) for number in range(4)]
    assert keys[0] == keys[1] == keys[2] != keys[3]


@pytest.mark.parametrize(
    ("code", "kind", "exit_code"),
    [(429, errors.RateLimitError, 6), (500, errors.ServerError, 7), (408, errors.ServerError, 7)],
)
def test_after_two_retries_it_says_so(ask, code, kind, exit_code):
    error, server, one = ask(*[status(code)] * 4)
    assert type(error) is kind
    assert (error.exit_code, error.status) == (exit_code, code)
    assert (len(server.requests), one.slept) == (3, [0.5, 1.0])


def test_a_connection_that_always_ends_is_a_network_failure(ask):
    error, server, _ = ask(*[hang_up] * 4)
    assert type(error) is errors.NetworkError
    assert "closed the connection without an answer" in error.message
    assert len(server.requests) == 3


@pytest.mark.parametrize("code", [301, 307, 400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 501, 505])
def test_what_will_not_pass_is_not_tried_again(ask, code):
    error, server, one = ask(status(code, {"detail": "no"}, "location: http://127.0.0.1:1/"), GOOD)
    assert error.status == code
    assert (len(server.requests), one.slept) == (1, [])


def test_the_number_of_retries_can_be_set(ask):
    assert ask(status(500), GOOD, limit={"retries": 0})[0].exit_code == 7
    reply, _, one = ask(*[status(500)] * 5, GOOD, limit={"retries": 5})
    assert reply.text == "good"
    assert one.slept == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_the_server_may_forbid_it_or_ask_for_it(ask):
    assert ask(status(503, b"", "x-should-retry: false"), GOOD)[0].status == 503
    assert ask(status(400, b"", "x-should-retry: true"), GOOD)[0].text == "good"


def test_retry_after_is_obeyed(ask):
    _, _, one = ask(status(429, b"", "Retry-After: 7"), status(503, b"", "retry-after-ms: 1200"), GOOD)
    assert one.slept == [7.0, 1.2]


def test_a_long_wait_stops_it_at_once_and_says_until_when(ask):
    error, server, one = ask(status(429, {"detail": "slow"}, "Retry-After: 3600"), GOOD)
    assert type(error) is errors.RateLimitError
    assert error.message.startswith("Rate limited. Try again at ")
    assert error.message.endswith("(in 60 min).")
    assert (error.retry_after, len(server.requests), one.slept) == (3600, 1, [])


def test_a_server_away_for_an_hour_is_a_limit_too(ask):
    error, _, one = ask(status(503, b"", "Retry-After: 3600"), GOOD)
    assert (error.exit_code, one.slept) == (6, [])


@pytest.mark.parametrize(
    "body", [{"error": {"code": "insufficient_quota", "message": "x"}}, {"detail": "Daily quota exceeded"}]
)
def test_a_quota_is_not_waited_for(ask, body):
    error, server, _ = ask(status(429, body, "Retry-After: 2"), GOOD)
    assert type(error) is errors.QuotaError
    assert (error.retry_after, len(server.requests)) == (2, 1)


def test_nothing_is_tried_again_after_the_first_text(ask):
    head = b'HTTP/1.1 200 OK\r\n\r\ndata: {"choices":[{"delta":{"content":"some"}}]}\n\n'
    error, server, _ = ask(head, GOOD)
    assert error.type == "incomplete"
    assert len(server.requests) == 1


def test_the_waits_stay_within_max_time(ask):
    error, server, one = ask(status(429, b"", "Retry-After: 30"), GOOD, limit={"max_time": 5})
    assert error.exit_code == 6
    assert (len(server.requests), one.slept) == (1, [])


def test_a_server_that_does_not_know_stream_options_is_spared_them(serve, asker):
    refusal = status(
        422, {"detail": [{"loc": ["body", "stream_options"], "msg": "extra fields not permitted"}]}
    )
    server = serve(refusal, GOOD, GOOD)
    one = asker(server, limit={"retries": 0})
    assert one.ask().text == "good"
    assert one.ask().text == "good"
    assert [b"stream_options" in body for body in server.bodies] == [True, False, False]
    assert one.watcher.retries == []


def test_a_refusal_that_goes_on_is_told(ask):
    refusal = status(400, {"detail": "unknown field stream_options"})
    error, server, _ = ask(refusal, refusal, GOOD)
    assert (error.status, len(server.requests)) == (400, 2)


def test_a_refused_connection_is_tried_once_more(asker):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    one = asker(f"http://127.0.0.1:{port}/v1", limit={"retries": 9})
    error = one.ask()
    assert isinstance(error, errors.NetworkError)
    assert error.message == f"Cannot reach 127.0.0.1:{port} (connection refused). Check the connection."
    assert one.watcher.retries == [(0.5, 1, 1, "no connection")]
    assert one.watcher.for_all == [False]


def test_an_answer_before_the_question_was_read_is_heard(serve, asker):
    def refuse(connection):
        connection.sendall(status(413, b"", "connection: close"))

    server = serve()
    server.acts.append(refuse)
    server._receive = lambda connection: connection.recv(1) != b""
    error = asker(server).ask(*["x" * 30_000] * 30)
    assert type(error) is errors.TooLargeError


def test_a_long_or_slow_error_body_is_not_waited_for(ask):
    def endless(connection):
        connection.sendall(b"HTTP/1.1 400 Bad\r\n\r\n" + b'{"detail": "no", "more": "')
        for _ in range(50):
            connection.sendall(b"x" * 65536)

    def slow(connection):
        connection.sendall(b"HTTP/1.1 400 Bad\r\n\r\n" + b'{"detail": "no", ')
        connection.recv(1)

    for act in (endless, slow):
        assert ask(act)[0].message == "The API refused the request (400): no."


def test_no_error_repeats_the_key_or_the_conversation(serve, asker):
    def echo(connection):
        _, body = server.requests[0]
        authorization = server.header("authorization")[0]
        answer = {"detail": f"{authorization} {json.loads(body)['messages'][0]['content']}"}
        connection.sendall(status(400, answer))

    server = serve(echo)
    error = asker(server).ask("a rather secret question")
    assert "sk-mira-1a2b3c4d…" in error.message
    assert "e5f6a7b8" not in error.message
    assert "secret" not in error.message


def test_a_server_that_does_not_know_json_schema_is_asked_for_a_json_object(serve, asker):
    refusal = status(400, {"error": {"message": "response_format: json_schema is not supported"}})
    server = serve(refusal, GOOD, GOOD)
    wanted = {"type": "json_schema", "json_schema": {"name": "reply", "schema": {"type": "object"}}}
    one = asker(server, limit={"retries": 0})
    assert [one.ask(response_format=wanted).text for _ in range(2)] == ["good", "good"]
    formats = [json.loads(body)["response_format"] for body in server.bodies]
    assert formats == [wanted, {"type": "json_object"}, {"type": "json_object"}]


def test_a_refusal_of_json_object_is_told(serve, asker):
    server = serve(status(400, {"detail": "response_format is not supported"}), GOOD)
    error = asker(server).ask(response_format={"type": "json_object"})
    assert (error.status, len(server.bodies)) == (400, 1)
