"""A call in a thread of its own: what it gives, what it raises, and that nobody waits for it for ever."""

from __future__ import annotations

import threading

import pytest

from mira_cli.api.in_thread import InThread


def test_what_the_call_returns():
    call = InThread(lambda: 7)
    assert call.wait(lambda: 20.0) == 7
    assert call.ended


def test_what_the_call_raises():
    with pytest.raises(ZeroDivisionError):
        InThread(lambda: 1 / 0).wait(lambda: 20.0)


def test_a_call_that_takes_too_long_goes_on_unheard():
    never, unheard = threading.Event(), threading.Event()
    seconds = iter([0.01, 0.01])
    call = InThread(never.wait, lambda result: unheard.set() if result else None)
    with pytest.raises(StopIteration):
        call.wait(lambda: next(seconds))
    assert not call.ended
    never.set()
    assert unheard.wait(60)


def test_what_is_returned_as_the_wait_ends_is_disposed_of_once():
    returned = threading.Event()
    disposed = []

    def left():
        returned.set()
        while not call.ended:
            pass
        raise TimeoutError

    call = InThread(lambda: returned.wait(60), disposed.append)
    with pytest.raises(TimeoutError):
        call.wait(left)
    assert disposed == [True]
