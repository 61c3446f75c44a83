"""`mira simulate`: a stand-in for the API on this machine."""

# ruff: noqa: D301 - a real backspace before a paragraph keeps its lines as they are in help

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Protocol

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.terminal.streams import Streams

NAME = "simulate"
CONTEXT_SETTINGS = {
    "allow_interspersed_args": False
}  # what follows the command's name belongs to the command


class Run(Protocol):
    """What the front door hands to a command."""

    streams: Streams
    env: Mapping[str, str]


def simulate(
    context: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="COMMAND", help="Command to run, with its arguments.", show_default=False),
    ] = None,
    *,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port; 0 is any free one.")
    ] = 0,
    fail: Annotated[
        list[str] | None,
        typer.Option(
            "--fail",
            metavar="NAME[:COUNT]",
            help="Fault for the next requests (repeatable).",
            show_default=False,
        ),
    ] = None,
    delay: Annotated[
        float, typer.Option("--delay", metavar="SECONDS", min=0, help="Wait before the first token.")
    ] = 0.0,
    rate: Annotated[
        float,
        typer.Option("--rate", metavar="TOKENS", min=0, help="Tokens a second; 0 is as fast as it goes."),
    ] = 0.0,
    window: Annotated[
        int | None,
        typer.Option("--window", metavar="TOKENS", min=1, help="Refuse longer prompts.", show_default=False),
    ] = None,
    log: Annotated[
        str,
        typer.Option("--log", metavar="FILE", help="Add each request as a line of JSON.", show_default=False),
    ] = "",
    script: Annotated[
        str,
        typer.Option("--script", metavar="FILE", help="Replies and faults in order.", show_default=False),
    ] = "",
    record: Annotated[
        str,
        typer.Option(
            "--record", metavar="FILE", help="Ask --upstream, keep the answers.", show_default=False
        ),
    ] = "",
    upstream: Annotated[
        str, typer.Option("--upstream", metavar="URL", help="Base URL to record from.", show_default=False)
    ] = "",
    replay: Annotated[
        str, typer.Option("--replay", metavar="FILE", help="Answer from a recording.", show_default=False)
    ] = "",
    faults: Annotated[bool, typer.Option("--faults", help="List the faults of --fail and stop.")] = False,
) -> None:
    """Stand in for the Mira API on this machine.

    With a COMMAND, run it with MIRA_BASE_URL and MIRA_API_KEY set for it alone and pass on its exit code;
    without, serve until Ctrl-C. Replies are simulated: no key is needed, nothing leaves this machine.

    \b
    Examples:
      mira simulate -- mira ask "What is machine learning?"
      mira simulate --fail 429:2 -- ./script.sh
      mira simulate --port 8080

    What --fail may name, for COUNT requests or for all (--faults says what each does):

    \b
    Statuses:
      400 to 599, STATUS-SHAPE (SHAPE: string, object, list, json, error,
      echo, empty, text, html, long, notype, key, ansi)
      429-seconds 429-date 429-none 429-ms 429-hour 429-day 429-quota
      402-balance 403-plan 403-forbidden 403-quota 503-after 503-never
      400-again blocked blocked-object context stream-options

    \b
    Good replies, oddly written:
      split-bytes one-write until-close crlf crlf-torn cr mixed-ends bom
      comments fields data-lines no-space separators no-role usage-chunk
      usage-everywhere no-usage null-content two-choices unknown-keys
      split-pair think-reasoning-content think-reasoning
      think-thinking-content think-thinking think-block no-done no-finish
      no-blank plain-type no-type whole whole-split close-after

    \b
    Cut or late:
      cut-mid-token cut-mid-utf8 cut-between cut-clean cut-empty cut-role
      reset-mid-stream reset-before-headers close-before-headers
      close-mid-headers stall stall-before-text no-answer stall-error
      pings-for-ever pings-after-text slow-headers endless-headers drip
      408-whole

    \b
    No reply:
      html html-as-stream empty-body error-body other-json json-list
      text-body no-choices no-text error-mid error-first error-string
      error-event error-content error-content-late error-safety
      error-bracketed bad-json bad-json-only long-line long-reply
      huge-json huge-error gzip gzip-bomb redirect redirect-loop

    \b
    Text that would act on a terminal:
      ansi osc52 osc8 title decrqss c1 bidi tags selectors invisible
      cr-overwrite backspace nul surrogate noncharacters split-escape
      open-osc markup hidden-link emoji crlf-text evil-model odd-finish
      length filtered
    """
    from mira_cli.session import simulating

    run: Run = context.obj
    if faults:
        raise typer.Exit(simulating.list_faults(run.streams))
    wanted = simulating.Wanted(
        command=command or (),
        port=port,
        fail=fail or (),
        delay=delay,
        rate=rate,
        window=window,
        log=log,
        script=script,
        record=record,
        upstream=upstream,
        replay=replay,
    )
    raise typer.Exit(simulating.simulate(run.streams, run.env, wanted))
