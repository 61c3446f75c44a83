"""What each request sends of a conversation: the budget, what the server counts, and the limits of the API."""

from __future__ import annotations

from copy import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.conversation.history import Conversation
from mira_cli.conversation.message import Message, StoredTurn
from mira_cli.conversation.sizes import MAX_MESSAGE_BYTES, MAX_MESSAGES, MAX_REQUEST_BYTES
from mira_cli.errors import ContextError, TooLargeError
from rig.conversations import SHAPE, make_conversation, shape


def test_oldest_turns_go_first_and_the_transcript_stays_whole():
    conversation = make_conversation(60, system="Be brief.", budget=500)
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


class TestCalibration:
    def test_a_server_that_counts_more_makes_room_smaller(self):
        conversation = make_conversation(50, budget=1000)
        before = conversation.with_question("Hi")
        conversation.calibrate(before, 2 * before.raw)
        after = conversation.with_question("Hi")
        assert after.dropped > before.dropped
        assert after.tokens == 2 * after.raw <= 1000

    def test_a_server_that_counts_words_does_not_overfill_the_window(self):
        conversation = make_conversation(50, budget=1000)
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
        conversation = make_conversation(50, budget=1000)
        refused = conversation.with_question("Hi")
        assert conversation.halve_budget(refused)
        again = conversation.with_question("Hi")
        assert again.tokens <= 500
        assert conversation.budget <= 500

    def test_also_when_the_budget_was_far_from_full(self):
        conversation = make_conversation(10, budget=10**6)
        refused = conversation.with_question("Hi")
        assert conversation.halve_budget(refused)
        assert conversation.with_question("Hi").tokens <= refused.tokens / 2

    def test_what_must_be_sent_still_is(self):
        conversation = make_conversation(2, system="x" * 4000, budget=10**6)
        refused = conversation.with_question("Hi")
        assert conversation.halve_budget(refused)
        assert shape(conversation.with_question("Hi").messages) == "su"

    def test_a_later_question_that_is_longer_is_sent_alone(self):
        conversation = make_conversation(2, budget=1000)
        assert conversation.halve_budget(conversation.with_question("Hi"))
        sent = conversation.with_question("a longer one " * 50)
        assert shape(sent.messages) == "u"
        assert conversation.budget < sent.tokens <= 1000
        assert shape(copy(conversation).with_question("a longer one " * 50).messages) == "u"
        with pytest.raises(ContextError, match="1,000 fit"):
            conversation.with_question("far too long " * 500)

    def test_a_new_budget_takes_the_place_of_what_was_learned(self):
        conversation = make_conversation(2, budget=1000)
        before = conversation.with_question("Hi")
        assert conversation.halve_budget(before)
        conversation.budget = 1000
        assert conversation.with_question("Hi") == before

    def test_nothing_left_to_drop(self):
        conversation = Conversation("system", budget=1000)
        assert not conversation.halve_budget(conversation.with_question("Hi"))
        assert conversation.budget == 1000


class TestTheApiLimits:
    """What is over them is left out, or refused with the figures if it must be sent."""

    def test_at_most_200_messages(self):
        sent = make_conversation(300, system="Be brief.").with_question("Hi")
        assert len(sent.messages) == MAX_MESSAGES
        assert sent.kept == tuple(range(201, 300))
        assert (sent.too_long, sent.dropped, sent.limit) == ({}, 402, "200 messages")
        assert len(make_conversation(300).with_question("Hi").messages) == MAX_MESSAGES - 1

    def test_the_request_stays_under_its_bytes(self):
        sent = make_conversation(40, length=31_000).with_question("Hi")
        assert sent.kept == tuple(range(25, 40))
        assert sum(len(message.content) for message in sent.messages) < MAX_REQUEST_BYTES
        assert sent.limit == "1,000,000 bytes"

    def test_a_short_turn_before_a_long_one_is_not_sent_with_a_gap(self):
        conversation = make_conversation(1)
        conversation.remember("Long?", "x" * 400)
        conversation.remember("Short?", "Yes")
        conversation.budget = 60
        assert conversation.with_question("Hi").kept == (2,)

    def test_a_turn_that_the_api_would_refuse_is_passed_over(self):
        conversation = make_conversation(1)
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


TEXTS = st.text("aя漢 [\n", max_size=60)


@given(
    TEXTS, st.lists(st.tuples(TEXTS, TEXTS.filter(bool)), max_size=15), TEXTS, st.integers(0, 300), st.data()
)
@settings(max_examples=200, deadline=None)
def test_what_is_sent_is_a_part_of_the_conversation_in_order(system, texts, question, budget, data):
    conversation = Conversation(system, budget=budget)
    for asked, replied in texts:
        conversation.remember(asked, replied)
    if texts:
        conversation.pin(data.draw(st.integers(1, 2 * len(texts))))
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
