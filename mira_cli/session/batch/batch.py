"""`mira batch`: every question of a file, each answer a line of JSON; with -o it goes on where it stopped."""

from __future__ import annotations

import gc
import os
from contextlib import ExitStack
from threading import Event
from typing import TYPE_CHECKING

from mira_cli.errors import UsageError
from mira_cli.session.batch.asking import Asker, Waits
from mira_cli.session.batch.crew import Crew
from mira_cli.session.batch.input import STDIN, open_input
from mira_cli.session.batch.pace import Pace
from mira_cli.session.batch.rows import Defaults, Row, read_rows
from mira_cli.session.batch.run import Run
from mira_cli.session.batch.tally import Tally
from mira_cli.session.opening import client_with, find_or_ask_key, options_from
from mira_cli.session.settling import open_settings
from mira_cli.terminal.progress import ProgressBar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from mira_cli.session.batch.checkpoint import Checkpoint
    from mira_cli.session.batch.options import BatchOptions
    from mira_cli.session.batch.rows import BadRow
    from mira_cli.session.reply_parts.json_reply import JsonFormat
    from mira_cli.terminal.streams import Streams


def batch(
    options: BatchOptions, flags: Mapping[str, object], streams: Streams, env: Mapping[str, str]
) -> int:
    """Ask the rows and write the answers.

    Returns:
        0 when all rows have good answers, 8 when some failed.

    Raises:
        MiraError: What kept the run from beginning, or ended it.
        ReaderGone: Nobody reads the answers any more.
    """
    gc.enable()  # off for short runs; in a long one what failures leave behind must go
    settings = open_settings(streams, env, flags, quiet=options.quiet, verbose=options.verbose)
    with ExitStack() as opened:
        source = opened.enter_context(open_input(options.input, streams))
        json_format = _open_json_format(options)
        if options.output is None:
            streams.check_stdout()
        key = find_or_ask_key(streams, env, settings)
        stopping, pace, tally = Event(), Pace(options.per_minute), Tally(source.count)
        waits = Waits(pace, stopping, streams)
        client = client_with(key, streams, env, settings, waits, sleep=waits.between_tries)
        opened.callback(client.close)
        checkpoint = None
        if options.output is not None:
            checkpoint = opened.enter_context(_open_checkpoint(options.output, options.input))
        bar = ProgressBar(streams, source.count, shared=options.output is None and not streams.out_tty)
        opened.callback(bar.close)
        defaults = Defaults(settings.system, options_from(settings), json_format)
        rows = read_rows(source.lines(), defaults, streams, plain=options.lines)
        crew = Crew(
            _chosen(rows, options, checkpoint, tally, whole=source.count is not None),
            Asker(streams, settings, client, waits, json_format=json_format, reask=options.reask).ask,
            stopping,
            jobs=options.jobs,
            ends=lambda answer: answer.ends_run,
            in_order=not options.as_completed,
            tick=lambda: bar.show(tally.done, tally.all_failed, _waiting(pace)),
        )
        return Run(streams, checkpoint, tally, crew).drive()


def _open_checkpoint(path: str, questions: str) -> AbstractContextManager[Checkpoint]:
    from mira_cli.session.batch.checkpoint import open_checkpoint

    if os.path.exists(path) and questions != STDIN and os.path.samefile(path, questions):  # noqa: PTH110, PTH121 - cheap
        raise UsageError(f"{path} holds the questions.", hint="Name another file with -o.")
    return open_checkpoint(path)


def _open_json_format(options: BatchOptions) -> JsonFormat | None:
    if not options.json_reply and options.schema is None:
        return None
    from mira_cli.session.reply_parts.json_asking import open_json_format

    return open_json_format(options.schema)


def _waiting(pace: Pace) -> str:
    return f"waiting {pace.held:.0f}s" if pace.held >= 1 else ""


def _chosen(
    rows: Iterator[Row | BadRow],
    options: BatchOptions,
    checkpoint: Checkpoint | None,
    tally: Tally,
    *,
    whole: bool,
) -> Iterator[Row | BadRow]:
    """The rows that this run has to do with. `whole`: those beyond --limit are counted as well."""
    done = checkpoint.done if checkpoint else set()
    failed = checkpoint.failed if checkpoint else {}
    seen: set[str] = set()
    asked = 0
    for row in rows:
        good = isinstance(row, Row)
        if row.key in seen:
            tally.repeated += 1
            continue
        seen.add(row.key)
        if row.key in done:
            tally.before += 1
        elif row.key in failed and not (good and options.retry_failed):  # what is no question stays none
            tally.failed_before += 1
            if good:
                tally.note_failure(row.id, failed[row.key])
            else:
                tally.note_bad_line(failed[row.key])
        elif good and options.limit is not None and asked >= options.limit:
            continue
        else:
            asked += good
            yield row
        if asked == options.limit and not whole:
            return
