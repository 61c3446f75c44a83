"""The conversation in memory: turns that are remembered, changed, pinned and joined."""

from __future__ import annotations

import re
from copy import copy

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mira_cli.conversation.history import Conversation, join
from mira_cli.conversation.message import Message, StoredTurn
from mira_cli.errors import ContextError, TooLargeError, UsageError
from rig.conversations import SHAPE, make_conversation, shape


def test_the_first_question_is_sent_alone():
    sent = Conversation(budget=100).with_question("Hi")
    assert sent.messages == (Message("user", "Hi"),)
    assert sent.dropped == 0
    assert 0 < sent.tokens == sent.least < 100


def test_turns_are_remembered_and_sent_after_the_system_message():
    conversation = Conversation("Be brief.", budget=100)
    conversation.remember("Hi", "Hello")
    sent = conversation.with_question("Bye")
    assert sent.messages == (
        Message("system", "Be brief."),
        Message("user", "Hi"),
        Message("assistant", "Hello"),
        Message("user", "Bye"),
    )


def test_asking_remembers_nothing_and_a_turn_without_reply_is_not_kept():
    conversation = Conversation(budget=100)
    conversation.with_question("Hi")
    conversation.remember("Hi", "")
    assert conversation.turns == ()


def test_the_system_text_can_change():
    conversation = make_conversation(1)
    conversation.system = "Be brief."
    assert conversation.with_question("Hi").messages[0] == Message("system", "Be brief.")
    conversation.system = ""
    assert shape(conversation.with_question("Hi").messages) == "uau"


class TestEditing:
    def test_the_rest_of_a_cut_reply_is_joined(self):
        conversation = Conversation(budget=1000)
        conversation.remember("Count", "one two thr", cut=True)
        conversation.join_last("two three four", cut=True)
        assert conversation.turns == (StoredTurn.of("Count", "one two three four", cut=True),)
        conversation.join_last(" five")
        assert conversation.turns == (StoredTurn.of("Count", "one two three four five"),)

    def test_a_question_about_the_last_turn_sends_it_whatever_the_budget(self):
        conversation = Conversation(budget=100)
        conversation.remember("Hi", "x" * 400)
        assert shape(conversation.with_question("Go on").messages) == "u"
        sent = conversation.with_question("Go on", keep_last=True)
        assert shape(sent.messages) == "uau"
        assert 300 < len(sent.messages[1].content) < 400  # of the reply, the end that fits
        assert sent.tokens <= 100
        conversation.budget = 10
        with pytest.raises(ContextError):
            conversation.with_question("Go on", keep_last=True)
        conversation.budget = 200
        conversation.remember("And", "y" * 400)
        assert [m.content[:1] for m in conversation.with_question("Go on", keep_last=True).messages] == [
            "A",
            "y",
            "G",
        ]

    @pytest.mark.parametrize("letter", ["x", "ж", "世", "👋"])
    def test_a_question_about_a_reply_that_is_too_long_sends_its_end(self, letter):
        conversation = Conversation(budget=10**6)
        reply = "start " + letter * 33_000 + "end"
        conversation.remember("Hi", reply)
        sent = conversation.with_question("Go on", keep_last=True).messages[1].content
        assert reply.endswith(sent)
        assert 32_000 - 4 < len(sent.encode()) <= 32_000
        assert conversation.turns[0].reply.content == reply

    def test_what_is_left_out_is_told_once_a_reason(self):
        conversation = make_conversation(3, budget=10**6)
        conversation.remember("Long?", "ж" * 17_000)
        first = conversation.with_question("Hi")
        told = "Left out the last reply: 34,000 bytes; the API takes at most 32,000 a message."
        assert first.notices(None) == [told]
        conversation.remember("Hi", "Hello")
        second = conversation.with_question("Bye")
        assert second.too_long == {8: "message 8: 34,000 bytes"}
        assert second.notices(first) == []
        conversation.budget = 60
        third = conversation.with_question("Bye")
        (notice,) = third.notices(second)
        assert re.fullmatch(r"Dropped the [246] oldest messages to stay within 60 tokens\.", notice)
        assert third.notices(third) == []

    def test_a_copy_goes_its_own_way(self):
        conversation = make_conversation(2)
        conversation.calibrate(conversation.with_question("Hi"), 10**6)
        other = copy(conversation)
        assert other.with_question("Hi") == conversation.with_question("Hi")
        other.remember("a", "b")
        other.pin(1)
        assert len(conversation.turns) == 2
        assert not conversation.turns[0].pinned


class TestPinning:
    @pytest.mark.parametrize("number", [1, 2])
    def test_a_pinned_message_is_sent_with_its_turn(self, number):
        conversation = make_conversation(20, budget=150)
        conversation.pin(number)
        sent = conversation.with_question("Hi")
        assert [m.content.strip() for m in sent.messages[:2]] == ["question 0", "reply 0"]
        assert SHAPE.fullmatch(shape(sent.messages))
        assert sent.tokens <= 150
        conversation.pin(number, pinned=False)
        assert conversation.with_question("Hi").messages[0].content.strip() != "question 0"

    @pytest.mark.parametrize("number", [-1, 0, 5])
    def test_no_such_message(self, number):
        with pytest.raises(UsageError, match=f"no message {number}"):
            make_conversation(2).pin(number)

    def test_what_cannot_be_sent_cannot_be_pinned(self):
        conversation = Conversation(budget=10**6)
        conversation.remember("Hi", "x" * 40_000)
        with pytest.raises(TooLargeError, match="40,000 bytes"):
            conversation.pin(2)
        assert shape(conversation.with_question("Bye").messages) == "u"


class TestWhatWouldBeSent:
    def test_the_servers_count_holds_while_the_same_would_be_sent(self):
        conversation = make_conversation(1, budget=1000)
        sent = conversation.with_question("Hi")
        conversation.remember("Hi", "Hello")
        assert conversation.would_send().estimated
        conversation.set_count(sent, 77)
        counted = conversation.would_send()
        assert (counted.tokens, counted.estimated, counted.dropped) == (77, False, 0)
        conversation.remember("Bye", "Bye")
        assert conversation.would_send().estimated
        conversation.turns = conversation.turns[:-1]
        assert conversation.would_send().tokens == 77
        conversation.system = "Be brief."
        assert conversation.would_send().tokens != 77

    def test_looking_never_fails(self):
        conversation = make_conversation(3, system="x" * 4000, budget=60)
        sent = conversation.would_send()
        assert (shape(sent.messages), sent.kept, sent.dropped) == ("s", (), 6)
        assert sent.tokens > 60

    def test_nothing_is_no_estimate(self):
        sent = Conversation(budget=60).would_send()
        assert (sent.tokens, sent.estimated, sent.messages) == (0, False, ())


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("", "all of it", "all of it"),
        ("one two", "", "one two"),
        ("one two", " three", "one two three"),
        ("one two three fo", "three four five", "one two three four five"),
        ("Hello wor", "world!", "Hello world!"),
        ("I saw a", "a cat", "I saw a cat"),
        ("I like ban", "ana", "I like banana"),
        ("I like the", "end", "I like theend"),
        ("abcdef", "defghi", "abcdefghi"),
        ("first\n", "\nsecond", "first\n\nsecond"),
        ("Раз, два, тр", "два, три", "Раз, два, три"),
        (
            "A whole reply that was cut of",
            "A whole reply that was cut off here.",
            "A whole reply that was cut off here.",
        ),
        ("x a line of code\n" * 3 + "x a line", "x a line of code\nend", "x a line of code\n" * 4 + "end"),
    ],
)
def test_a_continuation_is_joined_without_the_overlap(before, after, joined):
    assert join(before, after) == joined


def test_the_longest_repetition_counts():
    line = "the same line of text\n"
    assert join("start\n" + line * 3, line * 3 + "end") == "start\n" + line * 3 + "end"


@given(st.text("ab \n", max_size=80), st.text("ab \n", max_size=40))
@settings(max_examples=300, deadline=None)
def test_nothing_that_came_is_lost(before, after):
    joined = join(before, after)
    assert joined.startswith(before)
    assert joined.endswith(after)


@given(st.text(min_size=1, max_size=80), st.integers(0, 80), st.integers(0, 80))
@settings(max_examples=300, deadline=None)
def test_a_repeated_end_of_some_length_is_written_once(text, cut, back):
    text = " ".join(f"{index}{char}" for index, char in enumerate(text))
    cut = min(cut, len(text))
    start = text.rfind(" ", 0, max(0, cut - back)) + 1
    assume(cut - start >= 3)
    assert join(text[:cut], text[start:]) == text


def test_a_megabyte_of_one_letter_is_no_trap():
    before = "a" * 500_000 + "b"
    assert join(before, "a" * 500_000) == before + "a" * 500_000
