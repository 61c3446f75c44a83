"""A thread pool that starts items in order, and passes results on in that order or as they complete."""

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

AHEAD = 2  # started items per thread whose results haven't been passed on


class Halted(Exception):
    """The work stopped before its request was sent, as if it had never started."""


class Workers(Generic[Item, Made]):
    """Processes items from an iterator, which may block, in a few threads.

    Args:
        work: Turns an item into a result. Raises Halted to give up, immediately if `stopping` is set.
        pass_on: Gets the results, one at a time, in the thread that finished one.
        stopping: When set, by anybody, no more items are started; those in progress are finished.
        jobs: The number of threads.
        in_order: Pass results on in the order of their items, not as they complete.

    Attributes:
        failure: The first exception of the iterator, `work` or `pass_on`; it stops the workers.
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
        self._futures: list[Future[Made]] = []  # in the order of their items; removed when passed on
        self._under_way = 0  # the number of futures, plus one while submitting
        self._lock = Lock()  # guards the futures, and passing on
        self._all_begun = False
        self._busy = (
            Lock()
        )  # not an Event: a signal may interrupt its wait in Python code and leave its lock held
        self._busy.acquire()

    def start(self, items: Iterator[Item]) -> None:
        """Start processing the items; None is not an item."""
        SideThread(lambda: self._begin_all(items)).start()

    def wait(self, seconds: float) -> bool:
        """Wait until all results are passed on, `seconds` at most; whether they are."""
        return self._is_over() or self._busy.acquire(timeout=seconds) or self._is_over()

    def give_up(self) -> None:
        """Pass on the results that are done, even out of order, and drop the rest. `stopping` must be set."""
        self._pass_on_done(in_order=False, last=True)

    def _is_over(self) -> bool:
        return (self._all_begun or self._stopping.is_set()) and not self._under_way

    def _begin_all(self, items: Iterator[Item]) -> None:
        """Submit the items. Runs in its own thread, since the iterator may block."""
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
