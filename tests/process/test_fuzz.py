"""Whatever bytes a server sends, however they are split: a code of the table, soon, and in order."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mira_cli.app import run
from rig.faults import FAULTS
from rig.simulator import Simulator
from rig.streams import buffered

KEY = "sk-mira-" + "1a2b3c4d" * 5
CODES = {0, 3, 4, 5, 6, 7, 8}
TYPES = {
    "network", "timeout", "auth", "refused", "blocked", "context", "too_large", "rate_limit", "quota", "server",
    "incomplete",
}  # fmt: skip
# What a terminal may get from us in a run without colour: nothing but the cursor and frames of Markdown.
OURS = re.compile(r"\x1b\[(?:[0-9;]*[mKJ]|[0-9]*[AG]|\?(?:25|7|2026)[hl])|\r|\n|\t")
FOREIGN = re.compile("[\x00-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\u200b]")


class Server:
    """Answers every request with the pieces it was given last, a write each, then closes."""

    def __init__(self):
        self.pieces = ()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection, suppress(OSError):
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    connection.settimeout(60)
                    connection.recv(65536)
                    for piece in self.pieces:
                        connection.sendall(piece)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):
                        pass

    def close(self):
        self._socket.close()


@pytest.fixture(scope="module")
def server():
    made = Server()
    yield made
    made.close()


def ask(server, tmp_path, *flags, tty=False):
    """What `mira ask` comes to, in this process: code, stdout, stderr."""
    env = {
        "MIRA_BASE_URL": server.base_url,
        "MIRA_API_KEY": KEY,
        "MIRA_CONFIG_DIR": str(tmp_path / "config"),
        "NO_COLOR": "1",
    }
    stdout, stderr = BytesIO(), BytesIO()
    streams = buffered(None, stdout, stderr, env=env, out_tty=tty, size=lambda: (80, 24))
    code = run(["ask", "--timeout", "20", "--retries", "0", *flags, "Hi"], env, streams)
    return code, stdout.getvalue().decode(), stderr.getvalue().decode()


def recorded():
    """Real answers to mutate: a good one, and one of each fault whose steps end by themselves."""
    endless = {
        "stall", "stall-before-text", "no-answer", "stall-error", "pings-for-ever", "pings-after-text", "drip",
        "slow-headers", "endless-headers", "long-line", "long-reply", "huge-json", "huge-error", "gzip-bomb",
    }  # fmt: skip
    answers = []
    with Simulator() as simulator:
        for name in [
            "mira",
            *(f"fail-{name}" for name in FAULTS if name not in endless),
            "fail-429",
            "fail-500-long",
        ]:
            body = json.dumps(
                {"model": name, "messages": [{"role": "user", "content": "Hi"}], "stream": True}
            ).encode()
            head = (
                f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {simulator.key}\r\n"
                f"Connection: close\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            host, _, port = simulator.base_url.split("/")[2].rpartition(":")
            answer = b""
            with socket.create_connection((host, int(port))) as connection, suppress(OSError):
                connection.sendall(head.encode() + body)
                while piece := connection.recv(65536):
                    answer += piece
            answers.append(answer)
    return [answer for answer in answers if answer]


@pytest.fixture(scope="module")
def answers():
    return recorded()


HEADS = [
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n",
    b"HTTP/1.1 429 No\r\nretry-after: 1e9\r\n\r\n",
    b"HTTP/1.1 503 No\r\nretry-after: Thu, 99 Foo 2099\r\n\r\n",
    b"HTTP/1.1 422 No\r\n\r\n",
    b"HTTP/1.1 999 \xff\r\nx\r\n\r\n",
    b"HTTP/1.0 200\r\nconnection: keep-alive\r\n\r\n",
    b"HTTP/1.1 103 Early\r\n\r\n" * 3,
    b"",
]


def events(*values):
    return b"".join(b"data: %b\n\n" % json.dumps(value).encode() for value in values)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(
            ["choices", "delta", "content", "finish_reason", "index", "usage", "error", "message", "detail",
             "prompt_tokens", "completion_tokens", "total_tokens", "model", "id", "reasoning", "code", "type", "loc"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=8,
)  # fmt: skip
NASTY = st.text(
    st.sampled_from("ab \n\r\t\x1b\x07\x9b[]0;m\u202e\u200b\ufeff\ud800\udc00*`#|-<think>/\u2028"),
    max_size=12,
)
TEXTS = NASTY.map(lambda text: events({"choices": [{"delta": {"content": text}}]}))
PIECES = (
    JSON.map(events)
    | TEXTS
    | st.sampled_from(
        [
            b"data: [DONE]\n\n",
            b": ping\n\n",
            b"event: error\n",
            b"data: ",
            b"\r",
            b"5\r\n",
            b"0\r\n\r\n",
            b"{",
            b"<html>",
        ]
    )
    | st.just(events({"choices": [{"delta": {"content": "word "}, "finish_reason": "stop"}]}))
    | st.binary(max_size=20)
)
INVENTED = st.tuples(st.sampled_from(HEADS), st.lists(PIECES, max_size=8).map(b"".join)).map(
    lambda parts: parts[0] + (gzip.compress(parts[1]) if b"gzip" in parts[0] else parts[1])
)


def torn(data, draw):
    """The bytes in pieces."""
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=6)))
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


def mutated(data, draw):
    """Some bytes changed, dropped, doubled or cut off."""
    data = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        if not data:
            break
        start = draw(st.integers(0, len(data) - 1))
        end = min(len(data), start + draw(st.integers(1, 40)))
        match draw(st.sampled_from(["change", "drop", "double", "cut", "insert"])):
            case "change":
                data[start] = draw(st.integers(0, 255))
            case "drop":
                del data[start:end]
            case "double":
                data[end:end] = data[start:end]
            case "cut":
                del data[end:]
            case _:
                data[start:start] = draw(st.binary(max_size=6))
    return bytes(data)


def check(code, out, err):
    assert code in CODES, err
    assert "Traceback" not in err
    assert "bug in mira" not in err
    assert KEY not in out + err
    assert len([line for line in err.splitlines() if line.startswith("mira: ")]) == (code != 0)


FUZZ = settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))


@FUZZ
@given(st.data())
def test_any_answer_is_a_reply_or_one_of_our_errors(server, tmp_path, data):
    server.pieces = torn(data.draw(INVENTED), data.draw)
    code, out, err = ask(server, tmp_path)
    check(code, out, err)
    assert (code in {0, 8}) == bool(out)
    assert out == "" or out.endswith("\n")


@FUZZ
@given(st.data())
def test_any_change_of_a_good_answer_is_a_reply_or_one_of_our_errors(server, tmp_path, answers, data):
    server.pieces = torn(mutated(data.draw(st.sampled_from(answers)), data.draw), data.draw)
    code, out, err = ask(server, tmp_path)
    check(code, out, err)
    assert (code in {0, 8}) == bool(out)


@FUZZ
@given(st.data())
def test_what_programs_get(server, tmp_path, answers, data):
    answer = data.draw(INVENTED | st.sampled_from(answers))
    server.pieces = torn(mutated(answer, data.draw), data.draw)
    code, out, err = ask(server, tmp_path, "--json")
    check(code, out, err)
    assert out.isascii()
    assert out.count("\n") == 1
    value = json.loads(out)
    if code:
        assert value["error"]["type"] in TYPES
        assert bool(value["error"]["partial"]) == (code == 8)
    else:
        assert value["text"]
        assert all(isinstance(value["usage"][name], int) for name in ("prompt_tokens", "completion_tokens"))


@FUZZ
@given(st.data())
def test_what_a_terminal_gets(server, tmp_path, answers, data):
    server.pieces = torn(data.draw(INVENTED | st.sampled_from(answers)), data.draw)
    code, out, err = ask(server, tmp_path, tty=True)
    assert code in CODES, err
    assert not FOREIGN.search(OURS.sub("", out)), repr(out)
    assert not FOREIGN.search(OURS.sub("", err)), repr(err)
    for off, on in (("\x1b[?25l", "\x1b[?25h"), ("\x1b[?7l", "\x1b[?7h"), ("\x1b[?2026h", "\x1b[?2026l")):
        assert out.rfind(off) <= out.rfind(on)
