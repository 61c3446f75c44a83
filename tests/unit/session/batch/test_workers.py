"""Workers: items in, results out, in order or not, and how it ends."""

from __future__ import annotations

import threading
import time
from threading import Barrier, Event, Lock

import pytest

from mira_cli.session.batch.workers import AHEAD, Halted, Workers


def workers(items, work, **facts):
    stopping = Event()
    return Workers(iter(items), work, stopping, jobs=facts.pop("jobs", 3), **facts), stopping


def until_it_raises(made):
    found = []
    with pytest.raises(ZeroDivisionError):
        found.extend(made.results())
    return found


def test_results_come_in_the_order_of_the_items():
    def work(number):
        time.sleep(0.001 * (number * 7 % 5))
        return number * 2

    made, _ = workers(range(100), work)
    assert list(made.results()) == [number * 2 for number in range(100)]


def test_results_come_as_they_are_made():
    later = Event()

    def work(number):
        if number == 0:
            later.wait()
        if number == 9:
            later.set()
        return number

    made, _ = workers(range(10), work, in_order=False)
    found = list(made.results())
    assert sorted(found) == list(range(10))
    assert found.index(0) >= 8


def test_no_more_at_a_time_than_jobs_and_no_more_ahead_than_allowed():
    lock, first = Lock(), Event()
    under_way, most, begun = 0, 0, []

    def work(number):
        nonlocal under_way, most
        with lock:
            begun.append(number)
            under_way += 1
            most = max(most, under_way)
            if len(begun) == AHEAD * 2:
                first.set()
        if number == 0:
            first.wait()
            time.sleep(0.05)
            assert max(begun) < AHEAD * 2
        with lock:
            under_way -= 1
        return number

    made, _ = workers(range(50), work, jobs=2)
    assert list(made.results()) == list(range(50))
    assert most <= 2


def test_jobs_work_side_by_side():
    together = Barrier(3)

    def work(number):
        together.wait(60)
        return number

    made, _ = workers(range(3), work)
    assert list(made.results()) == [0, 1, 2]


def test_nothing_to_do():
    made, _ = workers([], lambda item: item)
    assert list(made.results()) == []


def test_an_end_begins_nothing_more_and_finishes_what_is_under_way():
    ended, begun = Event(), []

    def work(number):
        begun.append(number)
        if number == 0:
            ended.wait()
            time.sleep(0.05)
        if number == 1:
            ended.set()
        return number

    made, stopping = workers(range(100), work, jobs=2, ends=lambda number: number == 1)
    assert list(made.results()) == [0, 1]
    assert stopping.is_set()
    assert sorted(begun) == [0, 1]


def test_what_gave_up_leaves_no_gap():
    def work(number):
        if number % 3 == 0:
            raise Halted
        return number

    made, _ = workers(range(20), work)
    assert list(made.results()) == [number for number in range(20) if number % 3]


def test_a_stop_wakes_who_waits_for_room():
    release, last = Event(), Event()

    def work(number):
        if number == 0:
            release.wait()
        if number == 3:
            last.set()
        return number

    made, _ = workers(range(100), work, jobs=2)
    results = made.results()

    def stop():
        last.wait()
        made.stop()
        release.set()

    stopper = threading.Thread(target=stop)
    stopper.start()
    assert list(results) == [0, 1, 2, 3]
    stopper.join()


def test_after_a_stop_the_rest_is_given_its_time_and_what_was_held_back_comes_too():
    release, held = Event(), Event()

    def work(number):
        if number == 0:
            release.wait()
        if number == 3:
            held.set()
        return number

    made, _ = workers(range(100), work, jobs=2)

    def stop():
        held.wait()
        time.sleep(0.5)
        made.stop(1)

    stopper = threading.Thread(target=stop)
    stopper.start()
    assert list(made.results()) == [1, 2, 3]
    stopper.join()
    release.set()


def test_what_work_raises_comes_out_after_the_rest():
    raised = Event()

    def work(number):
        if number == 1:
            raised.set()
            raise ZeroDivisionError
        raised.wait()
        time.sleep(0.05)
        return number

    made, _ = workers(range(100), work, jobs=2)
    assert until_it_raises(made) == [0]


def test_what_the_items_raise_comes_out_after_the_rest():
    def items():
        yield from range(3)
        raise ZeroDivisionError

    made, _ = workers(items(), lambda number: number)
    assert until_it_raises(made) == [0, 1, 2]


def test_items_that_are_waited_for_hold_up_no_result():
    asked = Event()

    def items():
        yield 1
        asked.wait(60)
        yield 2

    made, _ = workers(items(), lambda number: number)
    results = made.results()
    assert next(results) == 1
    asked.set()
    assert list(results) == [2]


def test_an_end_does_not_wait_for_items():
    never = Event()

    def items():
        yield 1
        never.wait(60)

    made, _ = workers(items(), lambda number: number, ends=lambda _: True)
    assert list(made.results()) == [1]
    never.set()
