"""What the API refuses."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.simulator.server import KEY
from mira_cli.simulator.validation import MAX_BODY, check_body, check_key

JSON = "application/json"
HELLO = {"role": "user", "content": "hello"}


def check(**changes):
    body = {"model": "mira", "messages": [HELLO], **changes}
    return check_body(json.dumps(body).encode(), JSON)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        f"Bearer  {KEY}",
        f"bearer {KEY}",
        KEY,
        "Bearer sk-other-1",
        f"Bearer {KEY}x",
        f"Basic {KEY}",
    ],
)
def test_a_key_that_is_not_ours_is_refused(header):
    assert check_key(header, KEY).status == 401


def test_our_key_is_taken():
    assert check_key(f"Bearer {KEY}", KEY) is None
    assert KEY.startswith("sk-mira-")
    assert len(KEY) == 48


@pytest.mark.parametrize(
    "good",
    [
        {},
        {"temperature": 0},
        {"temperature": 2.0, "top_p": 1, "max_tokens": 1, "stop": ["a", "b"], "stream": True},
        {"stop": "x", "stream": False, "response_format": {"type": "json_object"}},
        {"stream_options": {"include_usage": True}, "unknown": None},
        {"messages": [HELLO] * 200},
        {"messages": [{"role": "system", "content": "x"}, {"role": "user", "content": "я" * 16_000}]},
    ],
)
def test_what_the_reference_allows_is_taken(good):
    assert check(**good) is None


@pytest.mark.parametrize(
    ("bad", "place"),
    [
        ({"temperature": None}, ["body", "temperature"]),
        ({"temperature": 2.1}, ["body", "temperature"]),
        ({"temperature": True}, ["body", "temperature"]),
        ({"temperature": "1"}, ["body", "temperature"]),
        ({"temperature": float("nan")}, ["body", "temperature"]),
        ({"top_p": -0.1}, ["body", "top_p"]),
        ({"stream": None}, ["body", "stream"]),
        ({"stream": 1}, ["body", "stream"]),
        ({"max_tokens": 1.5}, ["body", "max_tokens"]),
        ({"max_tokens": -1}, ["body", "max_tokens"]),
        ({"max_tokens": "9"}, ["body", "max_tokens"]),
        ({"stop": [1]}, ["body", "stop"]),
        ({"response_format": "json"}, ["body", "response_format"]),
        ({"messages": None}, ["body", "messages"]),
        ({"messages": []}, ["body", "messages"]),
        ({"messages": ["hello"]}, ["body", "messages", 0]),
        ({"messages": [HELLO, {"role": "tool", "content": "x"}]}, ["body", "messages", 1, "role"]),
        ({"messages": [{"role": "user", "content": None}]}, ["body", "messages", 0, "content"]),
        ({"messages": [{"role": "user", "content": "я" * 16_001}]}, ["body", "messages", 0, "content"]),
        ({"model": 1}, ["body", "model"]),
    ],
)
def test_a_bad_parameter_is_named_by_its_place(bad, place):
    refusal = check(**bad)
    assert refusal.status == 422
    assert refusal.detail[0]["loc"] == place


def test_too_many_messages_are_echoed():
    refusal = check(messages=[HELLO] * 201)
    assert refusal.status == 422
    assert refusal.detail[0]["input"] == [HELLO] * 201


def test_an_unknown_model_is_a_400():
    assert check(model="gpt").status == 400


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b"", JSON, 422),
        (b"{", JSON, 422),
        (b"[]", JSON, 422),
        (b'{"a": "\x00"}', JSON, 400),
        (b'{"a": "\xff"}', JSON, 400),
        (b"{" * 21, JSON, 400),
        (b'"' + b"[" * 21 + b'"', JSON, 400),
        (b"x" * (MAX_BODY + 1), JSON, 413),
        (b"{}", "text/plain", 422),
        (b"{}", "application/json; charset=utf-8", 422),
    ],
)
def test_a_bad_body_gets_its_status(raw, kind, status):
    assert check_body(raw, kind).status == status


def test_brackets_within_strings_count():
    assert check(messages=[{"role": "user", "content": "[" * 18}]).status == 400
    assert check(messages=[{"role": "user", "content": "[" * 17}]) is None
    assert check(messages=[{"role": "user", "content": "[]" * 50}]) is None


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_body_breaks_the_check(raw):
    refusal = check_body(raw, JSON)
    assert refusal is not None
    assert refusal.status in {400, 422}
