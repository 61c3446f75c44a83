"""Conversation files."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.conversation.file_format import StoredConversation, dump, parse
from mira_cli.conversation.history import Conversation
from mira_cli.conversation.message import StoredTurn
from mira_cli.errors import UsageError


def as_messages(*contents, system=""):
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": content} for n, content in enumerate(contents)]
    return [{"role": "system", "content": system}, *messages] if system else messages


def test_the_form_of_the_file():
    conversation = Conversation("Be brief.", budget=100)
    conversation.remember("Привет", "Hello")
    conversation.remember("Bye", "Good", cut=True)
    conversation.pin(1)
    text = dump(StoredConversation.of(conversation, "mira-pro"))
    assert json.loads(text) == {
        "format": "mira-conversation/1",
        "model": "mira-pro",
        "pinned": [1, 2],
        "cut": [4],
        "messages": as_messages("Привет", "Hello", "Bye", "Good", system="Be brief."),
    }
    assert "Привет" in text
    assert text.endswith("}\n")


def test_a_new_conversation():
    assert json.loads(dump(StoredConversation(model="mira"))) == {
        "format": "mira-conversation/1",
        "model": "mira",
        "pinned": [],
        "messages": [],
    }


@pytest.mark.parametrize("text", ["", " \n", "\ufeff", "[]", '{"messages": []}'])
def test_nothing_said_yet(text):
    assert parse(text) == StoredConversation()


def test_the_forms_of_others_are_read():
    messages = as_messages("Hi", "Hello", system="Be brief.")
    for form in (messages, {"messages": messages, "more": 1}):
        assert parse("\ufeff" + json.dumps(form)) == StoredConversation(
            "Be brief.", (StoredTurn.of("Hi", "Hello"),)
        )


def test_pins_are_indexes_of_messages():
    messages = as_messages("a", "b", "c", "d", system="s")
    for pinned in ([4], [3], [0, 3, 4]):
        stored = parse(json.dumps({"messages": messages, "pinned": pinned, "model": None}))
        assert [turn.pinned for turn in stored.turns] == [False, True]


@pytest.mark.parametrize(
    ("messages", "stored"),
    [
        (
            as_messages("Hi", "Hello", "And?"),
            StoredConversation(turns=(StoredTurn.of("Hi", "Hello"),), unanswered="And?"),
        ),
        (as_messages("Hi"), StoredConversation(unanswered="Hi")),
        (
            as_messages("Hi", "Hello")[1:] + as_messages("Hi", "Hello"),
            StoredConversation(turns=(StoredTurn.of("Hi", "Hello"),), skipped=1),
        ),
        (
            as_messages("a") + as_messages("b", "c") + as_messages("x", "d")[1:],
            StoredConversation(turns=(StoredTurn.of("a\n\nb", "c\n\nd"),)),
        ),
        (
            as_messages("a", "b") + as_messages(system="late") + as_messages("c", "d", system="later"),
            StoredConversation("late\n\nlater", (StoredTurn.of("a", "b"), StoredTurn.of("c", "d"))),
        ),
        (
            [{"role": "user", "content": [{"type": "text", "text": "a"}, "b"], "name": "x"}],
            StoredConversation(unanswered="ab"),
        ),
        (as_messages("a\ud800", "\ud83d\ude00"), StoredConversation(turns=(StoredTurn.of("a\ufffd", "😀"),))),
    ],
)
def test_odd_conversations_are_read_as_what_they_mean(messages, stored):
    assert parse(json.dumps(messages)) == stored


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "line 1, column 2"),
        ("# Notes\n", "line 1, column 1"),
        ('"text"', "no list of messages"),
        ("17", "no list of messages"),
        ("{}", "no list of messages"),
        ('{"messages": {}}', "no list of messages"),
        ("[NaN]", "NaN is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[1]", "message 1 is not an object"),
        ('[{"role": "user", "content": "a"}, {"role": "tool", "content": "b"}]', "message 2 has no role"),
        ('[{"role": ["user"], "content": "a"}]', "message 1 has no role"),
        ('[{"role": "user"}]', "message 1 has no text"),
        ('[{"role": "user", "content": [{"type": "image_url"}]}]', "message 1 has no text"),
        ('{"format": "mira-conversation/2", "messages": []}', "format is not mira-conversation/1"),
        ('{"format": null, "messages": []}', "format is not mira-conversation/1"),
        ('{"model": 1, "messages": []}', "model is not a text"),
        ('{"pinned": [0], "messages": []}', "'pinned' is not a list of indexes"),
        (
            '{"pinned": [true], "messages": [{"role": "user", "content": "a"}]}',
            "'pinned' is not a list of indexes",
        ),
        ('{"pinned": {"a": 1}, "messages": []}', "'pinned' is not a list of indexes"),
        ('{"cut": [-1], "messages": [{"role": "user", "content": "a"}]}', "'cut' is not a list of indexes"),
    ],
)
def test_anything_else_is_refused_by_name(text, why):
    with pytest.raises(UsageError) as caught:
        parse(text, "talk.json")
    assert caught.value.message.startswith("talk.json is not a conversation: ")
    assert why in caught.value.message
    assert caught.value.hint
    assert "\n" not in caught.value.message


ANY_TEXT = st.text(max_size=20)
TURNS = st.builds(StoredTurn.of, ANY_TEXT, ANY_TEXT, cut=st.booleans(), pinned=st.booleans())


@given(st.builds(StoredConversation, ANY_TEXT, st.lists(TURNS, max_size=6).map(tuple), ANY_TEXT, ANY_TEXT))
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read(stored):
    assert parse(dump(stored)) == stored


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["user", "assistant", "system"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["messages", "role", "content", "pinned", "model", "format"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON_VALUES)
@settings(max_examples=500, deadline=None)
def test_any_json_is_read_or_refused(value):
    try:
        stored = parse(json.dumps(value))
    except UsageError:
        return
    assert parse(dump(stored)) == StoredConversation(
        stored.system, stored.turns, stored.model, stored.unanswered
    )
