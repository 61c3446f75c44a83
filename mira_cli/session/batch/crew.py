"""A few threads that work on items in their order, and one place where what they made comes out again."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Semaphore
from typing import TYPE_CHECKING, Generic, TypeVar

from mira_cli.background import SideThread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Event

Item = TypeVar("Item")
Made = TypeVar("Made")

AHEAD = 2  # items under way or held back for their order, for each thread
TICK = 0.2  # seconds between two looks at the clock


class Halted(Exception):  # noqa: N818 - what happened, not an error
    """Work was given up before it cost anything: it is as if it had not been begun."""


@dataclass(frozen=True, slots=True)
class _Finished(Generic[Made]):
    """What came of one item; `made` is None if it was given up, `number` -1 for news of the crew itself."""

    number: int
    made: Made | None = None


class Crew(Generic[Item, Made]):
    """Threads that take items from an iterator, which may wait for them, and work on them.

    Args:
        items: What to work on; taken by one thread at a time.
        work: Makes something of an item; raises Halted when it gave up.
        stopping: Set by `stop`: whatever waits should give up.
        jobs: How many threads.
        ends: Whether what was made of an item is the end: then nothing more is begun, at once.
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
        self._stopping = stopping
        self._items = items
        self._work = work
        self._jobs = jobs
        self._ends = ends
        self._in_order = in_order
        self._tick = tick
        self._turn = Lock()  # held by the thread that takes the next item
        self._room = Semaphore(AHEAD * jobs)
        self._counting = Lock()
        self._begun = self._ended = 0
        self._exhausted = False
        self._failure: BaseException | None = None
        self._finished: SimpleQueue[_Finished[Made]] = SimpleQueue()
        self._held: dict[int, Made | None] = {}
        self._next = 0
        self._until = float("inf")

    def results(self) -> Iterator[Made]:
        """Work on everything; after an end or `stop`, what is under way is still finished.

        Raises:
            BaseException: What an item or work on it raised, once the rest is finished.
        """
        for _ in range(self._jobs):
            SideThread(self._run).start()
        while not self._over() and time.monotonic() < self._until:
            try:
                finished = self._finished.get(timeout=TICK)
            except Empty:
                self._tick()
                continue
            if finished.number >= 0:
                self._ended += 1
                self._held[finished.number] = finished.made
            yield from self._free(finished.number)
            self._tick()
        for _, made in sorted(self._held.items()):  # held back behind what was given up
            if made is not None:
                yield made
        if self._failure is not None:
            raise self._failure

    def stop(self, grace: float = float("inf")) -> None:
        """Begin nothing more; what is under way is given so many seconds."""
        with self._counting:
            self._until = min(self._until, time.monotonic() + grace)
            self._stopping.set()
        for _ in range(self._jobs):
            self._room.release()  # whoever waits for room looks up

    def _free(self, number: int) -> Iterator[Made]:
        """What may come out, now that this one is finished."""
        ready = self._next if self._in_order else number
        while ready in self._held:
            made = self._held.pop(ready)
            self._next = ready = ready + 1
            if made is not None:
                yield made
            self._room.release()

    def _over(self) -> bool:
        with self._counting:
            return (self._exhausted or self._stopping.is_set()) and self._begun == self._ended

    def _run(self) -> None:
        number = -1
        try:
            while (taken := self._take()) is not None:
                number, item = taken
                made = None
                with suppress(Halted):
                    made = self._work(item)
                    if self._ends(made):
                        self.stop()
                self._finished.put(_Finished(number, made))
                number = -1
        except BaseException as failure:  # noqa: BLE001 - carried to the thread that can act on it
            self._failure = failure
            self.stop()
            self._finished.put(_Finished(number))

    def _take(self) -> tuple[int, Item] | None:
        """The next item with its number, None when there is none, or it is not to be begun."""
        with self._turn:
            if self._exhausted:
                return None
            self._room.acquire()
            if self._stopping.is_set():
                return None
            for item in self._items:
                with self._counting:
                    if self._stopping.is_set():
                        return None
                    number = self._begun
                    self._begun += 1
                return number, item
            self._exhausted = True
            self._finished.put(_Finished(-1))
            return None
