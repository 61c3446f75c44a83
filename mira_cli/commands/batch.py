"""`mira batch`: asks every question in a file."""

from typing import Annotated

import typer

from mira_cli.commands import options as o
from mira_cli.errors import UsageError
from mira_cli.settings.parse import whole

_MOST_JOBS = 3  # the API allows no more


def batch(
    ctx: typer.Context,
    input: Annotated[
        str, typer.Argument(metavar="FILE", help="Questions, one JSON object a line; - is standard input.")
    ],
    output: Annotated[
        str | None,
        o.file_option("-o", "--output", help="Append answers to FILE; rows already there are skipped."),
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Treat each line as a question.")] = False,
    as_completed: Annotated[bool, typer.Option("--as-completed", help="Write answers as they come.")] = False,
    jobs: Annotated[
        str | None,
        typer.Option("-j", "--jobs", metavar="N", help="Concurrent requests, 1 to 3 (default 2)."),
    ] = None,
    per_minute: Annotated[
        str | None,
        typer.Option("--per-minute", metavar="N", help="Requests a minute (default 60, 0: no limit)."),
    ] = None,
    limit: Annotated[
        str | None, typer.Option("--limit", metavar="N", help="Ask at most N rows in this run.")
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="With -o, ask failed rows again.")
    ] = False,
    model: o.Model = None,
    system: o.System = None,
    prompt: o.Prompt = None,
    temperature: o.Temperature = None,
    top_p: o.TopP = None,
    max_tokens: o.MaxTokens = None,
    stop: o.Stop = None,
    json_reply: o.JsonReply = False,
    schema: o.Schema = None,
    no_reask: o.NoReask = False,
    plain: o.Plain = False,
    color: o.Color = None,
    timeout: o.Timeout = None,
    max_time: o.MaxTime = None,
    retries: o.Retries = None,
    base_url: o.BaseUrl = None,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Ask every question of a JSONL file.

    With -o, the same command resumes where it stopped.

    Examples:
        mira batch questions.jsonl -o answers.jsonl
        mira batch --lines words.txt > answers.jsonl
    """
    from mira_cli.session.batch import run as session

    run: o.Run = ctx.obj
    output = None if output == "-" else output
    if retry_failed and output is None:
        raise UsageError("--retry-failed needs -o FILE, the answers of an earlier run.")
    options = session.BatchOptions(
        input=input,
        output=output,
        lines=lines,
        in_order=not as_completed,
        jobs=o.value_of("--jobs", jobs, whole(1, _MOST_JOBS)) or 2,
        per_minute=60 if per_minute is None else o.value_of("--per-minute", per_minute, whole()) or 0,
        limit=o.value_of("--limit", limit, whole()),
        retry_failed=retry_failed,
        json_reply=json_reply,
        schema=schema,
        reask=not no_reask,
        quiet=quiet,
        verbose=verbose,
    )
    return session.batch(options, o.given_settings(ctx), run.streams, run.env)
