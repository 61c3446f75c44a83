"""`mira batch`: asks every question of a file and writes each answer as a line of JSON; -o resumes a run."""

from __future__ import annotations

import gc
import os
from contextlib import ExitStack, nullcontext
from threading import Event, Lock
from typing import TYPE_CHECKING

from mira_cli.background import SideThread
from mira_cli.errors import MiraError, UsageError
from mira_cli.session.batch.counts import Counts
from mira_cli.session.batch.input import STDIN, open_input
from mira_cli.session.batch.pace import Pace
from mira_cli.session.batch.row_worker import BatchObserver, RowWorker
from mira_cli.session.batch.rows import BadRow, Defaults, Row, read_rows
from mira_cli.session.batch.workers import TICK, Workers
from mira_cli.session.opening import client_with, options_from
from mira_cli.session.signals import as_error
from mira_cli.session.startup import find_or_ask_key, open_settings
from mira_cli.terminal.progress import ProgressBar
from mira_cli.terminal.result import as_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from mira_cli.session.batch.checkpoint import Checkpoint
    from mira_cli.session.batch.options import BatchOptions
    from mira_cli.session.batch.row_worker import Answer
    from mira_cli.session.reply_parts.json_reply import JsonFormat
    from mira_cli.terminal.streams import Streams

_SOME_FAILED = 8
_GRACE = 2.0  # seconds that rows under way are given after Ctrl-C


def batch(
    options: BatchOptions, flags: Mapping[str, object], streams: Streams, env: Mapping[str, str]
) -> int:
    """Ask the rows and write the answers.

    Args:
        options: The options that are not settings.
        flags: The flags that are settings, by name.
        streams: The standard streams.
        env: The environment.

    Returns:
        0 when all rows have good answers, 8 when some failed.

    Raises:
        MiraError: What kept the run from starting, or ended it.
        ReaderGone: Nobody reads the answers any more.
    """
    gc.enable()  # off for short runs; in a long one what failures leave behind must go
    settings = open_settings(streams, env, flags, quiet=options.quiet, verbose=options.verbose)
    with ExitStack() as opened:
        source = opened.enter_context(open_input(options.input, streams))
        json_format = _open_json_format(options, settings.max_time)
        if options.output is None:
            streams.check_stdout()
        key = find_or_ask_key(streams, env, settings)
        stopping, pace, counts = Event(), Pace(options.per_minute), Counts(source.count)
        observer = BatchObserver(pace, stopping, streams)
        client = client_with(key, env, settings, observer, sleep=observer.sleep)
        opened.callback(client.close)
        checkpoint = opened.enter_context(_open_checkpoint(options.output, options.input))
        bar = ProgressBar(streams, source.count, shared=options.output is None and not streams.out_tty)
        opened.callback(bar.close)
        defaults = Defaults(settings.system, options_from(settings), json_format)
        rows = read_rows(source.lines(), defaults, streams, plain=options.lines)
        workers = Workers(
            _chosen(rows, options, checkpoint, counts, whole=source.count is not None),
            RowWorker(streams, settings, client, observer, json_format, options.reask).ask,
            stopping,
            jobs=options.jobs,
            ends=lambda answer: answer.ends_run,
            in_order=not options.as_completed,
            tick=lambda: bar.show(counts.done, counts.all_failed, _waiting(pace)),
        )
        return Run(streams, checkpoint, counts, workers).drive()


def _open_checkpoint(path: str | None, questions: str) -> AbstractContextManager[Checkpoint | None]:
    if path is None:
        return nullcontext()
    from mira_cli.session.batch.checkpoint import open_checkpoint

    if os.path.exists(path) and questions != STDIN and os.path.samefile(path, questions):  # noqa: PTH110, PTH121 - cheap
        raise UsageError(f"{path} holds the questions.", hint="Give another file with -o.")
    return open_checkpoint(path)


def _open_json_format(options: BatchOptions, max_time: float | None) -> JsonFormat | None:
    if not options.json_reply and options.schema is None:
        return None
    from mira_cli.session.reply_parts.json_reply import open_json_format

    return open_json_format(options.schema, max_time)


def _waiting(pace: Pace) -> str:
    return f"waiting {pace.held:.0f}s" if pace.held >= 1 else ""


def _chosen(
    rows: Iterator[Row | BadRow],
    options: BatchOptions,
    checkpoint: Checkpoint | None,
    counts: Counts,
    *,
    whole: bool,
) -> Iterator[Row | BadRow]:
    """The rows that this run works on. `whole`: those beyond --limit are counted as well."""
    done = checkpoint.done if checkpoint else set()
    failed = checkpoint.failed if checkpoint else {}
    seen: set[str] = set()
    asked = 0
    for row in rows:
        good = isinstance(row, Row)
        if row.key in seen:
            counts.repeated += 1
            continue
        seen.add(row.key)
        if row.key in done:
            counts.before += 1
        elif row.key in failed and not (
            good and options.retry_failed
        ):  # a line that is not a question never becomes one
            counts.failed_before += 1
            if good:
                counts.note_failure(f"row {row.id}: {failed[row.key]}")
            else:
                counts.note_failure(failed[row.key], askable=False)
        elif good and options.limit is not None and asked >= options.limit:
            continue
        else:
            asked += good
            yield row
        if asked == options.limit and not whole:
            return


class Run:
    """Writes the answers that the workers bring, and the summary at the end.

    Signals raise in the main thread, which only waits: another thread takes what is finished and writes it,
    so that Ctrl-C can never lose a row, or tear one.
    """

    def __init__(
        self,
        streams: Streams,
        checkpoint: Checkpoint | None,
        counts: Counts,
        workers: Workers[Row | BadRow, Answer],
    ) -> None:
        self._streams = streams
        self._checkpoint = checkpoint
        self._counts = counts
        self._workers = workers
        self._ended_by: MiraError | None = None
        self._failure: BaseException | None = None
        self._over = False
        self._writing = Lock()  # an Event's wait is Python, which a signal may leave with its lock undone
        self._writing.acquire()

    def drive(self) -> int:
        """Write answers until there are no more, or something ends the run; returns and raises as `batch`."""
        try:
            SideThread(self._write_all).start()
            while not self._is_over(TICK):  # Windows notices no signal in a wait without an end
                pass
        except KeyboardInterrupt as stop:
            self._streams.hurry(_GRACE)  # rows may come as long
            self._workers.stop(_GRACE)
            self._is_over(_GRACE + 2 * TICK)
            self._summarise(ended=True)
            raise as_error(stop) from stop
        if self._failure is not None:
            if isinstance(self._failure, UsageError):  # of the input
                self._summarise(ended=True)
            raise self._failure
        self._summarise(ended=self._ended_by is not None)
        if self._ended_by is not None:
            raise self._ended_by
        return _SOME_FAILED if self._counts.all_failed else 0

    def _is_over(self, timeout: float) -> bool:
        """Whether all is written, or is within so many seconds."""
        return self._over or self._writing.acquire(timeout=timeout)

    def _write_all(self) -> None:
        try:
            for answer in self._workers.results():
                self._write(answer)
        except BaseException as failure:  # noqa: BLE001 - carried to the thread that can act on it
            self._failure = failure
            self._workers.stop()
        finally:
            self._over = True
            self._writing.release()

    def _write(self, answer: Answer) -> None:
        if answer.ends_run:
            self._ended_by = self._ended_by or answer.error
            return  # not written: the next run asks it again
        line = as_line(answer.facts())
        if self._checkpoint is not None:
            self._checkpoint.append(line.encode())
        else:
            self._streams.write(line)
        self._count(answer)

    def _count(self, answer: Answer) -> None:
        error = answer.error
        if error is None:
            self._counts.answered += 1
            self._counts.ended_early += answer.ended_early
            return
        self._counts.failed += 1
        if isinstance(answer.row, BadRow):
            self._streams.error(error.message)
        else:
            self._counts.note_failure(f"row {answer.row.id}: {error.message}")

    def _summarise(self, *, ended: bool) -> None:
        """The summary: a note when all is well, else an error, with the first rows that failed."""
        counts = self._counts
        self._streams.status("")  # the bar has done its work
        if counts.all_failed or ended:
            self._streams.error(counts.summary())
        else:
            self._streams.note(counts.summary())
        for failure in counts.failure_lines():
            self._streams.error(failure)
        if counts.ended_early:
            self._streams.note(counts.early_line(), always=True)
        resumable = self._checkpoint is not None
        if counts.askable and resumable:
            self._streams.note("--retry-failed asks failed rows again.")
        if resumable and (ended or counts.left):
            self._streams.note("Run the same command again to continue.")
        elif ended:
            self._streams.note("With -o FILE the same command could resume where it left off.")
