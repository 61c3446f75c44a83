"""Recording from one simulator, which plays the API, and replaying from the file."""

import json
import os
import socket
import stat
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

import pytest

from mira_cli.errors import UsageError
from mira_cli.simulator.recording import REMOVED, Recorder
from mira_cli.simulator.replaying import Exchange, Replayer, load
from mira_cli.simulator.server import Simulator

REAL_KEY = "sk-mira-" + "0a1b" * 10


def never():
    raise AssertionError("no TLS is needed on loopback")


def ask(simulator, question="hello", key=None, **more):
    connection = HTTPConnection("127.0.0.1", int(simulator.origin.rpartition(":")[2]), timeout=60)
    body = {"model": "mira", "messages": [{"role": "user", "content": question}], **more}
    headers = {"Authorization": f"Bearer {key or simulator.key}", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def models(simulator):
    connection = HTTPConnection("127.0.0.1", int(simulator.origin.rpartition(":")[2]), timeout=60)
    connection.request("GET", "/v1/models")
    body = connection.getresponse().read()
    connection.close()
    return body


@contextmanager
def recording(path, upstream, key=REAL_KEY):
    with Simulator(relay=Recorder(str(path), upstream.base_url, key, never)) as simulator:
        yield simulator


def test_what_passes_is_the_same_and_is_played_back(tmp_path):
    path = tmp_path / "tape"
    with Simulator(key=REAL_KEY, script=["Привет, мир", {"fail": "422-key"}, "\ud83d\ude00 end"]) as api:
        with recording(path, api) as proxy:
            live = [ask(proxy, f"q{n}", stream=n != 1) for n in range(3)]
            listed = models(proxy)
        assert [request.key for request in api.requests] == [REAL_KEY] * 3
    with Simulator(relay=Replayer(load(str(path)))) as again:
        assert [ask(again, f"q{n}", stream=n != 1) for n in (2, 0)] == [live[2], live[0]]
        status, body = ask(again, "q1", stream=False)
        assert models(again) == listed
        assert ask(again, "q2", stream=True) == live[2]
        assert ask(again, "something new")[0] == 404
        assert ask(again, "q0", key="wrong")[0] == 401
    assert status == live[1][0] == 422
    assert REAL_KEY.encode() in live[1][1]
    assert REMOVED.encode() in body


def test_no_key_is_in_the_file_and_nobody_else_may_read_it(tmp_path):
    path = tmp_path / "tape"
    chunks = (b"it is sk-mira-0a1b", b"0a1b", b"0a1b indeed")  # torn, as a network may do it
    torn = Exchange("POST", "/v1/chat/completions", None, 200, (("x-told", REAL_KEY),), chunks, complete=True)
    with Simulator(key=REAL_KEY, relay=Replayer([torn, torn])) as api, recording(path, api) as proxy:
        assert ask(proxy, f"my key is {REAL_KEY}")[1] == b"".join(chunks)
        ask(proxy, key=REAL_KEY)
    text = path.read_text("ascii")
    assert "0a1b" not in text
    assert REMOVED in text
    assert "authorization" not in text.lower()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_of_the_client_itself_is_passed_on(tmp_path):
    with Simulator(key="sk-mira-theirs") as api, recording(tmp_path / "tape", api) as proxy:
        assert ask(proxy, key="sk-mira-theirs")[0] == 200
        assert ask(proxy, key="sk-mira-other")[0] == 401


def test_without_a_real_key_the_simulators_own_is_passed_on(tmp_path):
    with Simulator() as api, recording(tmp_path / "tape", api, key="") as proxy:
        assert ask(proxy)[0] == 200


@pytest.mark.parametrize("fault", ["cut-mid-token", "reset-mid-stream"])
def test_a_cut_is_recorded_as_a_cut(tmp_path, fault):
    path = tmp_path / "tape"
    with Simulator(key=REAL_KEY, fail=[fault]) as api, recording(path, api) as proxy:
        with pytest.raises(HTTPException):
            ask(proxy, stream=True)
        assert proxy.wait_idle()
    with Simulator(relay=Replayer(load(str(path)))) as again, pytest.raises(HTTPException):
        ask(again, stream=True)


def test_an_api_out_of_reach_is_a_502(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    path = tmp_path / "tape"
    with Simulator(relay=Recorder(str(path), url, "", never)) as proxy:
        assert ask(proxy)[0] == 502
    assert path.read_bytes() == b""


def test_faults_come_before_a_relay(tmp_path):
    with Simulator() as api, recording(tmp_path / "tape", api, key="") as proxy:
        proxy.fail("503:1")
        assert [ask(proxy)[0] for _ in range(2)] == [503, 200]


def exchange(question, text, body=None):
    body = body or {"messages": [{"role": "user", "content": question}]}
    return Exchange("POST", "/v1/chat/completions", body, 200, (), (text.encode(),), complete=True)


def test_the_best_fit_is_taken():
    with Simulator(
        relay=Replayer([exchange("a", "one"), exchange("b", "two"), exchange("a", "three")])
    ) as simulator:
        told = [ask(simulator, question)[1] for question in ("b", "a", "unknown", "a", "b")]
        lost = ask(simulator, "unknown")[0]
    assert told == [b"two", b"one", b"three", b"three", b"two"]
    assert lost == 404


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"method": "GET"}', "7"])
def test_a_broken_recording_is_named(tmp_path, line):
    path = tmp_path / "tape"
    path.write_text(f"\n{line}\n", "utf-8")
    with pytest.raises(UsageError, match="line 2 is no recorded request"):
        load(str(path))


def test_files_that_cannot_be_opened_are_named(tmp_path):
    with pytest.raises(UsageError, match="Cannot read the recording"):
        load(str(tmp_path / "none"))
    with pytest.raises(UsageError, match="Cannot write the recording"):
        Recorder(str(tmp_path / "none" / "x"), "http://127.0.0.1:1/v1", "", never)
