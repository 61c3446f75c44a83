"""Three clocks: any byte, any data, the whole request."""

from __future__ import annotations

import pytest

from mira_cli.api.patience import PING_FACTOR, OutOfPatience, Patience


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_silence_ends_it_after_the_timeout():
    clock = Clock()
    patience = Patience(10, clock)
    clock.now += 4
    assert patience.left() == 6
    clock.now += 6
    with pytest.raises(OutOfPatience) as caught:
        patience.left()
    assert (caught.value.seconds, caught.value.setting) == (10, "timeout")


def test_comments_alone_keep_it_up_for_a_while_only():
    clock = Clock()
    patience = Patience(10, clock)
    for _ in range(2):
        clock.now += 9
        patience.heard()
        assert patience.left() > 0
    clock.now += 7
    patience.heard()
    with pytest.raises(OutOfPatience) as caught:
        patience.left()
    assert caught.value.seconds == 10 * PING_FACTOR


def test_data_start_both_clocks_anew():
    clock = Clock()
    patience = Patience(10, clock)
    for _ in range(9):
        clock.now += 9
        patience.heard()
        patience.got_data()
    assert patience.left() == 10


def test_the_whole_request_has_an_end():
    clock = Clock()
    patience = Patience(10, clock, end=clock() + 15, max_time=15)
    clock.now += 9
    patience.heard()
    patience.got_data()
    assert patience.left() == 6
    clock.now += 6
    with pytest.raises(OutOfPatience) as caught:
        patience.left()
    assert (caught.value.seconds, caught.value.setting) == (15, "max-time")


def test_the_end_can_come_nearer_but_not_go_further():
    clock = Clock()
    patience = Patience(10, clock, end=clock() + 5)
    patience.end_within(2)
    assert patience.left() == 2
    patience.end_within(9)
    assert patience.left() == 2
