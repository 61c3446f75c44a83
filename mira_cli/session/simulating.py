"""What `mira simulate` does: set a simulator up, then serve, or run a command under it."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.errors import UsageError
from mira_cli.simulator.server import Simulator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mira_cli.simulator.plan import Relay
    from mira_cli.terminal.streams import Streams


@dataclass(frozen=True, slots=True)
class SimulateOptions:
    """Options of one `mira simulate`.

    Attributes:
        command: The command to run against the simulator, () to serve.
        port: 0 for any free one.
        fail: Faults for the next chat requests, NAME[:COUNT] each.
        delay: Seconds before the first token.
        rate: Tokens a second, 0 for as fast as possible.
        window: Tokens of prompt beyond which a request is refused, None for no such limit.
        log: File that gets a line a request, None for none.
        script: File of replies, None for the built-in ones.
        record: File that gets what the upstream answers, None for none.
        upstream: URL that answers in the simulator's place, None for none.
        replay: File of recorded answers, None for none.
    """

    command: tuple[str, ...] = ()
    port: int = 0
    fail: tuple[str, ...] = ()
    delay: float = 0.0
    rate: float = 0.0
    window: int | None = None
    log: str | None = None
    script: str | None = None
    record: str | None = None
    upstream: str | None = None
    replay: str | None = None


def simulate(streams: Streams, env: Mapping[str, str], options: SimulateOptions) -> int:
    """Serve, or run the command.

    Returns:
        The exit code: the command's own, or 128 + N when signal N ended it or the serving.

    Raises:
        UsageError: Bad flags or files, a port that is taken, a command that cannot be run (126, 127).
    """
    gc.enable()  # the front door has it off for its short runs; this one may take days
    from mira_cli.simulator import running

    with _simulator(env, options) as simulator:
        if options.command:
            return running.run(options.command, running.environment(env, simulator))
        return running.wait_for_signal(lambda: _announce(streams, simulator))


def _announce(streams: Streams, simulator: Simulator) -> None:
    streams.write(f"export MIRA_BASE_URL={simulator.base_url}\nexport MIRA_API_KEY={simulator.key}\n")
    streams.note("A stand-in for the Mira API: set these two where you want to use it. Ctrl-C stops it.")


def list_faults(streams: Streams) -> int:
    """Print the names of all faults, each with what it does."""
    from mira_cli.simulator.faults.statuses import SHAPES
    from mira_cli.simulator.faults.table import FAULTS

    rows = [(fault.name, fault.line) for fault in FAULTS.values()]
    rows += [("STATUS", "any status from 400 to 599, as the API words it")]
    rows += [(f"STATUS-{shape}", line) for shape, line in SHAPES.items()]
    width = max(len(name) for name, _ in rows)
    streams.write("".join(f"{name:{width}}  {line}\n" for name, line in rows))
    return 0


def _simulator(env: Mapping[str, str], options: SimulateOptions) -> Simulator:
    entries: Sequence[object] = ()
    if options.script is not None:
        from mira_cli.simulator.script import load

        entries = load(options.script)
    return Simulator(
        fail=options.fail,
        delay=options.delay,
        rate=options.rate,
        script=entries,
        relay=_relay(env, options),
        port=options.port,
        log=options.log,
        window=options.window,
        keep=False,
    )


def _relay(env: Mapping[str, str], options: SimulateOptions) -> Relay | None:
    if options.record is not None and options.upstream is None:
        raise UsageError("--record needs --upstream URL as well.")
    if options.upstream is not None and options.record is None:
        raise UsageError("--upstream needs --record FILE as well.")
    if options.replay is not None and (options.record is not None or options.script is not None):
        raise UsageError(f"--replay excludes {'--script' if options.record is None else '--record'}.")
    if options.record is not None and options.script is not None:
        raise UsageError("--record excludes --script.")
    if options.replay is not None:
        from mira_cli.simulator.replaying import Replayer, load

        return Replayer(load(options.replay), options.delay)
    if options.record is not None and options.upstream is not None:
        return _recorder(env, options.record, options.upstream)
    return None


def _recorder(env: Mapping[str, str], path: str, upstream: str) -> Relay:
    """A recorder that puts the key of MIRA_API_KEY in the place of the one that the command is given."""
    from mira_cli.api.environment import check_certificates
    from mira_cli.api.tls import make_context
    from mira_cli.settings import base_url, keys
    from mira_cli.simulator.recording import Recorder

    try:
        address = base_url.normalise(upstream)
    except ValueError as error:
        raise UsageError(f"--upstream {error}.") from error
    check_certificates(env)
    given = env.get(keys.VARIABLE, "")
    key = keys.check(given, keys.VARIABLE) if given else ""
    return Recorder(path, address, key, lambda: make_context(env))
