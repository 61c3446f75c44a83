"""A thread pool that works on items in their order, and yields the results in that order or as they come."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, wait
from queue import Empty, SimpleQueue
from threading import Semaphore
from typing import TYPE_CHECKING, Generic, TypeVar

from mira_cli.background import SideThread, leave_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from threading import Event

Item = TypeVar("Item")
Made = TypeVar("Made")

AHEAD = 2  # items taken whose results were not yet passed on, for each worker
TICK = 0.2  # seconds between two looks at the clock


class Halted(Exception):
    """Work was given up before it cost anything: as if it had not begun."""


class Workers(Generic[Item, Made]):
    """Works on items from an iterator, which may block, in a few threads.

    Args:
        items: What to work on, never None; at most AHEAD x jobs are taken ahead of the results.
        work: Makes a result of an item; raises Halted when it gave up.
        stopping: Set by `stop`: whatever waits should give up.
        jobs: How many threads.
        ends: Whether a result is the end: then nothing more is begun, at once.
        in_order: Whether results come in the order of their items, or as soon as they are made.
        tick: Called often by whoever waits for results.
    """

    def __init__(
        self,
        items: Iterator[Item],
        work: Callable[[Item], Made],
        stopping: Event,
        *,
        jobs: int,
        ends: Callable[[Made], bool] = lambda _: False,
        in_order: bool = True,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self._items = items
        self._work = work
        self._stopping = stopping
        self._ends = ends
        self._in_order = in_order
        self._tick = tick
        self._ahead = Semaphore(AHEAD * jobs)
        self._pool = ThreadPoolExecutor(jobs, "batch", initializer=leave_signals)
        self._futures: SimpleQueue[Future[Made] | None] = SimpleQueue()  # None: all are submitted
        self._submitted = 0
        self._failure: BaseException | None = None
        self._until = float("inf")

    def results(self) -> Iterator[Made]:
        """Work on everything. After an end or `stop`, what is under way is still finished.

        Raises:
            BaseException: What an item or the work on it raised, once the rest is finished.
        """
        SideThread(self._submit_all).start()
        taken, complete = 0, False
        while not complete or taken < self._submitted:
            future = self._next()
            if future is None:
                if self._is_late():
                    break
                complete = True
                continue
            taken += 1
            yield from self._result_of(future)
            self._ahead.release()
            self._tick()
        while not self._futures.empty():  # done, but behind one that took too long
            late = self._futures.get()
            if late is not None:
                yield from self._result_of(late)
        self._pool.shutdown(wait=False)
        if self._failure is not None:
            raise self._failure

    def stop(self, grace: float = float("inf")) -> None:
        """Begin nothing more; what is under way is given so many seconds."""
        self._until = min(self._until, time.monotonic() + grace)
        self._stopping.set()
        self._ahead.release()  # wakes up the thread that takes items

    def _submit_all(self) -> None:
        """Take items and submit them; in a thread of its own, since the iterator may block."""
        try:
            while True:
                self._ahead.acquire()
                if self._stopping.is_set():
                    return
                item = next(self._items, None)
                if item is None or self._stopping.is_set():
                    return
                self._submit(item)
        except BaseException as failure:  # noqa: BLE001 - carried to the thread that can act on it
            self._fail(failure)
        finally:
            self._futures.put(None)

    def _submit(self, item: Item) -> None:
        self._submitted += 1  # first, so that a result that is made at once is waited for
        try:
            future = self._pool.submit(self._work_on, item)
        except RuntimeError:  # no more threads
            self._submitted -= 1
            raise
        if self._in_order:
            self._futures.put(future)
        else:
            future.add_done_callback(self._futures.put)

    def _work_on(self, item: Item) -> Made:
        if self._stopping.is_set():
            raise Halted
        try:
            made = self._work(item)
        except Halted:
            raise
        except BaseException as failure:
            self._fail(failure)
            raise Halted from failure
        if self._ends(made):
            self.stop()
        return made

    def _next(self) -> Future[Made] | None:
        """The next future, done or not; None when all are submitted, or the time is up."""
        while not self._is_late():
            try:
                return self._futures.get(timeout=TICK)
            except Empty:
                self._tick()
                if self._stopping.is_set():  # the thread that takes items may be waiting for one
                    return None
        return None

    def _result_of(self, future: Future[Made]) -> Iterator[Made]:
        """The result, if there is one; waits for it as long as there is time."""
        while not wait((future,), timeout=0 if self._is_late() else TICK).done:
            if self._is_late():
                return
            self._tick()
        try:
            made = future.result()
        except Halted:
            return
        yield made

    def _fail(self, failure: BaseException) -> None:
        self._failure = self._failure or failure
        self.stop()

    def _is_late(self) -> bool:
        return time.monotonic() >= self._until
