"""The table of faults: each plays to its end over a real socket, and says what its line says."""

import gzip
import http.client
import json
import re
import socket
import zlib

import pytest

from mira_cli.errors import UsageError
from mira_cli.simulator import faults
from mira_cli.simulator.replies import reply_to
from rig import errors, framing, texts
from rig.faults import FAULTS, OURS
from rig.simulator import Simulator

QUESTION = "Where does it echo?"
TEXT = reply_to(QUESTION)
SILENT = ("stall", "stall-before-text", "no-answer", "stall-error")
ENDLESS = ("pings-for-ever", "pings-after-text", "endless-headers")
SLOW = (*SILENT, *ENDLESS, "drip", "slow-headers")
KEY = "sk-mira-theirs"
LARGE = ("long-line", "long-reply", "huge-json", "huge-error", "gzip-bomb")


def play(name, *, timeout=60, **more):
    """What one request meets: (status, headers, body), or the class of the failure and what came before it."""
    with Simulator() as simulator:
        connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=timeout)
        messages = [{"role": "user", "content": QUESTION}]
        body = {"model": f"fail-{name}", "messages": messages, "stream": True, **more}
        got = bytearray()
        try:
            key = {"Authorization": f"Bearer {KEY}"}
            connection.request("POST", "/v1/chat/completions", json.dumps(body), key)
            response = connection.getresponse()
            while data := response.read1(65536):
                got += data
            return response.status, {k.lower(): v for k, v in response.getheaders()}, bytes(got)
        except (OSError, http.client.HTTPException) as error:
            return type(error), {}, bytes(got)
        finally:
            connection.close()


def read_events(data):
    """The text, as a plain reader of the standard sees it."""
    text, lines = "", []
    for line in re.split(rb"\r\n|\n|\r", data.removeprefix(b"\xef\xbb\xbf")):
        if line.startswith(b"data:"):
            lines.append(line[5:].removeprefix(b" "))
        if not line and lines:
            joined, lines = b"\n".join(lines), []
            if joined == b"[DONE]":
                break
            for choice in json.loads(joined).get("choices", []):
                if choice["index"] == 0:
                    text += (choice["delta"] or {}).get("content") or ""
    return text


def test_names_are_unique_and_described():
    assert not set(faults.FAULTS) & set(OURS)
    for fault in FAULTS.values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.name)
        assert fault.description
        assert "\n" not in fault.description


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in (*SLOW, *LARGE)])
@pytest.mark.parametrize("stream", [True, False])
def test_every_fault_ends_by_itself(name, stream):
    status, _, body = play(name, stream=stream)
    assert status is not TimeoutError
    assert isinstance(body, bytes)


@pytest.mark.parametrize("name", SILENT)
def test_silence_goes_on(name):
    assert play(name, timeout=1)[0] is TimeoutError


ODD = {
    "separators": "\u2028one\u2029two\u0085three\x0c\x0bfour",
    "split-pair": "\ud83d\ude00",
    "think-block": None,
    "whole": None,
    "whole-split": None,
    "one-write": None,
    "until-close": None,
}


@pytest.mark.parametrize("fault", framing.FAULTS, ids=lambda fault: fault.name)
def test_oddly_framed_replies_hold_the_whole_text(fault):
    extra = ODD.get(fault.name, "")
    if extra is None:
        status, _, body = play(fault.name)
        assert status == 200
        assert b"choices" in body
        return
    _, _, data = play(fault.name)
    if fault.name == "no-blank":
        data += b"\n\n"
    assert read_events(data) == TEXT + extra


@pytest.mark.parametrize("fault", framing.FAULTS, ids=lambda fault: fault.name)
def test_without_a_stream_they_are_plain_whole_answers(fault):
    status, _, body = play(fault.name, stream=False)
    assert status == 200
    assert json.loads(body)["choices"][0]["message"]["content"].startswith("(simulated reply)")


@pytest.mark.parametrize("name", ["cut-mid-token", "cut-mid-utf8", "cut-between"])
def test_cuts_end_without_the_last_chunk(name):
    status, _, body = play(name)
    assert status is http.client.IncompleteRead
    assert read_events(body).startswith("(simulated reply)")
    assert b"[DONE]" not in body
    assert len(read_events(body)) < len(TEXT)
    assert body.endswith(b"\n\n") == (name == "cut-between")


def test_a_cut_within_a_character():
    with pytest.raises(UnicodeDecodeError):
        play("cut-mid-utf8")[2].decode()


def test_a_clean_end_is_clean_and_empty_is_empty():
    status, _, body = play("cut-clean")
    assert status == 200
    assert b'finish_reason":null' in body
    assert b"[DONE]" not in body
    assert play("cut-empty")[::2] == (200, b"")


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("reset-before-headers", ConnectionResetError),
        ("reset-mid-stream", ConnectionResetError),
        ("close-before-headers", http.client.RemoteDisconnected),
    ],
)
def test_resets_and_closes_are_what_they_say(name, failure):
    assert play(name)[0] is failure


def test_a_reset_comes_after_the_text():
    status, _, body = play("reset-mid-stream")
    assert status is ConnectionResetError
    assert read_events(body).startswith("(simulated reply)")


def test_headers_come_slowly_but_they_come():
    status, _, body = play("slow-headers")
    assert status == 200
    assert body.endswith(b"[DONE]\n\n")


def test_a_kept_alive_connection_is_closed_afterwards():
    with Simulator(fail=["close-after:1"]) as simulator:
        address = ("127.0.0.1", simulator.port)
        with socket.create_connection(address, timeout=60) as raw:
            raw.sendall(b'POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 15\r\n\r\n{"stream":true}')
            data = b""
            while got := raw.recv(65536):
                data += got
    assert data.endswith(b"0\r\n\r\n")
    assert b"connection: close" not in data.lower()


@pytest.mark.parametrize(
    "status", [400, 401, 402, 403, 404, 405, 408, 410, 413, 415, 422, 429, 500, 502, 503, 504, 529]
)
def test_a_status_by_its_number_is_answered_with_it(status):
    got, headers, body = play(str(status))
    assert got == status
    assert ("retry-after" in headers) == (status == 429)
    assert (body == b"") == (status in {404, 405, 408, 410})


@pytest.mark.parametrize("shape", [*faults.SHAPES, *errors.SHAPES])
def test_any_shape_of_an_error(shape):
    status, headers, body = play(f"422-{shape}")
    assert status == 422
    kind = headers.get("content-type", "")
    if shape in {"empty", "text", "html"}:
        assert kind != "application/json"
        return
    detail = json.loads(body)
    assert set(detail) == ({"error"} if shape == "error" else {"detail"})
    assert (QUESTION.encode() in body) == (shape == "echo")
    assert (KEY.encode() in body) == (shape == "key")


def test_a_date_to_wait_for_is_an_http_date():
    _, headers, _ = play("429-date")
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", headers["retry-after"])


def test_stream_options_are_refused_only_when_sent():
    assert play("stream-options", stream_options={"include_usage": True})[0] == 422
    assert play("stream-options")[0] == 200


def test_the_long_line_is_one_line_of_64_mb():
    _, _, data = play("long-line")
    assert len(data.split(b"\n\n", 1)[0]) > 64 << 20
    assert len(read_events(data)) == 64 << 20


def test_the_bomb_is_small_and_unpacks_to_512_mb():
    _, _, data = play("gzip-bomb")
    assert len(data) < 1 << 20
    unpacker = zlib.decompressobj(31)
    size = 0
    while data:
        size += len(unpacker.decompress(data, 1 << 20))
        data = unpacker.unconsumed_tail
    assert size > 512 << 20


def test_gzip_unpacks_to_the_reply():
    _, headers, body = play("gzip")
    assert headers["content-encoding"] == "gzip"
    assert "choices" in json.loads(gzip.decompress(body))


def test_a_redirect_goes_to_another_origin_and_a_loop_to_itself():
    _, there, _ = play("redirect")
    _, here, _ = play("redirect-loop")
    assert there["location"].startswith("http://localhost:")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1/chat/completions", here["location"])


def test_texts_come_through_as_they_are():
    for fault in texts.FAULTS:
        _, _, whole = play(fault.name)
        assert whole.endswith(b"data: [DONE]\n\n"), fault.name
        assert read_events(whole), fault.name


@pytest.mark.parametrize(
    "text", ["429:0", "429:-1", "429:x", "429:", "399", "600", "429-", "042", "4२9", "", "stal"]
)
def test_a_bad_name_or_count_is_refused(text):
    with pytest.raises(UsageError):
        faults.parse(text)


def test_the_nearest_name_is_told():
    with pytest.raises(UsageError, match=r"Did you mean 'cut-mid-token'\?"):
        faults.find("cut-mid-tokn")
