"""`mira batch`: asks every question in a file and writes each answer as a JSON line; -o resumes a run."""

from __future__ import annotations

import gc
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from mira_cli.background import SideThread
from mira_cli.errors import AuthError, MiraError, UsageError
from mira_cli.session.batch.counts import Counts
from mira_cli.session.batch.input import open_input
from mira_cli.session.batch.pace import Pace
from mira_cli.session.batch.row_worker import RowAnswer, RowWorker
from mira_cli.session.batch.rows import BadRow, Defaults, Row, read_rows
from mira_cli.session.batch.workers import Workers
from mira_cli.session.opening import client_with, options_from
from mira_cli.session.signals import as_error
from mira_cli.session.startup import find_or_ask_key, open_settings
from mira_cli.terminal.progress import ProgressBar
from mira_cli.terminal.reading import is_stdin
from mira_cli.terminal.result import as_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from mira_cli.session.batch.checkpoint import Checkpoint
    from mira_cli.terminal.streams import Streams

_SOME_FAILED = 8
_TICK = 0.2  # seconds between updates of the progress bar
_AT_ONCE = 0.1  # seconds that nobody notices
_GRACE = 2.0  # seconds for rows in progress after Ctrl-C
_MAX_FORBIDDEN = 10  # 403s that end a run without any answer


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """Options of one `mira batch` that are not settings.

    Attributes:
        input: File of questions; `-` is standard input.
        output: File of answers, None for standard output.
        lines: Treat each line as a question.
        in_order: Write answers in the order of the questions, not as they arrive.
        jobs: Concurrent requests.
        per_minute: Maximum requests a minute, 0 for no limit.
        limit: Maximum number of rows to ask, None for all.
        retry_failed: Ask rows that failed in an earlier run again.
        schema: File of the JSON Schema that each reply must match.
        reask: Ask once more if a reply is not the requested JSON.
    """

    input: str
    output: str | None
    lines: bool
    in_order: bool
    jobs: int
    per_minute: int
    limit: int | None
    retry_failed: bool
    json_reply: bool
    schema: str | None
    reask: bool
    quiet: bool
    verbose: bool


def batch(
    options: BatchOptions, flags: Mapping[str, object], streams: Streams, env: Mapping[str, str]
) -> int:
    """Ask the rows and write the answers. `flags`: the flags that are settings, by name.

    Returns:
        The exit code: 0 if all rows were answered, 8 if some failed.

    Raises:
        MiraError: The run could not start, or was ended early.
        ReaderGone: The reader of our output is gone.
    """
    gc.enable()  # app.py disables it, but failures in a long run leave garbage
    settings = open_settings(streams, env, flags, quiet=options.quiet, verbose=options.verbose)
    with ExitStack() as opened:
        count, lines = opened.enter_context(open_input(options.input, streams))
        json_format = None
        if options.json_reply or options.schema is not None:
            from mira_cli.session.reply_parts.json_format import open_json_format

            json_format = open_json_format(options.schema, settings.max_time)
        if options.output is None:
            streams.check_stdout()
        key = find_or_ask_key(streams, env, settings)
        stopping, counts = Event(), Counts(count)
        pace = Pace(options.per_minute, stopping, streams)
        client = client_with(key, env, settings, pace, sleep=pace.sleep)
        opened.callback(client.close)
        checkpoint = opened.enter_context(_open_checkpoint(options.output, options.input))
        bar = ProgressBar(streams, count, shared=options.output is None and not streams.out_tty)
        opened.callback(bar.close)
        defaults = Defaults(settings.system, options_from(settings), json_format)
        rows = read_rows(lines, defaults, streams, plain=options.lines)
        worker = RowWorker(streams, settings, client, pace, json_format, options.reask)
        run = BatchRun(streams, checkpoint, counts, stopping)
        workers = Workers(worker.ask, run.write, stopping, jobs=options.jobs, in_order=options.in_order)

        def tick() -> None:
            waiting = f"waiting {pace.held:.0f}s" if pace.held >= 1 else ""
            bar.show(counts.done, counts.all_failed, waiting)

        return run.drive(workers, _chosen(rows, options, checkpoint, counts), tick)


def _open_checkpoint(path: str | None, questions: str) -> AbstractContextManager[Checkpoint | None]:
    if path is None:
        return nullcontext()
    from mira_cli.session.batch.checkpoint import open_checkpoint

    if not is_stdin(questions) and Path(path).exists() and Path(path).samefile(questions):
        raise UsageError(f"{path} holds the questions.", hint="Give another file with -o.")
    return open_checkpoint(path)


def _chosen(
    rows: Iterator[Row | BadRow], options: BatchOptions, checkpoint: Checkpoint | None, counts: Counts
) -> Iterator[Row | BadRow]:
    """The rows for this run to ask. Rows of a file beyond --limit are read too, to count them."""
    done = checkpoint.done if checkpoint else set()
    failed = checkpoint.failed if checkpoint else {}
    seen: set[str] = set()
    asked = 0
    for row in rows:
        good = isinstance(row, Row)  # asking a bad line again makes no sense
        if row.key in seen:
            counts.repeated += 1
            continue
        seen.add(row.key)
        if row.key in done:
            counts.before += 1
        elif row.key in failed and not (good and options.retry_failed):
            counts.failed_before += 1
            message = failed[row.key]
            counts.note_failure(f"row {row.id}: {message}" if good else message, askable=good)
        elif not good or asked != options.limit:
            asked += good
            yield row
        if asked == options.limit and counts.total is None:
            return


class BatchRun:
    """Writes the answers of the workers, and the summary at the end.

    Signals raise in the main thread, which only waits and draws the progress bar. Worker threads write the
    answers, so Ctrl-C can't lose or truncate one.
    """

    def __init__(
        self, streams: Streams, checkpoint: Checkpoint | None, counts: Counts, stopping: Event
    ) -> None:
        self._streams = streams
        self._checkpoint = checkpoint
        self._counts = counts
        self._stopping = stopping
        self._ended_by: MiraError | None = None
        self._forbidden = 0

    def drive(
        self,
        workers: Workers[Row | BadRow, RowAnswer],
        rows: Iterator[Row | BadRow],
        tick: Callable[[], None] = lambda: None,
    ) -> int:
        """Ask the rows until there are no more or something ends the run. Returns and raises as `batch`.

        Args:
            workers: Pass their results to `write`.
            rows: The rows to ask.
            tick: Called a few times a second.
        """
        try:
            workers.start(rows)
            while not workers.wait(_TICK):  # on Windows, signals don't end a wait without a timeout
                tick()
        except KeyboardInterrupt as stop:
            self._finish(workers)
            self._summarise(ended=True)
            raise as_error(stop) from stop
        if workers.failure is not None:
            if isinstance(workers.failure, UsageError):  # of the input
                self._summarise(ended=True)
            raise workers.failure
        self._summarise(ended=self._ended_by is not None)
        if self._ended_by is not None:
            raise self._ended_by
        return _SOME_FAILED if self._counts.all_failed else 0

    def _finish(self, workers: Workers[Row | BadRow, RowAnswer]) -> None:
        """After Ctrl-C: wait for rows in progress, until Ctrl-C is pressed again."""
        self._stopping.set()
        self._streams.hurry(_GRACE)  # answers may still be written for this long
        try:
            if not workers.wait(_AT_ONCE):
                self._streams.note(f"Finishing the rows under way ({_GRACE:.0f} s) …")
                workers.wait(_GRACE - _AT_ONCE)
        except KeyboardInterrupt:
            pass
        SideThread(workers.give_up).start()
        workers.wait(2 * _TICK)

    def write(self, answer: RowAnswer) -> None:
        """Write an answer and count it. One that ends the run is skipped, so the next run asks it again."""
        if answer.ends_run:
            self._ended_by = self._ended_by or answer.error
            return
        line = as_line(answer.facts())
        if self._checkpoint is not None:
            self._checkpoint.append(line.encode())
        else:
            self._streams.write(line)
        self._count(answer)

    def _count(self, answer: RowAnswer) -> None:
        error = answer.error
        if error is None:
            self._counts.answered += 1
            self._counts.ended_early += answer.ended_early
            return
        self._counts.failed += 1
        if isinstance(answer.row, BadRow):
            self._counts.bad += 1
            self._streams.error(error.message)
        else:
            self._counts.note_failure(f"row {answer.row.id}: {error.message}")
        self._forbidden += isinstance(error, AuthError)
        if self._forbidden >= _MAX_FORBIDDEN and not self._counts.answered:
            self._ended_by = self._ended_by or error
            self._stopping.set()

    def _summarise(self, *, ended: bool) -> None:
        """Print the summary: a note if all is well, else an error with the first failures."""
        counts = self._counts
        self._streams.status("")  # erases the progress bar
        if counts.all_failed or ended:
            self._streams.error(counts.summary())
        else:
            self._streams.note(counts.summary())
        for failure in counts.failure_lines():
            self._streams.error(failure)
        if counts.ended_early:
            self._streams.note(counts.early_line(), always=True)
        resumable = self._checkpoint is not None
        unfinished = counts.left or (ended and counts.total is None)
        if counts.askable and resumable:
            self._streams.note("--retry-failed asks failed rows again.")
        if unfinished and resumable:
            self._streams.note("Run the same command again to continue.")
        elif unfinished and ended:
            self._streams.note("With -o FILE the same command could resume where it left off.")
