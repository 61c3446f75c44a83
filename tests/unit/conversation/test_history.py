"""The conversation in memory and what each request sends of it."""

from __future__ import annotations

import re
from copy import copy

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mira_cli.conversation.history import Conversation, join
from mira_cli.conversation.message import Message, StoredTurn
from mira_cli.conversation.trimming import MAX_MESSAGE_BYTES, MAX_MESSAGES, MAX_REQUEST_BYTES
from mira_cli.errors import ContextError, TooLargeError, UsageError

SHAPE = re.compile(r"s?(ua)*u")


def shape(messages):
    return "".join(message.role[0] for message in messages)


def talk(count, *, system="", budget=10**6, length=40):
    turns = [StoredTurn.of(f"question {n}".ljust(length), f"reply {n}".ljust(length)) for n in range(count)]
    return Conversation(system, budget=budget, turns=turns)


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


def test_oldest_turns_go_first_and_the_transcript_stays_whole():
    conversation = talk(60, system="Be brief.", budget=500)
    sent = conversation.with_question("The newest question")
    assert shape(sent.messages).startswith("s")
    assert SHAPE.fullmatch(shape(sent.messages))
    assert sent.messages[-1].content == "The newest question"
    assert sent.messages[-3].content.startswith("question 59")
    assert sent.tokens <= 500
    assert sent.dropped == 120 + 2 - len(sent.messages)
    assert len(conversation.turns) == 60


def test_a_sixty_turn_chat_stays_in_its_budget():
    conversation = Conversation("You are a parrot.", budget=500)
    for number in range(60):
        question = f"Question {number}: " + "word " * 12
        sent = conversation.with_question(question)
        assert SHAPE.fullmatch(shape(sent.messages))
        assert sent.messages[0].role == "system"
        assert sent.messages[-1].content == question
        assert sum(len(message.content) for message in sent.messages) / 4 <= 500
        conversation.calibrate(sent, sum(len(message.content.split()) for message in sent.messages))
        conversation.remember(question, "Echo. " * 12)


def test_what_does_not_fit_is_refused_with_both_sizes():
    conversation = Conversation("system text " * 100, budget=200)
    with pytest.raises(ContextError, match=r"304 \+ 5 = 309 tokens; 200 fit"):
        conversation.with_question("Hi")
    with pytest.raises(TooLargeError, match="32,000 bytes"):
        Conversation(budget=10**6).with_question("я" * 16_001)
    assert Conversation(budget=10**6).with_question("я" * 16_000).dropped == 0


def test_the_system_text_can_change():
    conversation = talk(1)
    conversation.system = "Be brief."
    assert conversation.with_question("Hi").messages[0] == Message("system", "Be brief.")
    conversation.system = ""
    assert shape(conversation.with_question("Hi").messages) == "uau"


class TestCalibration:
    def test_a_server_that_counts_more_makes_room_smaller(self):
        conversation = talk(50, budget=1000)
        before = conversation.with_question("Hi")
        conversation.calibrate(before, 2 * before.raw)
        after = conversation.with_question("Hi")
        assert after.dropped > before.dropped
        assert after.tokens == 2 * after.raw <= 1000

    def test_a_server_that_counts_words_does_not_overfill_the_window(self):
        conversation = talk(50, budget=1000)
        before = conversation.with_question("Hi")
        conversation.calibrate(before, before.raw // 3)
        assert conversation.with_question("Hi") == before

    def test_a_wild_count_is_bounded_and_zero_is_no_count(self):
        conversation = Conversation(budget=1000)
        sent = conversation.with_question("Hi")
        conversation.calibrate(sent, 0)
        assert conversation.with_question("Hi") == sent
        conversation.calibrate(sent, 10**6)
        assert conversation.with_question("Hi").tokens == 3 * sent.raw


class TestHalving:
    def test_half_is_sent_again_and_remembered(self):
        conversation = talk(50, budget=1000)
        refused = conversation.with_question("Hi")
        assert conversation.halve_budget(refused)
        again = conversation.with_question("Hi")
        assert again.tokens <= 500
        assert conversation.budget <= 500

    def test_also_when_the_budget_was_far_from_full(self):
        conversation = talk(10, budget=10**6)
        refused = conversation.with_question("Hi")
        assert conversation.halve_budget(refused)
        assert conversation.with_question("Hi").tokens <= refused.tokens / 2

    def test_what_must_be_sent_still_is(self):
        conversation = talk(2, system="x" * 4000, budget=10**6)
        refused = conversation.with_question("Hi")
        assert conversation.halve_budget(refused)
        assert shape(conversation.with_question("Hi").messages) == "su"

    def test_a_later_question_that_is_longer_is_sent_alone(self):
        conversation = talk(2, budget=1000)
        assert conversation.halve_budget(conversation.with_question("Hi"))
        sent = conversation.with_question("a longer one " * 50)
        assert shape(sent.messages) == "u"
        assert conversation.budget < sent.tokens <= 1000
        assert shape(copy(conversation).with_question("a longer one " * 50).messages) == "u"
        with pytest.raises(ContextError, match="1,000 fit"):
            conversation.with_question("far too long " * 500)

    def test_a_new_budget_takes_the_place_of_what_was_learned(self):
        conversation = talk(2, budget=1000)
        before = conversation.with_question("Hi")
        assert conversation.halve_budget(before)
        conversation.budget = 1000
        assert conversation.with_question("Hi") == before

    def test_nothing_left_to_drop(self):
        conversation = Conversation("system", budget=1000)
        assert not conversation.halve_budget(conversation.with_question("Hi"))
        assert conversation.budget == 1000


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
        conversation = talk(3, budget=10**6)
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
        conversation = talk(2)
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
        conversation = talk(20, budget=150)
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
            talk(2).pin(number)

    def test_what_cannot_be_sent_cannot_be_pinned(self):
        conversation = Conversation(budget=10**6)
        conversation.remember("Hi", "x" * 40_000)
        with pytest.raises(TooLargeError, match="40,000 bytes"):
            conversation.pin(2)
        assert shape(conversation.with_question("Bye").messages) == "u"


class TestTheApiLimits:
    """What is over them is left out, or refused with the figures if it must be sent."""

    def test_at_most_200_messages(self):
        sent = talk(300, system="Be brief.").with_question("Hi")
        assert len(sent.messages) == MAX_MESSAGES
        assert sent.kept == tuple(range(201, 300))
        assert (sent.too_long, sent.dropped, sent.limit) == ({}, 402, "200 messages")
        assert len(talk(300).with_question("Hi").messages) == MAX_MESSAGES - 1

    def test_the_request_stays_under_its_bytes(self):
        sent = talk(40, length=31_000).with_question("Hi")
        assert sent.kept == tuple(range(25, 40))
        assert sum(len(message.content) for message in sent.messages) < MAX_REQUEST_BYTES
        assert sent.limit == "1,000,000 bytes"

    def test_a_short_turn_before_a_long_one_is_not_sent_with_a_gap(self):
        conversation = talk(1)
        conversation.remember("Long?", "x" * 400)
        conversation.remember("Short?", "Yes")
        conversation.budget = 60
        assert conversation.with_question("Hi").kept == (2,)

    def test_a_turn_that_the_api_would_refuse_is_passed_over(self):
        conversation = talk(1)
        conversation.remember("Too long?", "x" * (MAX_MESSAGE_BYTES + 1))
        conversation.remember("Just not?", "x" * MAX_MESSAGE_BYTES)
        assert conversation.with_question("Hi").kept == (0, 2)

    def test_a_system_text_that_is_folded_needs_room_in_the_first_question(self):
        conversation = Conversation("s" * 1_000, budget=10**6)
        conversation.remember("x" * 31_500, "reply")
        conversation.remember("question", "reply")
        assert conversation.with_question("Hi").kept == (0, 1)
        assert conversation.with_question("Hi", folded=True).kept == (1,)
        assert conversation.with_question("x" * 31_500, folded=True).kept == (1,)
        conversation.turns = ()
        with pytest.raises(TooLargeError, match=r"1,000 \+ 31,500 bytes, sent as one"):
            conversation.with_question("x" * 31_500, folded=True)

    @pytest.mark.parametrize(
        ("system", "pinned", "question", "what"),
        [
            ("x" * 40_000, "", "Hi", "The system message is 40,000 bytes"),
            ("", "", "x" * 32_001, "The question is 32,001 bytes"),
            ("", "x" * 50_000, "Hi", "A pinned message is 50,000 bytes"),
        ],
    )
    def test_a_message_that_must_be_sent_and_cannot(self, system, pinned, question, what):
        conversation = Conversation(system, budget=10**6, turns=[StoredTurn.of("a", pinned, pinned=True)])
        with pytest.raises(TooLargeError) as caught:
            conversation.with_question(question)
        assert caught.value.message.startswith(what)
        assert "32,000 bytes" in caught.value.message
        assert caught.value.exit_code == 5

    def test_pinned_turns_are_named_when_they_are_in_the_way(self):
        turns = [StoredTurn.of("question", "reply" * 20, pinned=True)] * 100
        with pytest.raises(ContextError, match="pinned messages and the question take about"):
            Conversation(budget=30, turns=turns[:1]).with_question("Hi")
        with pytest.raises(ContextError, match="take 201 messages; the API takes at most 200"):
            Conversation(budget=10**6, turns=turns).with_question("Hi")

    def test_a_request_that_is_too_long_in_bytes(self):
        turns = [StoredTurn.of("question", "x" * 31_000, pinned=True)] * 31
        with pytest.raises(TooLargeError, match="1,000,000 bytes a request"):
            Conversation(budget=10**6, turns=turns).with_question("Hi")

    def test_the_cost_does_not_grow_with_what_is_left_out(self):
        turns = [StoredTurn.of("question", "reply") for _ in range(1000)]
        Conversation(budget=100, turns=turns).with_question("Hi")
        assert sum("size" in turn.__dict__ for turn in turns) < 20  # measured


class TestWhatWouldBeSent:
    def test_the_servers_count_holds_while_the_same_would_be_sent(self):
        conversation = talk(1, budget=1000)
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
        conversation = talk(3, system="x" * 4000, budget=60)
        sent = conversation.would_send()
        assert (shape(sent.messages), sent.kept, sent.dropped) == ("s", (), 6)
        assert sent.tokens > 60

    def test_nothing_is_no_estimate(self):
        sent = Conversation(budget=60).would_send()
        assert (sent.tokens, sent.estimated, sent.messages) == (0, False, ())


TEXTS = st.text("aя漢 [\n", max_size=60)


@given(
    TEXTS, st.lists(st.tuples(TEXTS, TEXTS.filter(bool)), max_size=15), TEXTS, st.integers(0, 300), st.data()
)
@settings(max_examples=200, deadline=None)
def test_what_is_sent_is_a_part_of_the_conversation_in_order(system, said, question, budget, data):
    conversation = Conversation(system, budget=budget)
    for asked, replied in said:
        conversation.remember(asked, replied)
    if said:
        conversation.pin(data.draw(st.integers(1, 2 * len(said))))
    try:
        sent = conversation.with_question(question)
    except ContextError:
        return
    assert SHAPE.fullmatch(shape(sent.messages))
    assert sent.tokens <= budget
    assert sent.messages[-1] == Message("user", question)
    assert [m.content for m in sent.messages if m.role == "system"] == ([system] if system else [])
    transcript = [Message("system", system)] if system else []
    for turn in conversation.turns:
        transcript += (turn.question, turn.reply)
    assert sent.dropped == len(transcript) + 1 - len(sent.messages)
    left = iter(transcript)
    assert all(message in left for message in sent.messages[:-1])
    assert conversation.with_question(question) == sent
    conversation.budget += data.draw(st.integers(0, 300))
    assert set(sent.kept) <= set(conversation.with_question(question).kept)


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
def test_joins(before, after, joined):
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
