"""Heads and bodies of HTTP/1.x, as strict servers and careless ones send them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.api.exchange_errors import Garbled
from mira_cli.api.http1 import MAX_HEAD, Head, body_of, parse_head, split_head


def head_of(text):
    return parse_head(text.encode("latin-1"))


def test_a_head_is_parted_from_what_follows():
    assert split_head(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody") == (b"HTTP/1.1 200 OK\r\nA: b\r", b"body")
    assert split_head(b"\r\nHTTP/1.1 200 OK\n\nbody\n\n") == (b"HTTP/1.1 200 OK", b"body\n\n")
    assert split_head(b"HTTP/1.1 200 OK\r\nA: b\r\n") is None
    assert split_head(b"HT") is None


@pytest.mark.parametrize(
    "data", [b"SSH-2.0-x\r\n", b"<html>", b"\x15\x03\x01", b"HTTP/1.1 " + b"x" * MAX_HEAD]
)
def test_what_is_no_head_is_refused_at_once(data):
    with pytest.raises(Garbled):
        split_head(data)


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ("HTTP/1.1 200 OK", 200, "OK"),
        ("HTTP/1.0 404", 404, ""),
        ("HTTP/1.1  503  Too busy ", 503, "Too busy"),
        ("HTTP/1.1 200 ", 200, ""),
        ("HTTP/2 200", 200, ""),
    ],
)
def test_status_lines(line, status, reason):
    head = head_of(line)
    assert (head.status, head.reason) == (status, reason)


@pytest.mark.parametrize("line", ["HTTP/1.1", "HTTP/1.1 OK", "HTTP/1.1 2000 OK", "HTTP/x 200"])
def test_broken_status_lines(line):
    with pytest.raises(Garbled):
        head_of(line)


def test_header_names_are_lowered_and_values_joined():
    head = head_of("HTTP/1.1 200 OK\r\nX-One:1\r\nx-ONE :  2 \r\nFolded: a\r\n  b\r\nnonsense\r\nEmpty:\r\n")
    assert head.headers["x-one"] == "1, 2"
    assert head.headers["folded"] == "a b"
    assert head.headers["empty"] == ""


@pytest.mark.parametrize(
    ("text", "persistent"),
    [
        ("HTTP/1.1 200 OK", True),
        ("HTTP/1.1 200 OK\nConnection: Close", False),
        ("HTTP/1.0 200 OK", False),
        ("HTTP/1.0 200 OK\nConnection: Keep-Alive", True),
    ],
)
def test_whether_the_connection_stays(text, persistent):
    assert head_of(text).persistent is persistent


def test_informational_answers_are_not_the_answer():
    assert head_of("HTTP/1.1 100 Continue").informational
    assert not head_of("HTTP/1.1 200 OK").informational
    assert not head_of("HTTP/1.1 101 Switching Protocols").informational


def read(headers, *pieces, status=200):
    body = body_of(head_of(f"HTTP/1.1 {status} X\n{headers}"))
    return b"".join(body.feed(piece) for piece in pieces), body


def test_a_sized_body_ends_by_itself():
    data, body = read("Content-Length: 5", b"hel", b"lo!!")
    assert (data, body.done, body.rest) == (b"hello", True, b"!!")
    _, cut = read("Content-Length: 5", b"hel")
    assert not cut.end()
    assert read("content-length: 0")[1].done
    assert read("", status=204)[1].done


def test_equal_lengths_are_one_and_different_ones_none():
    assert read("Content-Length: 2\nContent-Length: 2", b"hi")[0] == b"hi"
    for value in ("2, 3", "-1", "+2", "1_0", "two", "", "٣", "9" * 5000):
        with pytest.raises(Garbled):
            body_of(Head(200, "", {"content-length": value}, persistent=True))


def test_a_body_without_a_length_ends_with_the_connection():
    data, body = read("", b"hel", b"lo")
    assert data == b"hello"
    assert not body.done
    assert body.end()
    assert body.done


def test_an_identity_transfer_encoding_says_nothing():
    assert read("Transfer-Encoding: identity\nContent-Length: 2", b"hi")[1].done
    assert not read("Transfer-Encoding: identity", b"hi")[1].done


def test_a_compressed_transfer_is_refused():
    for value in ("gzip, chunked", "gzip"):
        with pytest.raises(Garbled):
            read(f"Transfer-Encoding: {value}")


CHUNKED = b"5\r\nhello\r\n6;name=value\r\n world\r\n00\r\nTrailer: x\r\n\r\n"


def test_a_chunked_body_in_any_case_and_with_a_length_beside_it():
    data, body = read("Transfer-Encoding: Chunked\nContent-Length: 3", CHUNKED + b"next")
    assert (data, body.done, body.rest) == (b"hello world", True, b"next")


def test_a_bare_lf_and_spaces_are_taken():
    assert read("transfer-encoding: chunked", b" 5 \nhello\n0\n\n")[0] == b"hello"


def test_the_connection_may_end_after_the_last_chunk_but_not_before():
    _, body = read("transfer-encoding: chunked", b"5\r\nhello\r\n0\r\n")
    assert not body.done
    assert body.end()
    _, cut = read("transfer-encoding: chunked", b"5\r\nhello\r\n")
    assert not cut.end()


@pytest.mark.parametrize(
    "data",
    [
        b"zz\r\n",
        b"-5\r\nhello",
        b"0x5\r\nhello",
        b"5\r\nhelloworld\r\n",
        b"\r\n\r\n\r\n5\r\n",
        b"5" * 5000,
        b";" * 5000,
    ],
)
def test_broken_chunks_are_refused(data):
    with pytest.raises(Garbled):
        read("transfer-encoding: chunked", data, b"x" * 10)


def test_what_came_before_a_broken_chunk_is_given_out_first():
    body = body_of(parse_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked"))
    assert body.feed(b"5\r\nhello\r\nzz\r\n") == b"hello"
    with pytest.raises(Garbled):
        body.feed(b"5")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.data())
def test_any_split_gives_the_same_body(chunks, data):
    stream = b"".join(b"%X\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)))))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    read_back, body = read("transfer-encoding: chunked", *pieces)
    assert read_back == b"".join(chunks)
    assert (body.done, body.rest) == (True, b"")
