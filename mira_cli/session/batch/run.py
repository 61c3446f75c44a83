"""`mira batch`: asks every question in a file and writes each answer as a JSON line; -o resumes a run."""

from __future__ import annotations

import gc
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from mira_cli.api.models import builtin
from mira_cli.api.retry import LONGEST_WAIT
from mira_cli.background import in_background
from mira_cli.conversation.history import Conversation
from mira_cli.errors import AuthError, MiraError, OutputError, QuotaError, RateLimitError, ReaderGone
from mira_cli.session.batch.answers import Answers
from mira_cli.session.batch.checkpoint import open_checkpoint
from mira_cli.session.batch.pace import Pace
from mira_cli.session.batch.rows import Defaults, open_input, read_rows
from mira_cli.session.batch.workers import Halted, Workers
from mira_cli.session.opening import Session, budget_from, client_with, options_from
from mira_cli.session.signals import as_error
from mira_cli.session.startup import find_or_ask_key, open_settings
from mira_cli.session.turn import run_turn
from mira_cli.terminal.progress import ProgressBar
from mira_cli.terminal.stdio import reader_has_left
from mira_cli.terminal.writers import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mira_cli.session.batch.rows import Row
    from mira_cli.session.reply_parts.json_reply import JsonFormat
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.streams import Streams

_SOME_FAILED = 8
_TICK = 0.2  # seconds between updates of the progress bar
_GRACE = 2.0  # seconds for rows in progress after Ctrl-C


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """Options of one `mira batch` that are not settings."""

    input: str  # file of questions; "-" is standard input
    output: str | None  # file of answers; None: standard output
    lines: bool  # each line is a question, not JSON
    in_order: bool  # write the answers in the order of the questions, not as they complete
    jobs: int
    per_minute: int  # maximum requests; 0: no limit
    limit: int | None  # maximum rows to ask in this run; None: all
    retry_failed: bool
    json_reply: bool
    schema: str | None  # file of the JSON Schema that each reply must match
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
            from mira_cli.session.reply_parts.json_reply import open_json_format

            json_format = open_json_format(options.schema, settings.max_time, reask=options.reask)
        if options.output is None:
            streams.check_stdout()
        key = find_or_ask_key(streams, env, settings)
        stopping = Event()
        pace = Pace(options.per_minute, stopping, streams)
        client = opened.enter_context(closing(client_with(key, env, settings, pace, sleep=pace.sleep)))
        checkpoint = None
        if options.output is not None:
            checkpoint = opened.enter_context(open_checkpoint(options.output, questions=options.input))
        answers = Answers(streams, checkpoint, stopping, count)
        conversation = Conversation(budget=budget_from(settings))  # each row gets its own
        session = Session(streams, settings, client, conversation, options_from(settings), pace, form="json")
        defaults = Defaults(settings.system, session.options, json_format)
        rows = read_rows(lines, defaults, streams, plain=options.lines)
        bar = ProgressBar(streams, count, shared=options.output is None and not streams.out_tty)
        opened.callback(bar.close)

        def show_progress() -> None:
            waiting = f"waiting {pace.held:.0f}s" if pace.held >= 1 else ""
            bar.show(answers.done, answers.all_failed, waiting)

        ask = partial(_ask_row, session, pace, answers, json_format)
        workers = Workers(ask, answers, jobs=options.jobs, in_order=options.in_order)
        return drive(workers, _chosen(rows, options, answers), answers, show_progress)


def _chosen(rows: Iterator[Row], options: BatchOptions, answers: Answers) -> Iterator[Row]:
    """The rows for this run to ask. Rows of a file beyond --limit are read too, to count them."""
    done = answers.checkpoint.done if answers.checkpoint else set()
    failed = answers.checkpoint.failed if answers.checkpoint else {}
    seen: set[str] = set()
    started = 0
    for row in rows:
        good = row.error is None  # asking a bad line again makes no sense
        if row.key in seen:
            answers.repeated += 1
            continue
        seen.add(row.key)
        if row.key in done:
            answers.before += 1
        elif row.key in failed and not (good and options.retry_failed):
            answers.failed_before += 1
            answers.note_failure(row, failed[row.key])
        elif not good or started != options.limit:
            started += good
            yield row
        if started == options.limit and answers.total is None:
            return


class _RowWriter(Writer):
    """Shows nothing, since rows are written when they are complete."""

    def notice(self, kind: str, message: str) -> None:
        """Only log it, since there may be thousands of rows."""
        self._streams.log(message)


def _ask_row(
    session: Session, pace: Pace, answers: Answers, json_format: JsonFormat | None, row: Row
) -> Result | MiraError:
    """Ask a row, unless it is a bad line.

    Raises:
        Halted: The run has ended, perhaps by the answer to this row.
    """
    if answers.stopping.is_set():
        raise Halted
    if row.error is not None:
        return row.error
    budget = budget_from(session.settings, builtin(row.options.model))
    session = replace(session, conversation=Conversation(row.system, budget=budget), options=row.options)
    writer = _RowWriter(session.streams)
    try:
        if json_format is None:
            return run_turn(session, row.question, writer).result
        from mira_cli.session.reply_parts.json_reply import ask_for_json

        return ask_for_json(session, json_format, row.question, writer).result
    except MiraError as error:
        pace.hold(error.retry_after or 0.0)
        if not _ends_run(error):
            return error
        answers.end(error)
        raise Halted from error


def _ends_run(error: MiraError) -> bool:
    """Whether the next rows would fail too: a refused key, a used-up balance, a wait of over a minute."""
    refused = isinstance(error, AuthError) and error.key_refused
    too_long = isinstance(error, RateLimitError) and (error.retry_after or 0.0) > LONGEST_WAIT
    return refused or too_long or isinstance(error, QuotaError)


def drive(workers: Workers, rows: Iterator[Row], answers: Answers, show_progress: Callable[[], None]) -> int:
    """Ask the rows until there are no more or something ends the run. Returns and raises as `batch`."""
    try:
        workers.start(rows)
        while not workers.wait(_TICK):  # on Windows, signals don't end a wait without a timeout
            show_progress()
            if answers.checkpoint is None and reader_has_left(answers.streams.output):
                raise ReaderGone
    except KeyboardInterrupt as stop:
        _finish(workers, answers)
        answers.summarise(ended=True)
        raise as_error(stop) from stop
    error = answers.ended_by
    if error is None or (isinstance(error, MiraError) and not isinstance(error, OutputError)):
        answers.summarise(ended=error is not None)
    if error is not None:
        raise error
    return _SOME_FAILED if answers.all_failed else 0


def _finish(workers: Workers, answers: Answers) -> None:
    """After Ctrl-C: wait for rows in progress, until Ctrl-C is pressed again."""
    answers.stopping.set()
    answers.streams.hurry(_GRACE)  # answers may still be written for this long
    try:
        if not workers.wait(0):
            answers.streams.note(f"Finishing the rows under way ({_GRACE:.0f} s) …")
            workers.wait(_GRACE)
    except KeyboardInterrupt:
        pass
    in_background(workers.give_up)
    workers.wait(2 * _TICK)
