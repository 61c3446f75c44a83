"""What `mira simulate` does: set a simulator up, then serve, or run a command under it."""

from __future__ import annotations

import gc
from dataclasses import dataclass

from mira_cli.errors import UsageError
from mira_cli.light_typing import TYPE_CHECKING
from mira_cli.simulator.server import Simulator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mira_cli.simulator.plan import Relay
    from mira_cli.terminal.streams import Streams


@dataclass(frozen=True, slots=True)
class SimulateWish:
    """One `mira simulate`; "" and None stand for a flag that was not given."""

    command: Sequence[str] = ()
    port: int = 0
    fail: Sequence[str] = ()
    delay: float = 0.0
    rate: float = 0.0
    window: int | None = None
    log: str = ""
    script: str = ""
    record: str = ""
    upstream: str = ""
    replay: str = ""


def simulate(streams: Streams, env: Mapping[str, str], wish: SimulateWish) -> int:
    """Serve, or run the command.

    Returns:
        The exit code: the command's own, or 128 + N when signal N ended it or the serving.

    Raises:
        UsageError: Bad flags or files, a port that is taken, a command that cannot be run (126, 127).
    """
    gc.enable()  # the front door has it off for its short runs; this one may take days
    from mira_cli.simulator import running  # noqa: PLC0415 - --help needs no child process

    with _simulator(env, wish) as simulator:
        if wish.command:
            return running.run(wish.command, running.environment(env, simulator))
        return running.wait_for_signal(lambda: _announce(streams, simulator))


def _announce(streams: Streams, simulator: Simulator) -> None:
    streams.write(f"export MIRA_BASE_URL={simulator.base_url}\nexport MIRA_API_KEY={simulator.key}\n")
    streams.note("A stand-in for the Mira API: set these two where you want to use it. Ctrl-C stops it.")


def list_faults(streams: Streams) -> int:
    """Print the names of all faults, each with what it does."""
    from mira_cli.simulator.faults.statuses import SHAPES  # noqa: PLC0415 - only here
    from mira_cli.simulator.faults.table import FAULTS  # noqa: PLC0415 - the same

    rows = [(fault.name, fault.line) for fault in FAULTS.values()]
    rows += [("STATUS", "any status from 400 to 599, as the API words it")]
    rows += [(f"STATUS-{shape}", line) for shape, line in SHAPES.items()]
    width = max(len(name) for name, _ in rows)
    streams.write("".join(f"{name:{width}}  {line}\n" for name, line in rows))
    return 0


def _simulator(env: Mapping[str, str], wish: SimulateWish) -> Simulator:
    entries: Sequence[object] = ()
    if wish.script:
        from mira_cli.simulator.script import load  # noqa: PLC0415 - only with --script

        entries = load(wish.script)
    return Simulator(
        fail=wish.fail,
        delay=wish.delay,
        rate=wish.rate,
        script=entries,
        relay=_relay(env, wish),
        port=wish.port,
        log=wish.log,
        window=wish.window,
        keep=False,
    )


def _relay(env: Mapping[str, str], wish: SimulateWish) -> Relay | None:
    if bool(wish.record) != bool(wish.upstream):
        given, other = ("--record", "--upstream URL") if wish.record else ("--upstream", "--record FILE")
        raise UsageError(f"{given} needs {other} as well.")
    if wish.replay and (wish.record or wish.script):
        raise UsageError(f"--replay excludes {'--record' if wish.record else '--script'}.")
    if wish.record and wish.script:
        raise UsageError("--record excludes --script.")
    if wish.replay:
        from mira_cli.simulator.replaying import Replayer, load  # noqa: PLC0415 - only with --replay

        return Replayer(load(wish.replay), wish.delay)
    return _recorder(env, wish) if wish.record else None


def _recorder(env: Mapping[str, str], wish: SimulateWish) -> Relay:
    """A recorder that puts the key of MIRA_API_KEY in the place of the one that the command is given."""
    from mira_cli.api.environment import check_certificates  # noqa: PLC0415 - only with --record
    from mira_cli.api.tls import make_context  # noqa: PLC0415 - only with --record
    from mira_cli.settings import base_url, keys  # noqa: PLC0415 - only with --record
    from mira_cli.simulator.recording import Recorder  # noqa: PLC0415 - only with --record

    try:
        upstream = base_url.normalise(wish.upstream)
    except ValueError as error:
        raise UsageError(f"--upstream {error}.") from error
    check_certificates(env)
    given = env.get(keys.VARIABLE, "")
    key = keys.check(given, keys.VARIABLE) if given else ""
    return Recorder(wish.record, upstream, key, lambda: make_context(env))
