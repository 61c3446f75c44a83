"""`mira simulate`: a stand-in for the API on this machine."""

from __future__ import annotations

from mira_cli.errors import UsageError
from mira_cli.light_typing import TYPE_CHECKING
from mira_cli.settings.coerce import BadValueError, number, whole

if TYPE_CHECKING:
    from mira_cli.commands.call import Call, Surroundings

_MOST = 1_000_000_000
_PORTS = 65_535


def run(call: Call, around: Surroundings) -> int:
    """Serve, or run a command against the simulator; its exit code."""
    from mira_cli.session.simulating import Wanted, list_faults, simulate

    if call.has("faults"):
        return list_faults(around.streams)
    wanted = Wanted(
        command=call.words["command"],
        port=_whole(call, "port", 0, _PORTS) or 0,
        fail=call.texts("fail"),
        delay=_number(call, "delay"),
        rate=_number(call, "rate"),
        window=_whole(call, "window", 1, _MOST),
        log=call.text("log") or "",
        script=call.text("script") or "",
        record=call.text("record") or "",
        upstream=call.text("upstream") or "",
        replay=call.text("replay") or "",
    )
    return simulate(around.streams, around.env, wanted)


def _number(call: Call, name: str) -> float:
    text = call.text(name)
    if text is None:
        return 0.0
    try:
        return number(text, 0, _MOST, "0 or more")
    except BadValueError as error:
        raise UsageError(f"--{name} must be {error.must}, not {text}.") from error


def _whole(call: Call, name: str, low: int, high: int) -> int | None:
    text = call.text(name)
    if text is None:
        return None
    try:
        return whole(text, low, high, f"{low} to {high}")
    except BadValueError as error:
        raise UsageError(f"--{name} must be {error.must}, not {text}.") from error
