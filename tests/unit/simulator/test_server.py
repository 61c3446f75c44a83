"""The simulator over real sockets."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection

import pytest

from mira_cli.errors import OutputError, UsageError
from mira_cli.simulator.http_server import Connection
from mira_cli.simulator.replies import MARK
from rig.simulator import Simulator

HELLO = [{"role": "user", "content": "hello"}]


def connect(simulator):
    return HTTPConnection("127.0.0.1", simulator.port, timeout=60)


def send(simulator, method="POST", path="/v1/chat/completions", *, connection=None, key=None, **body):
    """One request; (status, headers, body as bytes). A body of {} is sent as none."""
    own = connection or connect(simulator)
    headers = {"Authorization": f"Bearer {key or simulator.key}", "Content-Type": "application/json"}
    try:
        own.request(method, path, json.dumps(body) if body else None, headers)
        response = own.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    finally:
        if connection is None:
            own.close()


def ask(simulator, messages=HELLO, model="mira", **more):
    return send(simulator, model=model, messages=messages, **more)


def events(data):
    return [line.removeprefix(b"data: ") for line in data.split(b"\n\n") if line.startswith(b"data: ")]


def text_of(data):
    chunks = [json.loads(line) for line in events(data)[:-1]]
    return "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"])


def test_a_whole_answer_has_the_shape_of_the_reference():
    with Simulator() as simulator:
        status, headers, body = ask(simulator)
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert len(headers["x-request-id"]) == 36
    answer = json.loads(body)
    assert answer["object"] == "chat.completion"
    assert answer["id"].startswith("chatcmpl-")
    assert answer["model"] == "mira"
    (choice,) = answer["choices"]
    assert choice["finish_reason"] == "stop"
    assert choice["message"]["role"] == "assistant"
    assert choice["message"]["content"].startswith(MARK)
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_a_stream_has_the_shape_of_the_wire():
    with Simulator() as simulator:
        status, headers, body = ask(simulator, stream=True)
        whole = json.loads(ask(simulator)[2])
    assert status == 200
    assert headers["content-type"] == "text/event-stream"
    assert headers["transfer-encoding"] == "chunked"
    first, *_, last, done = events(body)
    assert json.loads(first)["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert json.loads(first)["object"] == "chat.completion.chunk"
    assert json.loads(last)["choices"][0] == {"delta": {}, "finish_reason": "stop", "index": 0}
    assert done == b"[DONE]"
    assert text_of(body) == whole["choices"][0]["message"]["content"]
    assert b"usage" not in body


def test_usage_comes_in_a_chunk_of_its_own_when_asked_for():
    with Simulator() as simulator:
        body = ask(simulator, stream=True, stream_options={"include_usage": True})[2]
    chunk = json.loads(events(body)[-2])
    assert chunk["choices"] == []
    assert chunk["usage"]["completion_tokens"] == len(events(body)) - 4


def test_max_tokens_cuts_and_says_so():
    with Simulator() as simulator:
        answer = json.loads(ask(simulator, max_tokens=3)[2])
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 3


def test_one_connection_takes_many_requests():
    with Simulator(fail=["503:1"]) as simulator:
        connection = connect(simulator)
        statuses = [ask(simulator, connection=connection, stream=n % 2 == 0)[0] for n in range(6)]
        connection.close()
    assert statuses == [503, 200, 200, 200, 200, 200]


def test_listings_quota_and_wrong_paths():
    with Simulator() as simulator:
        _, _, listed = send(simulator, "GET", "/v1/models", key="none")
        _, _, at_origin = send(simulator, "GET", "/api/v1/models", key="none")
        quota = send(simulator, "GET", "/v1/quota")
        statuses = [
            send(simulator, method, path, key=key)[0]
            for method, path, key in [
                ("GET", "/v1/quota", "wrong"),
                ("GET", "/v1/nothing", None),
                ("POST", "/v1/models", None),
                ("GET", "/v1/chat/completions", None),
                ("DELETE", "/v1/chat/completions", None),
                ("HEAD", "/v1/models", None),
            ]
        ]
    assert [m["id"] for m in json.loads(listed)["data"]] == ["mira", "mira-thinking", "mira-pro", "mira-max"]
    models = json.loads(at_origin)
    assert models["default"] == "mira"
    assert [m.get("requires_plan") for m in models["models"]] == [None, None, "pro", "max"]
    assert models["models"][0]["context_window"] == 32768
    assert quota[0] == 200
    assert json.loads(quota[2])["status"] == "allowed"
    assert statuses == [401, 404, 405, 405, 405, 405]
    assert simulator.requests == []
    assert len(simulator.visits) == 9


def test_refusals_have_a_detail():
    with Simulator() as simulator:
        wrong_key = ask(simulator, key="sk-mira-wrong")
        bad = ask(simulator, temperature=None)
        raw = connect(simulator)
        raw.request("POST", "/v1/chat/completions", b"\x00", {"Authorization": f"Bearer {simulator.key}"})
        nul = raw.getresponse().status
        raw.close()
    assert wrong_key[0] == 401
    assert "detail" in json.loads(wrong_key[2])
    assert bad[0] == 422
    assert nul == 400


def test_a_body_over_the_limit_is_read_and_refused():
    with Simulator() as simulator:
        status, _, _ = ask(simulator, [{"role": "user", "content": "x" * 5_000_000}])
    assert status == 413


@pytest.mark.parametrize("chunks", [b"x\r\n", b"-1\r\n", b"fffffffff\r\n", b"5\r\n{}"])
def test_a_body_in_broken_chunks_is_refused(chunks):
    with (
        Simulator() as simulator,
        socket.create_connection(("127.0.0.1", simulator.port)) as raw,
    ):
        raw.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        raw.shutdown(socket.SHUT_WR)
        assert raw.recv(1024).startswith(b"HTTP/1.1 400 The body is too long or cut short\r\n")


def test_a_body_may_come_in_chunks():
    body = json.dumps({"model": "mira", "messages": [{"role": "user", "content": "x" * 5000}]}).encode()
    with Simulator() as simulator:
        connection = connect(simulator)
        headers = {"authorization": f"Bearer {simulator.key}", "content-type": "application/json"}
        for _ in range(2):  # the connection is kept
            pieces = (body[at : at + 1000] for at in range(0, len(body), 1000))
            connection.request("POST", "/v1/chat/completions", pieces, headers)
            response = connection.getresponse()
            assert (response.status, bool(response.read())) == (200, True)
        connection.close()


def test_faults_come_in_order_for_as_many_requests_as_said():
    with Simulator(fail=["429:2", "503:1"]) as simulator:
        statuses = [ask(simulator)[0] for _ in range(4)]
        simulator.fail("402")
        statuses += [ask(simulator)[0] for _ in range(2)]
    assert statuses == [429, 429, 503, 200, 402, 402]


def test_a_fault_may_be_chosen_by_the_model_and_leaves_the_queue_alone():
    with Simulator(fail=["503:1"]) as simulator:
        assert ask(simulator, model="fail-418")[0] == 418
        assert ask(simulator, model="fail-nonsense")[0] == 503
        assert ask(simulator, model="fail-nonsense")[0] == 400


def test_faults_are_for_chat_requests_only():
    with Simulator(fail=["500"]) as simulator:
        assert send(simulator, "GET", "/v1/models")[0] == 200
        assert ask(simulator)[0] == 500


def test_a_script_comes_in_order_then_the_built_in_replies():
    table = {"text": ["on", "e"], "model": "other", "finish_reason": "length", "usage": False}
    with Simulator(script=[table, {"fail": "429"}]) as simulator:
        simulator.say("two")
        first = json.loads(ask(simulator)[2])
        second = ask(simulator)[0]
        third = ask(simulator, stream=True)[2]
        fourth = json.loads(ask(simulator)[2])
    assert first["choices"][0]["message"]["content"] == "one"
    assert first["choices"][0]["finish_reason"] == "length"
    assert first["model"] == "other"
    assert "usage" not in first
    assert second == 429
    assert text_of(third) == "two"
    assert fourth["choices"][0]["message"]["content"].startswith(MARK)


def test_replies_with_match_wait_for_it():
    def answer(question):
        status, _, body = ask(simulator, [{"role": "user", "content": question}])
        return json.loads(body)["choices"][0]["message"]["content"] if status == 200 else status

    with Simulator(script=[{"text": "a", "match": "apple"}, "b", {"fail": "429:2"}, "c"]) as simulator:
        questions = ["pear", "pear", "an apple", "an apple", "plum", "plum"]
        assert [answer(question) for question in questions[:5]] == ["b", 429, "a", 429, "c"]
        assert answer("plum").startswith(MARK)


def test_faults_come_before_the_script_and_before_any_check():
    with Simulator(fail=["503:1"], script=["text"]) as simulator:
        assert [ask(simulator, key="another key")[0] for _ in range(2)] == [503, 401]


def test_the_thinking_model_thinks_first():
    with Simulator() as simulator:
        stream = ask(simulator, model="mira-thinking", stream=True)[2]
        message = json.loads(ask(simulator, model="mira-thinking")[2])["choices"][0]["message"]
    deltas = [json.loads(line)["choices"][0]["delta"] for line in events(stream)[:-1]]
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == message["reasoning_content"]
    assert message["reasoning_content"].startswith("(simulated thought)")
    assert text_of(stream) == message["content"]
    assert "simulated thought" not in message["content"]


def test_a_request_over_the_window_is_refused():
    with Simulator(window=20) as simulator:
        short = ask(simulator)[0]
        long = ask(simulator, [{"role": "user", "content": "x" * 200}])
    assert short == 200
    assert long[0] == 400
    assert json.loads(long[2])["error"]["code"] == "context_length_exceeded"


def test_silence_within_a_stream_is_filled_with_pings(monkeypatch):
    monkeypatch.setattr(Connection, "ping_interval", 0.05)
    with Simulator(delay=0.3) as simulator:
        body = ask(simulator, stream=True)[2]
    assert body.startswith(b": ping\n\n: ping\n\n")
    assert text_of(body.partition(b"data: ")[1] + body.partition(b"data: ")[2]).startswith(MARK)


def test_what_was_received_is_kept_and_logged_without_the_key(tmp_path):
    path = tmp_path / "log"
    with Simulator(log=str(path)) as simulator:
        ask(simulator, stream=True)
        send(simulator, "GET", "/v1/models")
        (request,) = simulator.requests
    assert request.headers["authorization"] == f"Bearer {simulator.key}"
    assert request.messages == HELLO
    assert request.headers["content-type"] == "application/json"
    text = path.read_text("ascii")
    assert simulator.key not in text
    chat, models = map(json.loads, text.splitlines())
    assert list(chat) == ["time", "method", "path", "headers", "body"]
    assert (chat["method"], chat["path"]) == ("POST", "/v1/chat/completions")
    assert chat["body"] == {"model": "mira", "messages": HELLO, "stream": True}
    assert "authorization" not in chat["headers"]
    assert models["body"] is None


@pytest.mark.needs("/dev/full")
def test_a_log_that_cannot_be_written_any_more_is_told_at_the_end():
    with (
        pytest.raises(OutputError, match="Cannot write the log /dev/full: No space left"),
        Simulator(log="/dev/full") as simulator,
        suppress(ConnectionError),
    ):
        ask(simulator)


def test_a_hundred_streams_at_once():
    with Simulator(rate=40, script=["x " * 20] * 100) as simulator, ThreadPoolExecutor(100) as pool:
        bodies = list(pool.map(lambda _: ask(simulator, stream=True)[2], range(100)))
        assert simulator.wait_idle()
        assert simulator.left == 0
    assert {text_of(body) for body in bodies} == {"x " * 20}


def test_a_hundred_silent_answers_at_once():
    with ThreadPoolExecutor(100) as pool, Simulator(fail=["no-answer"]) as simulator:
        for _ in range(100):
            pool.submit(ask, simulator, stream=True)
        assert simulator.wait_for(100)
        assert simulator.busiest == 100


def test_a_client_that_leaves_is_counted_and_nothing_is_printed(capfd):
    with Simulator(rate=200, script=["x " * 2000]) as simulator:
        connection = connect(simulator)
        body = json.dumps({"model": "mira", "messages": HELLO, "stream": True})
        headers = {"Authorization": f"Bearer {simulator.key}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/chat/completions", body, headers)
        response = connection.getresponse()
        response.read1(10)
        response.close()
        connection.close()
        assert simulator.wait_idle()
        assert simulator.left == 1
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 10\r\n\r\n{",
        b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: +5\r\n\r\n12345",
        b"POST /v1/chat/completions HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\xff: \xff\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\x01\x00\x00",
    ],
)
def test_junk_is_survived_in_silence(junk, capfd):
    with Simulator() as simulator:
        with socket.create_connection(("127.0.0.1", simulator.port)) as raw:
            raw.sendall(junk)
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(65536):
                pass
        assert ask(simulator)[0] == 200
    assert capfd.readouterr() == ("", "")


def test_the_end_of_the_simulator_ends_what_is_silent():
    with ThreadPoolExecutor(2) as pool:
        with Simulator() as simulator:
            waiting = [
                pool.submit(ask, simulator, model=f"fail-{name}") for name in ("no-answer", "pings-for-ever")
            ]
            assert simulator.wait_for(2)
        assert all(future.exception(60) is not None for future in waiting)


def test_a_taken_port_and_an_unwritable_log_are_refused(tmp_path):
    with Simulator() as simulator:
        port = simulator.port
        with pytest.raises(UsageError, match=f"port {port}"):
            Simulator(port=port)
    with pytest.raises(UsageError, match="Cannot write the log"):
        Simulator(log=str(tmp_path / "none" / "log"))
