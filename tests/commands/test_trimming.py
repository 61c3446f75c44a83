"""A long chat with a server with a real window: what is sent stays whole, and the window is kept."""

from __future__ import annotations

import re

import pytest

from rig.simulator import Simulator

SYSTEM = "Be brief. " * 3
QUESTIONS = [f"Question number {number}: " + "words " * (number % 7 * 12) for number in range(40)]


@pytest.fixture
def run_chat(mira):
    """Ask all questions in one piped chat; the outcome, and the messages of each request."""

    def run(simulator, *flags, questions=QUESTIONS):
        around = {"MIRA_BASE_URL": simulator.base_url}
        outcome = mira("chat", "-s", SYSTEM, *flags, stdin="\n".join([*questions, ""]).encode(), **around)
        return outcome, [received.messages for received in simulator.requests]

    return run


def shape(messages):
    return "".join(str(message["role"])[0] for message in messages)


@pytest.mark.parametrize(
    ("flags", "notice"),
    [
        (("--context", "600"), "Dropped the"),
        (("--context", "1200"), "asked again with"),
        ((), "asked again with"),
    ],
)
def test_every_request_is_whole(run_chat, flags, notice):
    """The window of the server is smaller than what we believe at first: 700 of its tokens."""
    with Simulator(window=700) as simulator:
        outcome, requests = run_chat(simulator, *flags)
    assert outcome.code == 0, outcome.err
    assert outcome.out.count("(simulated reply)") == len(QUESTIONS)
    asked = []
    for messages in requests:
        assert re.fullmatch("s(ua)*u", shape(messages))
        assert messages[0]["content"] == SYSTEM
        contents = [message["content"] for message in messages if message["role"] == "user"]
        places = [QUESTIONS.index(content) for content in contents]
        assert places == list(range(places[0], places[-1] + 1))  # the oldest go, and nothing within
        asked.append(places[-1])
    assert sorted(set(asked)) == list(range(len(QUESTIONS)))
    assert all(asked.count(place) <= 2 for place in asked)  # a context error is tried again once
    assert notice in outcome.err


def test_what_does_not_fit_is_not_sent(run_chat):
    with Simulator(window=700) as simulator:
        outcome, requests = run_chat(simulator, "--context", "600", questions=["word " * 2000, "short"])
    assert outcome.code == 5
    assert [messages[-1]["content"] for messages in requests] == ["short"]
    assert shape(requests[0]) == "su"  # the question that failed left no orphan


def test_a_turn_that_fails_leaves_no_orphan(run_chat):
    with Simulator() as simulator:
        simulator.fail("500-empty:1", "cut-mid-token:1", "422:1")
        outcome, requests = run_chat(simulator, "--retries", "0", questions=["one", "two", "three", "four"])
    shapes = [shape(messages) for messages in requests]
    assert shapes[:2] == ["su", "su"]
    assert all(re.fullmatch("s(ua)*u", one) for one in shapes)
    last = [message["content"] for message in requests[-1]]
    assert "one" not in last
    assert "three" not in last
    assert outcome.code in {5, 7, 8}


def test_at_most_200_messages_whatever_else_would_fit(run_chat):
    with Simulator(script=["yes"] * 101) as simulator:
        outcome, requests = run_chat(simulator, questions=[f"Is {number} odd?" for number in range(101)])
    assert max(map(len, requests)) == 200
    assert "Dropped the 2 oldest messages to stay within 200 messages." in outcome.err


def test_a_long_question_leaves_when_the_system_text_no_longer_fits_into_it(run_chat):
    long = "x" * 31_980
    with Simulator(script=["one", "two", "three"]) as simulator:
        outcome, _ = run_chat(
            simulator, questions=["/set fold_system false", long, "/set fold_system true", "b", long]
        )
        folded = [message["content"] for message in simulator.requests[1].messages]
    assert outcome.code == 0, outcome.err
    assert folded == [f"{SYSTEM}\n\nb"]
