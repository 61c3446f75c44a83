"""`mira ask`: one question, one answer."""

from typing import Annotated

import typer

from mira_cli.commands import options as o


def ask(
    ctx: typer.Context,
    question: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUESTION", help="The question; - is standard input."),
    ] = None,
    model: o.Model = None,
    system: o.System = None,
    prompt: o.Prompt = None,
    file: o.Files = None,
    temperature: o.Temperature = None,
    top_p: o.TopP = None,
    max_tokens: o.MaxTokens = None,
    stop: o.Stop = None,
    context: o.Context = None,
    conversation: Annotated[
        str | None,
        o.file_option("-c", "--conversation", help="Continue the conversation in FILE."),
    ] = None,
    edit: Annotated[bool, typer.Option("-e", "--edit", help="Write the question in $EDITOR.")] = False,
    code: Annotated[bool, typer.Option("-x", "--code", help="Print only the first code block.")] = False,
    lang: Annotated[
        str | None,
        typer.Option("--lang", metavar="LANG", help="Print only code blocks in this language."),
    ] = None,
    code_all: Annotated[bool, typer.Option("--code-all", help="Print all code blocks.")] = False,
    raw: o.Raw = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object: text, model, usage …")] = False,
    events: Annotated[bool, typer.Option("--events", help="Stream events as JSON lines.")] = False,
    json_reply: o.JsonReply = False,
    schema: o.Schema = None,
    no_reask: o.NoReask = False,
    reasoning: o.Reasoning = False,
    usage: o.Usage = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Print the request, without the key, and stop.")
    ] = False,
    no_stdin: Annotated[bool, typer.Option("--no-stdin", help="Don't read standard input.")] = False,
    no_stream: o.NoStream = False,
    plain: o.Plain = False,
    color: o.Color = None,
    theme: o.Theme = None,
    sanitize: o.Sanitize = None,
    timeout: o.Timeout = None,
    max_time: o.MaxTime = None,
    retries: o.Retries = None,
    base_url: o.BaseUrl = None,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Ask one question and print the answer.

    Examples:
        mira ask "What is machine learning?"
        git diff | mira ask "Review this change"
    """
    from mira_cli.session import ask as session

    run: o.Run = ctx.obj
    options = session.AskOptions(
        words=tuple(question or ()),
        files=tuple(file or ()),
        conversation=conversation,
        edit=edit,
        code=code,
        code_flag=o.spelled(ctx, "-x", "--code"),
        lang=lang,
        code_all=code_all,
        raw=raw,
        json=json,
        events=events,
        json_reply=json_reply,
        schema=schema,
        reask=not no_reask,
        dry_run=dry_run,
        no_stdin=no_stdin,
        quiet=quiet,
        verbose=verbose,
    )
    session.ask(options, o.given_settings(ctx), run.streams, run.env)
