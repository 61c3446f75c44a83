"""The threads of a batch: ask rows a few at a time, and write the answers in order or as they complete."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock, Semaphore
from typing import TYPE_CHECKING

from mira_cli.background import in_background, leave_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from mira_cli.errors import MiraError
    from mira_cli.session.batch.answers import Answers
    from mira_cli.session.batch.rows import Row
    from mira_cli.terminal.result import Result

AHEAD = 2  # rows per job that are under way, or answered and waiting for an earlier row


class Halted(Exception):
    """The run ended before a row was answered. Another run asks it again."""


class Workers:
    """Asks rows in a few threads, which write the answers too.

    Signals raise in the main thread, which only waits: so Ctrl-C can't lose or truncate an answer.

    Args:
        ask: Asks a row. Raises Halted to give up, at once if `answers.stopping` is set.
        answers: Where the answers go, one at a time. Any exception ends the run.
        jobs: The number of threads.
        in_order: Write the answers in the order of their rows, not as they complete.
    """

    def __init__(
        self, ask: Callable[[Row], Result | MiraError], answers: Answers, *, jobs: int, in_order: bool = True
    ) -> None:
        self._ask, self._answers, self._in_order = ask, answers, in_order
        self._pool = ThreadPoolExecutor(jobs, "batch", initializer=leave_signals)
        self._room = Semaphore(AHEAD * jobs)
        self._rows: dict[Future[Result | MiraError], Row] = {}  # started and not written yet, in order
        self._under_way = 0  # the number of rows, counted before they are started
        self._lock = Lock()  # guards the rows, and writing
        self._all_started = False
        # Released at the end. Not an Event: Ctrl-C may break into its wait and leave its lock held.
        self._end = Lock()
        self._end.acquire()

    def start(self, rows: Iterator[Row]) -> None:
        """Start asking the rows. Reading the next one may block."""
        in_background(lambda: self._start_all(rows))

    def wait(self, seconds: float) -> bool:
        """Wait until all answers are written, `seconds` at most; whether they are."""
        if not self._is_over():
            self._end.acquire(timeout=seconds)
        return self._is_over()

    def give_up(self) -> None:
        """After a stop: write the answers that are there, even out of order, and no others."""
        self._in_order = False
        self._write_done(last=True)

    def _is_over(self) -> bool:
        return (self._all_started or self._answers.stopping.is_set()) and not self._under_way

    def _start_all(self, rows: Iterator[Row]) -> None:
        try:
            while self._room.acquire() and not self._answers.stopping.is_set():
                row = next(rows, None)
                with self._lock:
                    if row is None or self._answers.stopping.is_set():
                        break
                    self._under_way += 1
                    future = self._pool.submit(self._ask, row)
                    self._rows[future] = row
                future.add_done_callback(lambda _: self._write_done())
        except BaseException as failure:
            self._answers.end(failure)
        self._all_started = True
        self._write_done()

    def _write_done(self, *, last: bool = False) -> None:
        """Write the answers that are due; `last`: and forget the rows that are under way."""
        with self._lock:
            try:
                for future, row in list(self._rows.items()):
                    if future.done():
                        self._write(future, row)
                        del self._rows[future]
                        self._room.release()
                    elif self._in_order:
                        break
            except BaseException as failure:
                self._answers.end(failure)
                last = True
            if last:
                self._rows.clear()
            self._under_way = len(self._rows)
            if self._is_over() and self._end.locked():
                self._end.release()

    def _write(self, future: Future[Result | MiraError], row: Row) -> None:
        failure = future.exception()
        if failure is None:
            self._answers.write(row, future.result())
        elif not isinstance(failure, Halted):
            self._answers.end(failure)
