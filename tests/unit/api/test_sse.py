"""Events out of bytes, however they are split."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.api.deadline import BrokenBody
from mira_cli.api.sse import DONE, EventReader


def read(*pieces):
    reader = EventReader()
    events = [event for piece in pieces for event in reader.feed(piece)]
    return events + reader.finish()


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_each_line_end_works(end):
    stream = b"data: one" + end + end + b": ping" + end + end + b"data:two" + end + b"data: three" + end + end
    assert read(stream) == [("one", ""), ("two\nthree", "")]


def test_one_space_after_the_colon_is_dropped():
    assert read(b"data:  x\n\n") == [(" x", "")]


def test_a_last_event_needs_no_blank_line_and_no_line_end():
    assert read(b"data: x\n\ndata: y\n") == [("x", ""), ("y", "")]
    assert read(b"data: x\n\ndata: y") == [("x", ""), ("y", "")]


def test_an_event_without_data_is_none():
    assert read(b"event: ping\n\ndata\n\ndata:\n\nid: 4\nretry: 10\n\n") == []


def test_a_name_belongs_to_its_own_event():
    assert read(b"event: error\ndata: {}\n\ndata: {}\n\n") == [("{}", "error"), ("{}", "")]
    assert read(b"event: ping\n\ndata: {}\n\n") == [("{}", "")]


def test_what_unicode_calls_a_line_end_is_text():
    text = '{"a": "one\u2028two\u2029three\u0085four\x0bfive\x0csix"}'
    assert read(f"data: {text}\n\n".encode()) == [(text, "")]


def test_done_counts_at_once():
    reader = EventReader()
    assert reader.feed(b"data: {}\n\ndata: [DONE]") == [("{}", ""), (DONE, "")]
    assert EventReader().feed(b"data: {}\ndata: [DONE]\n") == [("{}", ""), (DONE, "")]
    assert EventReader().feed(b"data:[DONE] \n") == [(DONE, "")]


def test_bytes_that_are_no_utf_8_are_replaced():
    assert read(b"data: a\xffb\n\n") == [("a\ufffdb", "")]


@pytest.mark.parametrize(
    "stream",
    [
        b"data: " + b"x" * 2000,
        b"data: " + b"x" * 2000 + b"\n\n",
        b"data: xxxxxxx\n" * 200,
        b":" + b"x" * 2000,
    ],
    ids=["endless line", "line", "many lines", "comment"],
)
def test_an_event_beyond_the_limit_is_refused(stream, monkeypatch):
    monkeypatch.setattr("mira_cli.api.sse.MAX_EVENT", 1000)
    with pytest.raises(BrokenBody, match="oversized"):
        read(*(stream[at : at + 100] for at in range(0, len(stream), 100)))


def test_an_event_of_empty_lines_takes_no_more_memory_than_their_bytes():
    reader = EventReader()
    tracemalloc.start()
    try:
        for _ in range(100):
            reader.feed(b"data:\n" * 10_000)
        assert tracemalloc.get_traced_memory()[0] < 6_000_000
    finally:
        tracemalloc.stop()


def test_many_small_events_are_not_one_large_one(monkeypatch):
    monkeypatch.setattr("mira_cli.api.sse.MAX_EVENT", 1000)
    assert len(read(b"data: 0123456789\n\n" * 1000)) == 1000


fields = st.sampled_from(
    [b"data: ", b"data:", b"data", b"event: error", b"event:", b": ping", b"id: 1", b"retry: 3", b"x", b""]
)
values = st.sampled_from(["", "{}", '{"a":"й"}', "[DONE]", "\u2028", "😀", " x", '{"a":\n1}']).map(str.encode)
ends = st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n", b"\r\n\r\n", b"\r\r"])
streams = st.lists(st.builds(lambda *parts: b"".join(parts), fields, values, ends), max_size=12).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(stream=streams, data=st.data())
def test_any_split_gives_the_same_events(stream, data):
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=len(stream) + 1)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert read(*pieces) == read(stream)
    assert read(*(stream[at : at + 1] for at in range(len(stream)))) == read(stream)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=8))
def test_no_bytes_can_break_it(pieces):
    for data, name in read(*pieces):
        assert data
        assert "\r" not in data + name
