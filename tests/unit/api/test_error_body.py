"""The words of an error body in each shape it may have."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.api.error_body import message_of, read_message


def text_of(value):
    return read_message(value if isinstance(value, bytes) else json.dumps(value).encode()).text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"detail": "no"}, "no"),
        ({"detail": {"error": "no"}}, "no"),
        ({"detail": {"message": "no", "code": "x"}}, "no"),
        ({"detail": json.dumps({"error": "no"})}, "no"),
        ({"detail": json.dumps([{"loc": ["body", "a"], "msg": "no"}])}, "a: no"),
        (
            {"detail": [{"loc": ["body", "messages", 0, "content"], "msg": "too long"}]},
            "messages.0.content: too long",
        ),
        ({"detail": [{"msg": "a"}, {"msg": "b"}, {"loc": [], "msg": "c"}, {"msg": "d"}]}, "a; b; c"),
        ({"error": {"message": "no", "type": "t", "code": None}}, "no"),
        ({"error": "no"}, "no"),
        ({"error": "rate_limited", "message": "Slow down"}, "Slow down"),
        ({"error": "The model is not loaded", "message": "Slow down"}, "The model is not loaded"),
        ({"error": "rate_limited"}, "rate_limited"),
        ({"statusCode": 400, "error": "Bad Request", "message": "no"}, "no"),
        ({"statusCode": 400, "error": "Bad Request", "message": ["a", "b"]}, "a; b"),
        (
            {"status": 500, "error": "Internal Server Error", "message": "", "path": "/v1"},
            "Internal Server Error",
        ),
        ({"error": {"error": {"message": "deep"}}}, "deep"),
        ({"message": "no"}, "no"),
        ({"errors": ["a", "b"]}, "a; b"),
        ({"error": {"code": "model_overloaded", "message": None}}, "model_overloaded"),
        ({"code": 7, "type": "model_overloaded"}, "model_overloaded"),
        ("no", "no"),
        (["no"], "no"),
        ({}, ""),
        ({"detail": None}, ""),
        ({"detail": 7}, ""),
        (b"plain words", "plain words"),
        (b"\xef\xbb\xbf" + b'{"detail": "no"}', "no"),
        (b"", ""),
        (b"  \n", ""),
        (b"<html><h1>502</h1>", ""),
        (b"  <!DOCTYPE html>", ""),
        (b"Error <html>", ""),
        (b'{"detail": "cut \\" off', 'cut \\" off'),
        (b'{"messages": [{"content": "secret', ""),
        (b"{not json}", ""),
    ],
)
def test_where_the_words_are(body, text):
    assert text_of(body) == text


def test_what_pydantic_repeats_of_the_input_is_not_taken():
    issue = {"type": "too_long", "loc": ["body", "messages"], "msg": "at most 200", "input": ["my secret"]}
    assert text_of({"detail": [issue]}) == "messages: at most 200"


@pytest.mark.parametrize(
    "body",
    [
        {"detail": '{"category":"violence","error":"content_blocked"}'},
        {"detail": {"category": "violence", "error": "content_blocked"}},
        {"error": {"code": "content_blocked", "message": "No.", "category": "violence"}},
    ],
)
def test_blocked_content_in_each_shape(body):
    message = message_of(body)
    assert message.blocked
    assert message.category == "violence"


def test_codes_are_gathered_from_every_level():
    message = message_of({"error": {"message": "m", "type": "Insufficient_Quota", "code": 429}})
    assert message.codes == {"insufficient_quota", "429"}
    assert not message.blocked


def test_depth_is_bounded():
    value = "deep"
    for _ in range(50):
        value = {"detail": value}
    assert message_of(value).text == ""
    assert read_message(b"[" * 60_000).text == ""


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "detail", "message", "loc", "msg", "code", "category"]), inner
        )
    ),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(values)
def test_no_value_can_break_it(value):
    assert isinstance(message_of(value).text, str)
    assert read_message(json.dumps(value).encode()) == message_of(value) or not isinstance(
        value, (dict, list, str)
    )


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_no_bytes_can_break_it(body):
    assert isinstance(read_message(body).text, str)
