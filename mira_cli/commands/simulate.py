"""`mira simulate`: a stand-in for the API on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.commands.numbers import number, whole

if TYPE_CHECKING:
    from mira_cli.commands.call import Call, Surroundings

_MOST = 1_000_000_000
_PORTS = 65_535


def run(call: Call, around: Surroundings) -> int:
    """Serve, or run a command against the simulator; its exit code."""
    from mira_cli.session.simulating import SimulateOptions, list_faults, simulate

    if call.has("faults"):
        return list_faults(around.streams)
    options = SimulateOptions(
        command=call.words["command"],
        port=whole(call, "port", 0, _PORTS) or 0,
        fail=call.texts("fail"),
        delay=number(call, "delay", _MOST) or 0.0,
        rate=number(call, "rate", _MOST) or 0.0,
        window=whole(call, "window", 1, _MOST),
        log=call.text("log"),
        script=call.text("script"),
        record=call.text("record"),
        upstream=call.text("upstream"),
        replay=call.text("replay"),
    )
    return simulate(around.streams, around.env, options)
