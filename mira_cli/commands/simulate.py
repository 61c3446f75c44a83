"""`mira simulate`: a local mock API."""

from typing import Annotated

import typer

from mira_cli.commands import options as o
from mira_cli.settings.parse import number, whole

_MOST = 1_000_000_000
_PORTS = 65_535


def simulate(
    ctx: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="CMD", help="Command to run against it (default: just run the server)."),
    ] = None,
    port: Annotated[
        str | None, typer.Option("--port", metavar="N", help="Port to listen on (default: any free one).")
    ] = None,
    fail: Annotated[
        list[str] | None,
        typer.Option("--fail", metavar="NAME[:COUNT]", help="Make the next chat requests fail (repeatable)."),
    ] = None,
    delay: Annotated[
        str | None, typer.Option("--delay", metavar="SECONDS", help="Wait before the first token.")
    ] = None,
    rate: Annotated[str | None, typer.Option("--rate", metavar="TOKENS", help="Tokens a second.")] = None,
    window: Annotated[
        str | None, typer.Option("--window", metavar="TOKENS", help="Refuse longer prompts.")
    ] = None,
    faults: Annotated[
        bool, typer.Option("--faults", help="List the names that --fail takes, and stop.")
    ] = False,
    log: Annotated[
        str | None, o.file_option("--log", help="Write each request to FILE, one JSON object a line.")
    ] = None,
    script: Annotated[
        str | None, o.file_option("--script", help="Replies and faults in order, TOML or JSON.")
    ] = None,
) -> int:
    """Run a local mock API.

    To try mira without a key, and to test scripts.

    Examples:
        mira simulate -- mira ask "What is machine learning?"
        mira simulate --fail 429:2 -- ./script.sh
    """
    from mira_cli.session import simulate as session
    from mira_cli.simulator.server import Simulator

    run: o.Run = ctx.obj
    if faults:
        return session.list_faults(run.streams)
    simulator = Simulator(
        fail=fail or (),
        script=session.load_script(script, run.streams) if script else (),
        delay=o.value_of("--delay", delay, number(0, _MOST)) or 0.0,
        rate=o.value_of("--rate", rate, number(0, _MOST)) or 0.0,
        window=o.value_of("--window", window, whole(1, _MOST)),
        port=o.value_of("--port", port, whole(0, _PORTS)) or 0,
        log=log,
    )
    return session.simulate(run.streams, run.env, simulator, command or ())
