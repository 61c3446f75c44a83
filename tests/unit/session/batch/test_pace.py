"""When the next request may go."""

from __future__ import annotations

from threading import Event

from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.session.batch.pace import MINUTE, Pace
from rig.streams import buffered


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_the_next_request_waits_until_the_first_of_a_full_minute_is_a_minute_old():
    clock = Clock()
    pace = Pace(2, Event(), buffered(), clock)
    assert pace.take() == 0
    clock.now += 20
    assert pace.take() == 0
    assert pace.take() == 40
    clock.now += 40
    assert pace.take() == 0
    assert pace.take() == 20


def test_a_retry_counts_as_a_request():
    clock = Clock()

    class Stopping:
        def wait(self, seconds):
            clock.now += seconds

    pace = Pace(1, Stopping(), buffered(), clock)
    pace.sending()
    assert clock.now == 1000
    pace.sleep(5)
    assert clock.now == 1000 + MINUTE


def test_without_a_limit_no_request_waits():
    pace = Pace(0, Event(), buffered(), Clock())
    assert [pace.take() for _ in range(1000)] == [0.0] * 1000


def test_the_longest_hold_counts():
    clock = Clock()
    pace = Pace(0, Event(), buffered(), clock)
    pace.hold(5)
    pace.hold(2)
    assert (pace.take(), pace.held) == (5, 5)
    clock.now += 5
    assert (pace.take(), pace.held) == (0, 0)


def test_a_request_that_must_wait_is_not_counted():
    clock = Clock()
    pace = Pace(1, Event(), buffered(), clock)
    pace.hold(10)
    assert [pace.take() for _ in range(3)] == [10, 10, 10]
    clock.now += 10
    assert pace.take() == 0
    assert pace.take() == MINUTE


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.sampled_from(["take", "hold"]), st.floats(0, 40)), max_size=60),
)
@settings(max_examples=200, deadline=None)
def test_no_minute_has_more_requests_than_allowed(per_minute, steps):
    clock = Clock()
    pace = Pace(per_minute, Event(), buffered(), clock)
    sent = []
    for what, seconds in steps:
        clock.now += seconds
        if what == "hold":
            pace.hold(seconds)
            continue
        while wait := pace.take():
            clock.now += max(wait, 1e-6)
        sent.append(clock.now)
    for number in range(len(sent) - per_minute):
        assert sent[number + per_minute] - sent[number] >= MINUTE - 1e-6
