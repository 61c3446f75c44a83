"""How large a text is, and what fits beside a reply."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.conversation.sizes import budget_for, estimate, measure, utf8_bytes, wire_bytes

# Every character, lone surrogates too: what argv may hold.
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("a", 1),
        ("four", 1),
        ("a" * 4000, 1000),
        ("я" * 1000, 500),
        ("漢" * 1000, 1000),
        ("😀" * 1000, 2000),
        ("four" + "яя" + "漢" + "😀", 5),
        ("\ud800", 1),
    ],
)
def test_estimates_by_script(text, tokens):
    assert estimate(text) == tokens


@given(ANY_TEXT)
@settings(max_examples=300, deadline=None)
def test_estimate_weighs_each_character_by_its_bytes(text):
    quarters = sum((1, 2, 4, 8)[len(char.encode("utf-8", "surrogatepass")) - 1] for char in text)
    assert estimate(text) == -(-quarters // 4)


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_wire_bytes_are_those_of_the_encoder(text):
    written = json.dumps(text, ensure_ascii=False)
    for bracket in "[]{}":
        written = written.replace(bracket, f"\\u{ord(bracket):04x}")
    assert json.loads(written) == text
    assert wire_bytes(text) == len(written.encode())
    assert utf8_bytes(text) == len(text.encode())


def test_a_message_takes_more_than_its_text():
    empty = measure("")
    assert empty.messages == 1
    assert empty.tokens > 0
    assert empty.wire >= len('{"role": "assistant", "content": ""},')


@pytest.mark.parametrize(
    ("window", "longest", "context", "budget"),
    [
        (32768, 4096, None, 32768 - 4096 - 1638),
        (131072, 16384, None, 131072 - 16384 - 6553),
        (32768, 4096, 500, 500),
        (4096, 4096, None, 1024),
    ],
)
def test_the_budget_leaves_room_for_the_reply(window, longest, context, budget):
    assert budget_for(window, longest, context) == budget
