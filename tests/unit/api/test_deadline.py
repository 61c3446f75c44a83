"""Three clocks: any byte, any data, the whole request."""

from __future__ import annotations

import pytest

from mira_cli.api.deadline import PING_FACTOR, Deadline, DeadlineExceeded, Limits


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def connected(clock, max_time=None):
    deadline = Deadline(Limits(timeout=10, connect_timeout=3, max_time=max_time), clock(), clock)
    deadline.connected()
    return deadline


def test_a_connection_has_less_time():
    clock = Clock()
    deadline = Deadline(Limits(timeout=10, connect_timeout=3), clock(), clock)
    assert deadline.left() == 3
    clock.now += 3
    with pytest.raises(DeadlineExceeded) as caught:
        deadline.left()
    assert (caught.value.seconds, caught.value.setting) == (3, "connect_timeout")
    deadline.connected()
    assert deadline.left() == 7


def test_silence_ends_it_after_the_timeout():
    clock = Clock()
    deadline = connected(clock)
    clock.now += 4
    assert deadline.left() == 6
    clock.now += 6
    with pytest.raises(DeadlineExceeded) as caught:
        deadline.left()
    assert (caught.value.seconds, caught.value.setting, caught.value.pings) == (10, "timeout", False)


def test_comments_alone_keep_it_up_for_a_while_only():
    clock = Clock()
    deadline = connected(clock)
    for _ in range(2):
        clock.now += 9
        deadline.got_bytes()
        assert deadline.left() > 0
    clock.now += 7
    deadline.got_bytes()
    with pytest.raises(DeadlineExceeded) as caught:
        deadline.left()
    assert (caught.value.seconds, caught.value.pings) == (10 * PING_FACTOR, True)


def test_data_start_both_clocks_anew():
    clock = Clock()
    deadline = connected(clock)
    for _ in range(9):
        clock.now += 9
        deadline.got_bytes()
        deadline.got_data()
    assert deadline.left() == 10


def test_the_whole_request_has_an_end():
    clock = Clock()
    deadline = connected(clock, 15)
    clock.now += 9
    deadline.got_bytes()
    deadline.got_data()
    assert deadline.left() == 6
    clock.now += 6
    with pytest.raises(DeadlineExceeded) as caught:
        deadline.left()
    assert (caught.value.seconds, caught.value.setting) == (15, "max-time")


def test_the_end_can_come_nearer_but_not_go_further():
    clock = Clock()
    deadline = connected(clock, 5)
    deadline.end_within(2)
    assert deadline.left() == 2
    deadline.end_within(9)
    assert deadline.left() == 2


def test_the_time_that_we_take_ourselves_is_no_silence_but_counts_for_the_whole():
    clock = Clock()
    deadline = connected(clock, 100)
    clock.now += 4
    deadline.got_bytes()
    clock.now += 60
    deadline.resume()
    assert deadline.left() == 10
    deadline.got_bytes()
    clock.now += 60
    deadline.resume()
    with pytest.raises(DeadlineExceeded, match="max-time"):
        deadline.left()
