"""How large a text is, and which turns are sent."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.conversation.trimming import (
    MAX_MESSAGE_BYTES,
    MAX_MESSAGES,
    MAX_REQUEST_BYTES,
    Bounds,
    Size,
    budget_for,
    estimate,
    measure,
    select,
    utf8_bytes,
    wire_bytes,
)
from mira_cli.errors import ContextError, TooLargeError

# Every character, lone surrogates too: what argv may hold.
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
LARGE = Bounds(10**9)


@dataclass(frozen=True)
class Turn:
    size: Size


def turn(tokens, longest=10, wire=100):
    return Turn(Size(2, tokens, wire, longest))


class CountedTurns(list):
    """Turns that count how many of them were looked at."""

    def __init__(self, turns):
        super().__init__(turns)
        self.looks = 0

    def __getitem__(self, index):
        self.looks += 1
        return super().__getitem__(index)


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
def test_budget(window, longest, context, budget):
    assert budget_for(window, longest, context) == budget


class TestSelect:
    def test_the_latest_turns_that_fit_are_sent(self):
        turns = [turn(10), turn(10), turn(10)]
        chosen = select(Size(1, 5), turns, set(), Size(1, 5), Bounds(31))
        assert chosen.kept == (1, 2)
        assert chosen.size.tokens == 30
        assert chosen.least.tokens == 10

    def test_a_short_turn_before_a_long_one_is_not_sent_with_a_gap(self):
        turns = [turn(1), turn(100), turn(1)]
        assert select(Size(), turns, set(), Size(1, 1), Bounds(50)).kept == (2,)

    def test_pinned_turns_are_sent_first(self):
        turns = [turn(10), turn(10), turn(10)]
        assert select(Size(), turns, {0}, Size(1, 5), Bounds(26)).kept == (0, 2)

    def test_a_turn_that_the_api_would_refuse_is_passed_over(self):
        turns = [turn(1), turn(1, longest=MAX_MESSAGE_BYTES + 1), turn(1, longest=MAX_MESSAGE_BYTES)]
        assert select(Size(), turns, set(), Size(1, 1), LARGE).kept == (0, 2)

    def test_a_system_text_that_is_folded_needs_room_in_the_first_question(self):
        system = Size(1, 1, longest=1_000)
        turns = [turn(1, longest=31_500), turn(1)]
        long, short = Size(1, 1, longest=31_500), Size(1, 1)
        assert select(system, turns, set(), short, LARGE).kept == (0, 1)
        assert select(system, turns, set(), short, LARGE, folded=True).kept == (1,)
        assert select(system, turns, set(), long, LARGE, folded=True).kept == (1,)
        assert select(Size(), turns, set(), short, LARGE, folded=True).kept == (0, 1)
        with pytest.raises(TooLargeError, match=r"1,000 \+ 31,500 bytes, sent as one"):
            select(system, turns[:1], set(), long, LARGE, folded=True)

    def test_at_most_200_messages(self):
        turns = [turn(1)] * 300
        with_system = select(Size(1, 1), turns, set(), Size(1, 1), LARGE)
        assert with_system.kept == tuple(range(201, 300))
        assert with_system.size.messages == MAX_MESSAGES
        assert select(Size(), turns, set(), Size(1, 1), LARGE).size.messages == MAX_MESSAGES - 1

    def test_the_request_stays_under_its_bytes(self):
        turns = [turn(1, wire=200_000)] * 10
        chosen = select(Size(), turns, set(), Size(1, 1, wire=200_000), LARGE)
        assert chosen.kept == (7, 8, 9)
        assert chosen.size.wire < MAX_REQUEST_BYTES

    def test_cost_does_not_grow_with_what_is_left_out(self):
        looks = []
        for count in (100, 10_000):
            turns = CountedTurns([turn(10)] * count)
            select(Size(), turns, {0}, Size(1, 5), Bounds(300))
            looks.append(turns.looks)
        assert looks[0] == looks[1] < 40

    def test_both_sizes_are_said_when_nothing_can_be_left_out(self):
        with pytest.raises(ContextError) as caught:
            select(Size(1, 1000), [], set(), Size(1, 2500), Bounds(3000, factor=2.0))
        assert "2,000 + 5,000 = 7,000 tokens" in caught.value.message
        assert "3,000 fit" in caught.value.message
        assert caught.value.message.startswith("The system message and the question take")
        assert caught.value.hint

    def test_pinned_turns_are_named_when_they_are_in_the_way(self):
        with pytest.raises(ContextError, match="pinned messages and the question take"):
            select(Size(), [turn(100)], {0}, Size(1, 10), Bounds(50))
        with pytest.raises(ContextError, match="201 messages; the API takes at most 200"):
            select(Size(), [turn(1)] * 100, range(100), Size(1, 1), LARGE)

    @pytest.mark.parametrize(
        ("system", "pinned", "newest", "what"),
        [
            (Size(1, 1, 1, 40_000), set(), Size(1, 1), "The system message is 40,000 bytes"),
            (Size(), set(), Size(1, 1, 1, 32_001), "The question is 32,001 bytes"),
            (Size(), {0}, Size(1, 1), "A pinned message is 50,000 bytes"),
        ],
    )
    def test_a_message_that_must_be_sent_and_cannot(self, system, pinned, newest, what):
        with pytest.raises(TooLargeError) as caught:
            select(system, [turn(1, longest=50_000)], pinned, newest, LARGE)
        assert caught.value.message.startswith(what)
        assert "32,000 bytes" in caught.value.message
        assert caught.value.exit_code == 5

    def test_a_request_that_is_too_long_in_bytes(self):
        with pytest.raises(TooLargeError, match="1,000,000 bytes a request"):
            select(Size(), [turn(1, wire=10**6)], {0}, Size(1, 1), LARGE)

    SIZES = st.lists(st.builds(turn, st.integers(0, 60), st.sampled_from((10, 40_000))), max_size=12)

    @given(SIZES, st.sets(st.integers(0, 11)), st.integers(0, 300), st.integers(0, 300), st.floats(1, 3))
    @settings(max_examples=300, deadline=None)
    def test_a_larger_budget_never_sends_less_and_trimming_twice_is_trimming_once(
        self, turns, pinned, budget, more, factor
    ):
        pinned = {
            index for index in pinned if index < len(turns) and turns[index].size.longest <= MAX_MESSAGE_BYTES
        }
        system, newest = Size(1, 3), Size(1, 7)
        try:
            small = select(system, turns, pinned, newest, Bounds(budget, factor))
        except ContextError:
            return
        large = select(system, turns, pinned, newest, Bounds(budget + more, factor))
        assert set(small.kept) <= set(large.kept)
        assert pinned <= set(small.kept)
        assert small.size.tokens == 10 + sum(turns[index].size.tokens for index in small.kept)
        assert small.size.tokens * factor <= budget
        again = [turns[index] for index in small.kept]
        pinned_again = {small.kept.index(index) for index in pinned}
        once_more = select(system, again, pinned_again, newest, Bounds(budget, factor))
        assert once_more.kept == tuple(range(len(again)))
