"""Stop sequences on our side."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.conversation.reply import StopCutter


def run(stops, pieces):
    cutter = StopCutter(stops)
    return "".join([*map(cutter.feed, pieces), cutter.finish()]), cutter.stopped


@pytest.mark.parametrize(
    ("stops", "pieces", "text", "stopped"),
    [
        ((), ["a", "b"], "ab", False),
        (("",), ["a", "b"], "ab", False),
        (("END",), ["one E", "N", "D two"], "one ", True),
        (("END",), ["one EN"], "one EN", False),
        (("END",), ["EEND"], "E", True),
        (("\n\n", "b"), ["a\n", "\nb"], "a", True),
        (("abc", "b"), ["abc"], "a", True),
        (("bc", "abc"), ["abc"], "", True),
        (("aab",), ["aaab"], "a", True),
        (("стоп",), ["раз ст", "оп два"], "раз ", True),
    ],
)
def test_a_reply_ends_before_a_stop_sequence_however_it_is_torn(stops, pieces, text, stopped):
    assert run(stops, pieces) == (text, stopped)


def test_holds_back_only_what_may_become_a_stop_sequence():
    cutter = StopCutter(["###"])
    assert cutter.feed("one #") == "one "
    assert cutter.feed("two") == "#two"
    assert cutter.feed("##") == ""
    assert cutter.finish() == "##"
    assert cutter.finish() == ""


def test_nothing_comes_after_the_stop():
    cutter = StopCutter(["X"])
    assert cutter.feed("aXb") == "a"
    assert cutter.feed("c") == ""
    assert cutter.finish() == ""


@given(
    st.lists(st.text("ab", max_size=4), max_size=3),
    st.lists(st.text("abc", max_size=5), max_size=12),
)
@settings(max_examples=500, deadline=None)
def test_any_split_gives_the_same(stops, pieces):
    whole = "".join(pieces)
    text, stopped = run(stops, pieces)
    assert (text, stopped) == run(stops, [whole]) == run(stops, list(whole))
    assert whole.startswith(text)
    assert not any(stop and stop in text for stop in stops)
    assert stopped == any(stop and stop in whole for stop in stops)
