"""One run of a batch: its answers as they are written, and its summary."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from mira_cli.background import SideThread
from mira_cli.errors import MiraError, UsageError
from mira_cli.session.batch.crew import TICK
from mira_cli.session.batch.rows import BadRow
from mira_cli.session.signals import as_error
from mira_cli.terminal.result import as_line

if TYPE_CHECKING:
    from mira_cli.session.batch.asking import Answer
    from mira_cli.session.batch.checkpoint import Checkpoint
    from mira_cli.session.batch.crew import Crew
    from mira_cli.session.batch.rows import Row
    from mira_cli.session.batch.tally import Tally
    from mira_cli.terminal.streams import Streams

_SOME_FAILED = 8
_GRACE = 2.0  # seconds that rows under way are given after Ctrl-C


class Run:
    """Writes what the crew brings, and says at its end what it came to.

    Signals raise in the main thread, which only waits: another one takes what is finished and writes it, so
    that no moment is left in which Ctrl-C could lose a row, or tear one.
    """

    def __init__(
        self, streams: Streams, checkpoint: Checkpoint | None, tally: Tally, crew: Crew[Row | BadRow, Answer]
    ) -> None:
        self._streams = streams
        self._checkpoint = checkpoint
        self._tally = tally
        self._crew = crew
        self._ended_by: MiraError | None = None
        self._failure: BaseException | None = None
        self._over = False
        self._writing = Lock()  # an Event's wait is Python, which a signal may leave with its lock undone
        self._writing.acquire()

    def drive(self) -> int:
        """Write answers until there are no more, or something ends the run; comes out as `batch` does."""
        try:
            SideThread(self._write_all).start()
            while not self._is_over(TICK):  # Windows hears of no signal in a wait without an end
                pass
        except KeyboardInterrupt as stop:
            self._streams.hurry(_GRACE)  # rows may come as long
            self._crew.stop(_GRACE)
            self._is_over(_GRACE + 2 * TICK)
            self._say(ended=True)
            raise as_error(stop) from stop
        if self._failure is not None:
            if isinstance(self._failure, UsageError):  # of the input
                self._say(ended=True)
            raise self._failure
        self._say(ended=self._ended_by is not None)
        if self._ended_by is not None:
            raise self._ended_by
        return _SOME_FAILED if self._tally.all_failed else 0

    def _is_over(self, timeout: float) -> bool:
        """Whether all is written, or is within so many seconds."""
        return self._over or self._writing.acquire(timeout=timeout)

    def _write_all(self) -> None:
        try:
            for answer in self._crew.results():
                self._take(answer)
        except BaseException as failure:  # noqa: BLE001 - carried to the thread that can act on it
            self._failure = failure
        finally:
            self._over = True
            self._writing.release()

    def _take(self, answer: Answer) -> None:
        if answer.ends_run:
            self._ended_by = self._ended_by or answer.error
            return  # not written: the next run asks it again
        line = as_line(answer.facts(self._streams.redact))
        if self._checkpoint is not None:
            self._checkpoint.append(line.encode())
        else:
            self._streams.write(line)
        error = answer.error
        if error is None:
            self._tally.answered += 1
            return
        self._tally.failed += 1
        if isinstance(answer.row, BadRow):
            self._streams.error(error.message)
        else:
            self._tally.note_failure(answer.row.id, error.message)

    def _say(self, *, ended: bool) -> None:
        """The summary: for people alone when all is well, else as an error, with the first that failed."""
        tally = self._tally
        self._streams.status("")  # the bar has done its work
        if tally.all_failed or ended:
            self._streams.error(tally.summary())
        else:
            self._streams.note(tally.summary())
        for failure in tally.failures:
            self._streams.error(failure)
        resumable = self._checkpoint is not None
        if tally.askable and resumable:
            self._streams.note("--retry-failed asks failed rows again.")
        if resumable and (ended or tally.left):
            self._streams.note("The same command goes on with the rows that are left.")
        elif ended:
            self._streams.note("With -o FILE the same command could go on where it stopped.")
