"""A thread pool that works on items in order, and passes on the results in that order or as they come."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock, Semaphore
from typing import TYPE_CHECKING, Generic, TypeVar

from mira_cli.background import SideThread, leave_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from threading import Event

Item = TypeVar("Item")
Made = TypeVar("Made")

AHEAD = 2  # items begun whose results were not yet passed on, for each thread


class Halted(Exception):
    """Work was given up before it cost anything: as if it had not begun."""


class Workers(Generic[Item, Made]):
    """Works on items from an iterator, which may block, in a few threads.

    Args:
        work: Makes a result of an item; raises Halted when it gave up, at once if `stopping` is set.
        pass_on: Takes the results, one at a time, in whichever thread is done.
        stopping: Set by anybody: nothing more is begun; what is under way is finished.
        jobs: How many threads.
        in_order: Whether results are passed on in the order of their items, or as soon as they are made.

    Attributes:
        failure: What an item, the work on it or `pass_on` raised first; nothing is begun after it.
    """

    def __init__(
        self,
        work: Callable[[Item], Made],
        pass_on: Callable[[Made], None],
        stopping: Event,
        *,
        jobs: int,
        in_order: bool = True,
    ) -> None:
        self.failure: BaseException | None = None
        self._work, self._pass_on, self._stopping, self._in_order = work, pass_on, stopping, in_order
        self._pool = ThreadPoolExecutor(jobs, "batch", initializer=leave_signals)
        self._ahead = Semaphore(AHEAD * jobs)
        self._futures: list[Future[Made]] = []  # in the order of their items; gone once they are passed on
        self._under_way = 0  # how many there are, with one that is being submitted
        self._lock = Lock()  # of the futures, and of passing on
        self._all_begun = False
        self._busy = Lock()  # an Event's wait is Python, which a signal may leave with its lock undone
        self._busy.acquire()

    def start(self, items: Iterator[Item]) -> None:
        """Begin to work on the items, none of which is None."""
        SideThread(lambda: self._begin_all(items)).start()

    def wait(self, seconds: float) -> bool:
        """Wait so long at most until all results are passed on; whether they are."""
        return self._is_over() or self._busy.acquire(timeout=seconds) or self._is_over()

    def give_up(self) -> None:
        """Pass on what is done, though not what came before it, and nothing after that. `stopping` is set."""
        self._pass_on_done(in_order=False, last=True)

    def _is_over(self) -> bool:
        return (self._all_begun or self._stopping.is_set()) and not self._under_way

    def _begin_all(self, items: Iterator[Item]) -> None:
        """Submit the items; in a thread of its own, since the iterator may block."""
        try:
            while self._ahead.acquire() and not self._stopping.is_set():
                item = next(items, None)
                with self._lock:
                    if item is None or self._stopping.is_set():
                        break
                    self._under_way = len(self._futures) + 1
                    future = self._pool.submit(self._work, item)
                    self._futures.append(future)
                future.add_done_callback(lambda _: self._pass_on_done(in_order=self._in_order))
        except BaseException as failure:
            self._fail(failure)
        self._all_begun = True
        self._pass_on_done(in_order=self._in_order)

    def _pass_on_done(self, *, in_order: bool, last: bool = False) -> None:
        with self._lock:
            try:
                for future in tuple(self._futures):
                    if future.done():
                        self._settle(future)
                    elif in_order:
                        break
            except BaseException as refusal:
                self._fail(refusal)
                last = True
            if last:
                self._futures.clear()
            self._under_way = len(self._futures)
            if self._is_over() and self._busy.locked():
                self._busy.release()

    def _settle(self, future: Future[Made]) -> None:
        """Pass on the result of a future that is done, if it has one."""
        failure = future.exception()
        if failure is None:
            self._pass_on(future.result())
        elif not isinstance(failure, Halted):
            self._fail(failure)
        self._futures.remove(future)
        self._ahead.release()

    def _fail(self, failure: BaseException) -> None:
        self.failure = self.failure or failure
        self._stopping.set()
