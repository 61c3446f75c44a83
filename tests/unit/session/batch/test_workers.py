"""Workers: rows in, answers out, in order or not, and how it ends. Numbers stand for both."""

from __future__ import annotations

import threading
import time
from threading import Barrier, Event, Lock

import pytest

from mira_cli.session.batch.workers import AHEAD, Halted, Workers

LONG = 60  # seconds, never reached


class Batch:
    """Workers on some items, and where their results go."""

    def __init__(self, items, work, *, jobs=3, refuse=lambda made: None, **facts):
        self.stopping, self.results, self.ended_by, self.refuse = Event(), [], None, refuse

        def halting(item):
            if self.stopping.is_set():
                raise Halted
            return work(item)

        self.workers = Workers(halting, self, jobs=jobs, **facts)
        self.items = iter(items)

    def write(self, _, made):
        self.refuse(made)
        self.results.append(made)

    def end(self, error):
        self.ended_by = self.ended_by or error
        self.stopping.set()

    def start(self):
        self.workers.start(self.items)
        return self

    def all(self):
        assert self.workers.wait(LONG)
        return self.results


def test_results_come_in_the_order_of_the_items():
    def work(number):
        time.sleep(0.001 * (number * 7 % 5))
        return number * 2

    assert Batch(range(100), work).start().all() == [number * 2 for number in range(100)]


def test_results_come_as_they_complete():
    later = Event()

    def work(number):
        if number == 0:
            later.wait(LONG)
        if number == 9:
            later.set()
        return number

    found = Batch(range(10), work, in_order=False).start().all()
    assert sorted(found) == list(range(10))
    assert found.index(0) >= 8


def test_limits_of_jobs_and_of_rows_ahead():
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
            first.wait(LONG)
            time.sleep(0.05)
            assert max(begun) < AHEAD * 2
        with lock:
            under_way -= 1
        return number

    assert Batch(range(50), work, jobs=2).start().all() == list(range(50))
    assert most <= 2


def test_jobs_work_side_by_side():
    together = Barrier(3)

    def work(number):
        together.wait(LONG)
        return number

    assert Batch(range(3), work).start().all() == [0, 1, 2]


def test_nothing_to_do():
    assert Batch([], lambda item: item).start().all() == []


def test_after_a_stop_rows_under_way_are_finished_and_none_started():
    ended, begun = Event(), []

    def work(number):
        begun.append(number)
        if number == 0:
            ended.wait(LONG)
            time.sleep(0.05)
        if number == 1:
            batch.stopping.set()
            ended.set()
        return number

    batch = Batch(range(100), work, jobs=2)
    batch.start()
    assert batch.all() == [0, 1]
    assert sorted(begun) == [0, 1]


def test_halted_rows_leave_no_gap():
    def work(number):
        if number % 3 == 0:
            raise Halted
        return number

    assert Batch(range(20), work).start().all() == [number for number in range(20) if number % 3]


def test_a_stop_ends_a_wait_for_room():
    release, last = Event(), Event()

    def work(number):
        if number == 0:
            release.wait(LONG)
        if number == 3:
            last.set()
        return number

    batch = Batch(range(100), work, jobs=2)
    batch.start()
    assert last.wait(LONG)
    assert not batch.workers.wait(0)
    batch.stopping.set()
    release.set()
    assert batch.all() == [0, 1, 2, 3]


def test_give_up_writes_answers_held_back_and_nothing_later():
    release, late = Event(), Event()

    def work(number):
        if number == 0:
            release.wait(LONG)
            late.set()
        return number

    batch = Batch(range(100), work, jobs=2)
    batch.start()
    while len([each for each in tuple(batch.workers._rows) if each.done()]) < 3:
        time.sleep(0.001)
    batch.stopping.set()
    assert not batch.workers.wait(0)
    batch.workers.give_up()
    assert batch.all() == [1, 2, 3]
    release.set()
    assert late.wait(LONG)
    batch.workers._pool.shutdown()
    assert batch.results == [1, 2, 3]


def test_an_exception_while_asking_ends_the_run_and_other_answers_are_written():
    raised = Event()

    def work(number):
        if number == 1:
            raised.set()
            raise ZeroDivisionError
        raised.wait(LONG)
        return number

    batch = Batch(range(100), work, jobs=2)
    batch.start()
    assert batch.all()[0] == 0
    assert 1 not in batch.results
    assert len(batch.results) < 2 * AHEAD
    assert isinstance(batch.ended_by, ZeroDivisionError)


def test_nothing_is_written_after_a_failed_write():
    def refuse(number):
        if number == 5:
            raise ZeroDivisionError

    batch = Batch(range(100), lambda number: number, refuse=refuse)
    batch.start()
    assert batch.all() == [0, 1, 2, 3, 4]
    assert isinstance(batch.ended_by, ZeroDivisionError)


def test_after_an_exception_while_reading_rows_under_way_are_written():
    begun = Barrier(3 + 1)

    def items():
        yield from range(3)
        begun.wait(LONG)
        raise ZeroDivisionError

    def work(number):
        begun.wait(LONG)
        return number

    batch = Batch(items(), work)
    batch.start()
    assert batch.all() == [0, 1, 2]
    assert isinstance(batch.ended_by, ZeroDivisionError)


def test_answers_are_written_while_the_next_row_is_read():
    asked, passed = Event(), threading.Event()

    def items():
        yield 1
        asked.wait(LONG)
        yield 2

    def work(number):
        if number == 2:
            assert passed.is_set()
        return number

    batch = Batch(items(), work, refuse=lambda _: passed.set())
    batch.start()
    assert passed.wait(LONG)
    asked.set()
    assert batch.all() == [1, 2]


@pytest.mark.parametrize("stop_by", ["work", "another"])
def test_a_stop_does_not_wait_for_the_next_row(stop_by):
    never, done = Event(), Event()

    def items():
        yield 1
        never.wait(LONG)

    def work(number):
        if stop_by == "work":
            batch.stopping.set()
        return number

    batch = Batch(items(), work, refuse=lambda _: done.set())
    batch.start()
    if stop_by == "another":
        assert done.wait(LONG)
        batch.stopping.set()
    assert batch.all() == [1]
    never.set()
