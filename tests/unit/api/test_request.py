"""Requests as JSON: what is sent, what is not, and what is refused before."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.api.request import encode
from mira_cli.conversation.message import Message, Options, Request
from mira_cli.conversation.sizes import MAX_MESSAGE_BYTES, MAX_MESSAGES, MAX_REQUEST_BYTES
from mira_cli.errors import RefusedError, TooLargeError


def request(*contents, **options):
    messages = tuple(Message("user", content) for content in contents or ("Hi",))
    return Request(messages, Options("mira", **options))


def sent(*contents, **options):
    return json.loads(encode(request(*contents, **options)))


def test_what_is_unset_is_not_sent():
    assert sent() == {
        "model": "mira",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_what_is_set_is_sent():
    options = {"temperature": 0, "top_p": 0.5, "max_tokens": 7, "response_format": {"type": "json_object"}}
    body = sent(**options, stop=("a", "b"))
    assert {name: body[name] for name in options} == options
    assert body["stop"] == ["a", "b"]


def test_stream_options_can_be_left_out():
    body = json.loads(encode(request(), stream_options=False))
    assert "stream_options" not in body
    assert body["stream"] is True


def test_the_order_of_fields_is_fixed():
    assert encode(request(temperature=1.0)) == encode(request(temperature=1.0))
    assert list(sent(temperature=1.0))[:2] == ["model", "messages"]


def depth(body):
    """As the server counts it: the raw body, characters inside strings too."""
    deepest = level = 0
    for byte in body:
        level += (byte in b"{[") - (byte in b"}]")
        deepest = max(deepest, level)
    return deepest


@pytest.mark.parametrize("text", ["[" * 500, "}}}{{{" * 99, "\x1b[31m" * 50, "@@ -1,2 +1,2 @@ [{("])
def test_brackets_inside_strings_do_not_count(text):
    body = encode(request(text))
    assert depth(body) <= 3
    assert json.loads(body)["messages"][0]["content"] == text


def test_a_nul_is_never_sent_raw():
    body = encode(request("a\x00b"))
    assert b"\x00" not in body
    assert json.loads(body)["messages"][0]["content"] == "a\x00b"


def test_letters_travel_as_they_are():
    assert "Привет, 世界 😀".encode() in encode(request("Привет, 世界 😀"))


def test_lone_surrogates_are_replaced_and_pairs_joined():
    assert sent("a\ud83db")["messages"][0]["content"] == "a\ufffdb"
    assert sent("\ud83d\ude00")["messages"][0]["content"] == "😀"


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_arrives_unchanged(text):
    body = encode(request(text, stop=(text,) if text else ()))
    assert json.loads(body)["messages"][0]["content"] == text
    assert b"\x00" not in body
    assert depth(body) <= 3


def test_the_limit_of_a_message_counts_bytes():
    assert encode(request("x" * MAX_MESSAGE_BYTES))
    assert encode(request("й" * (MAX_MESSAGE_BYTES // 2)))
    with pytest.raises(TooLargeError, match=r"32,001 bytes; the API takes 32,000 bytes a message"):
        encode(request("x" * (MAX_MESSAGE_BYTES + 1)))
    with pytest.raises(TooLargeError, match="32,002 bytes"):
        encode(request("й" * (MAX_MESSAGE_BYTES // 2 + 1)))


def test_a_reply_or_system_prompt_that_is_too_long_is_called_so():
    for role, name in (("system", "system prompt"), ("assistant", "reply")):
        with pytest.raises(TooLargeError, match=f"The {name} is 40,000 bytes"):
            encode(Request((Message(role, "x" * 40_000), Message("user", "Hi")), Options("mira")))


def test_the_limit_of_the_body():
    with pytest.raises(TooLargeError, match="1,000,000 bytes a request"):
        encode(request(*["x" * 31_000] * 40))
    assert len(encode(request(*["x" * 31_000] * 30))) < MAX_REQUEST_BYTES


def test_the_limit_of_messages():
    assert encode(request(*["x"] * MAX_MESSAGES))
    with pytest.raises(RefusedError, match="201 messages"):
        encode(request(*["x"] * (MAX_MESSAGES + 1)))


def test_the_system_text_can_be_folded_into_the_first_question():
    messages = (
        Message("system", "Be brief."),
        Message("user", "Hi"),
        Message("assistant", "Yes"),
        Message("user", "?"),
    )
    body = json.loads(encode(Request(messages, Options("mira", fold_system=True))))
    assert body["messages"][0] == {"role": "user", "content": "Be brief.\n\nHi"}
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
