"""What `mira simulate` does: starts a simulator, then serves or runs a command against it."""

from __future__ import annotations

import gc
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.simulator import command, script
from mira_cli.simulator.server import Simulator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.terminal.streams import Streams

_TYPED = tuple(128 + getattr(signal, name) for name in ("SIGINT", "SIGQUIT") if hasattr(signal, name))


@dataclass(frozen=True, slots=True)
class SimulateOptions:
    """The options of one `mira simulate`.

    Attributes:
        command: The command to run against the simulator, () to serve.
        port: 0 for any free one.
        fail: Faults for the next chat requests, NAME[:COUNT] each.
        delay: Seconds before the first token.
        rate: Tokens a second, 0 for as fast as possible.
        window: Prompt tokens above which a request is refused, None for no limit.
        log: File that gets a JSON line per request, None for none.
        script: File of replies, None for the built-in ones.
    """

    command: tuple[str, ...] = ()
    port: int = 0
    fail: tuple[str, ...] = ()
    delay: float = 0.0
    rate: float = 0.0
    window: int | None = None
    log: str | None = None
    script: str | None = None


def simulate(streams: Streams, env: Mapping[str, str], options: SimulateOptions) -> int:
    """Serve until a signal comes, or run the command.

    Returns:
        The exit code: the command's own, or 128 + N if signal N ended it or the serving.

    Raises:
        UsageError: Bad flags or files, a port that is taken, a command that cannot be run (126, 127).
    """
    gc.enable()  # `app` turns it off for its short runs; this one may take days
    simulator = Simulator(
        fail=options.fail,
        delay=options.delay,
        rate=options.rate,
        script=() if options.script is None else script.load(options.script),
        window=options.window,
        port=options.port,
        log=options.log,
    )
    with simulator:
        if options.command:
            return command.run(options.command, command.environment(env, simulator))
        code = command.wait_for_signal(lambda: _announce(streams, simulator))
        if code in _TYPED and streams.err_tty:
            streams.draw("\n")  # the terminal has echoed ^C: what comes next begins a row of its own
        return code


def _announce(streams: Streams, simulator: Simulator) -> None:
    streams.write(f"export MIRA_BASE_URL={simulator.base_url}\nexport MIRA_API_KEY={simulator.key}\n")
    streams.note(
        "A local mock of the Mira API: set these two variables where you want to use it. Ctrl-C stops it."
    )


def list_faults(streams: Streams) -> int:
    """Print the names of all faults, each with what it does."""
    from mira_cli.simulator.error_responses import SHAPES
    from mira_cli.simulator.faults import FAULTS

    rows = [(fault.name, fault.description) for fault in FAULTS.values()]
    rows += [("STATUS", "any status from 400 to 599, as the API words it")]
    rows += [(f"STATUS-{shape}", description) for shape, description in SHAPES.items()]
    width = max(len(name) for name, _ in rows)
    streams.write("".join(f"{name:{width}}  {description}\n" for name, description in rows))
    return 0
