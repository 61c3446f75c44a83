"""From the typed word to the wire: CPU until the request has arrived, when the client is killed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from goals import Goal, Section, number
from rounds import Task, run_rounds

if TYPE_CHECKING:
    from collections.abc import Callable

    from clients import Bench
    from measure import Client

_YARDSTICK = "plain httpx script"
_NAIVE = "five packages at the top"
_HELP = "Typer script --help"


def measure(bench: Bench, rounds: int) -> Section:
    """Measure what comes before the request."""

    def whole(make: Callable[[], Client]) -> Task:
        with make() as client:
            sample = client.wait()
        return {"cpu": sample.cpu, "wall": sample.wall, "memory": sample.memory}

    def to_the_wire(make: Callable[[], Client]) -> Task:
        bench.server.forget()
        with make() as client:
            at = float(bench.server.wait_for("request"))
            sample = client.stop()
        return {"cpu": sample.cpu, "wall": (at - sample.started) * 1000}

    wire: dict[str, Callable[[], Client]] = {
        "curl": partial(bench.curl, "hold"),
        "http.client script": partial(bench.script, "http_client", "hold"),
        _YARDSTICK: partial(bench.script, "plain_httpx", "hold"),
        _NAIVE: partial(bench.script, "naive Hello", "hold"),
        "mira ask, piped": partial(bench.ask, "hold"),
        "mira ask, terminal": partial(bench.ask, "hold", tty=True),
    }
    runs: dict[str, Callable[[], Client]] = {
        "bare interpreter": bench.bare,
        "mira --version": partial(bench.call, "--version"),
        _HELP: partial(bench.script, "typer_help --help"),
        "mira --help": partial(bench.call, "--help"),
        "mira config get": partial(bench.call, "config", "get", "model"),
    }
    found = run_rounds(
        {name: partial(whole, make) for name, make in runs.items()}
        | {name: partial(to_the_wire, make) for name, make in wire.items()},
        rounds,
        "start",
    )
    rows = [
        (
            name,
            number(found.of(name)),
            number(found.of(name, "wall")),
            number(found.ratio(name, "bare interpreter")),
            number(found.ratio(name, _YARDSTICK)),
        )
        for name in (*runs, *wire)
    ]
    goals = [
        Goal(
            "--version, CPU / bare interpreter", found.ratio("mira --version", "bare interpreter"), 1.5, 1.2
        ),
        Goal("--help, CPU / Typer script --help", found.ratio("mira --help", _HELP), 1.5, 1.1),
        Goal("config get, CPU / Typer script --help", found.ratio("mira config get", _HELP), 1.5, 1.1),
        Goal("ask piped, CPU to the wire / httpx", found.ratio("mira ask, piped", _YARDSTICK), 1.2, 1),
        Goal("ask on a terminal / httpx", found.ratio("mira ask, terminal", _YARDSTICK), 1.3, 1.1),
        Goal("ask piped / five packages at the top", found.ratio("mira ask, piped", _NAIVE), 0.45, 0.35),
    ]
    head = ("until the request is there, or the end", "CPU ms", "wall ms", "/ bare interpreter", "/ httpx")
    return Section("From the typed word to the wire", head, rows, goals, found)
