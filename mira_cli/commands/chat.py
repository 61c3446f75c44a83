"""`mira chat`: a conversation, typed or piped in."""

from typing import Annotated

import typer

from mira_cli.commands import options as o


def chat(
    ctx: typer.Context,
    question: Annotated[
        list[str] | None, typer.Argument(metavar="QUESTION", help="A first question.")
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
        o.file_option("-c", "--conversation", help="Continue the conversation in FILE and keep it there."),
    ] = None,
    load: Annotated[
        str | None, o.file_option("-l", "--load", help="Start with the conversation in FILE.")
    ] = None,
    save: Annotated[
        str | None, o.file_option("--save", help="Write the conversation to FILE after each turn.")
    ] = None,
    raw: o.Raw = False,
    reasoning: o.Reasoning = False,
    usage: o.Usage = False,
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
) -> int:
    """Chat with Mira.

    Nothing is kept on disk unless you name a file.

    Examples:
        mira chat
        mira chat -c talk.json
    """
    from mira_cli.session.chat import run as session

    run: o.Run = ctx.obj
    options = session.ChatOptions(
        question=" ".join(question or ()),
        files=tuple(file or ()),
        conversation=conversation,
        load=load,
        save=save,
        raw=raw,
        quiet=quiet,
        verbose=verbose,
    )
    return session.chat(options, o.given_settings(ctx), run.streams, run.env)
