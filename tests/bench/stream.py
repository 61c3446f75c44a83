"""A long answer, sent as fast as the connection takes it: into a pipe, and drawn on a terminal."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from goals import Goal, Section, number
from rounds import Rounds, Task, run_rounds
from texts import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from clients import Bench
    from measure import Client

SMALL, LARGE = 200_000, 1_000_000
_REACH = {4_000: 2.0, 20_000: 2.0, SMALL: 1.5}  # characters: CPU against rich.Markdown


def _whole(make: Callable[[], Client]) -> Task:
    with make() as client:
        sample = client.wait()
    return {"cpu": sample.cpu, "wall": sample.wall, "memory": sample.memory, "written": sample.written}


def measure_pipe(bench: Bench, rounds: int) -> Section:
    """Measure 1 MB into a pipe, one send a token and all at once."""
    name, burst = f"mixed-{LARGE}", f"burst-mixed-{LARGE}"
    for answer in (name, burst):
        bench.server.prepare(answer)
    clients = {
        "curl": partial(bench.curl, name),
        "http.client script": partial(bench.script, "http_client", name),
        "plain httpx script": partial(bench.script, "plain_httpx", name),
        "mira ask": partial(bench.ask, name),
        "curl, all at once": partial(bench.curl, burst),
        "plain httpx script, all at once": partial(bench.script, "plain_httpx", burst),
        "mira ask, all at once": partial(bench.ask, burst),
        "mira ask, a short answer": partial(bench.ask, "short"),
    }
    found = run_rounds({key: partial(_whole, make) for key, make in clients.items()}, rounds, "1 MB, pipe")
    rows = [
        (
            client,
            number(found.of(client)),
            number(found.of(client, "wall")),
            number(found.ratio(client, "curl")),
            number(found.ratio(client, "plain httpx script")),
            number(found.of(client, "memory")),
        )
        for client in clients
    ]
    more = [
        large - small
        for large, small in zip(
            found.figures["mira ask"]["memory"],
            found.figures["mira ask, a short answer"]["memory"],
            strict=True,
        )
    ]
    goals = [
        Goal("1 MB into a pipe, CPU / httpx", found.ratio("mira ask", "plain httpx script"), 1.5, 1.1),
        Goal("1 MB adds to peak memory, piped", sorted(more)[len(more) // 2], 10, 4, "MB"),
    ]
    took, at_once = found.of("curl", "wall"), found.of("curl, all at once", "wall")
    notes = [
        f"The server keeps nobody waiting: curl has it all after {took:.0f} ms, at once {at_once:.0f} ms."
    ]
    head = ("1 MB in 50,000 chunks", "CPU ms", "wall ms", "/ curl", "/ httpx", "peak MB")
    return Section("1 MB into a pipe", head, rows, goals, found, notes)


def measure_terminal(bench: Bench, rounds: int) -> Section:
    """Measure 200 KB and 1 MB of Markdown of every kind on a terminal."""
    clients: dict[str, Callable[[], Client]] = {}
    sizes: dict[str, int] = {}
    for size, label in ((SMALL, "200 KB"), (LARGE, "1 MB")):
        for kind in KINDS:
            answer = f"{kind}-{size}"
            bench.server.prepare(answer)
            clients[f"mira ask, {kind}, {label}"] = partial(bench.ask, answer, tty=True)
            sizes[f"mira ask, {kind}, {label}"] = size
    for size in _REACH:
        bench.server.prepare(f"mixed-{size}")
        clients[_drawn(size)] = partial(bench.ask, f"mixed-{size}", tty=True)
        clients[_at_once(size)] = partial(bench.script, f"rich_once {size}", tty=True)
        sizes[_drawn(size)] = sizes[_at_once(size)] = size
    clients[_at_once(1)] = partial(bench.script, "rich_once 1", tty=True)
    clients["mira ask, a word"] = partial(bench.ask, "short", tty=True)
    found = run_rounds({name: partial(_whole, make) for name, make in clients.items()}, rounds, "terminal")
    rows = [
        (
            name,
            number(found.of(name)),
            number(found.of(name, "wall")),
            number(found.of(name, "written") / sizes[name]) if name in sizes else "",
            number(found.of(name, "memory")),
        )
        for name in clients
    ]
    growth = {kind: found.ratio(f"mira ask, {kind}, 1 MB", f"mira ask, {kind}, 200 KB") for kind in KINDS}
    written = {kind: found.of(f"mira ask, {kind}, 200 KB", "written") / SMALL for kind in KINDS}
    more = found.of("mira ask, mixed, 1 MB", "memory") - found.of("mira ask, a word", "memory")
    goals = [
        *[
            Goal(
                f"{size // 1000} KB drawn while it streams, CPU / rich.Markdown",
                _against_rich(found, size),
                reach,
                1.2,
            )
            for size, reach in _REACH.items()
        ],
        *[Goal(f"growth, {kind}: CPU for 1 MB / 200 KB", value, 5.5, 5) for kind, value in growth.items()],
        *[Goal(f"bytes written / text, {kind}", value, 4, 2) for kind, value in written.items()],
        Goal("1 MB adds to peak memory, terminal", more, 10, 4, "MB"),
    ]
    head = ("Markdown on a terminal of 30×100", "CPU ms", "wall ms", "bytes / text", "peak MB")
    note = "Against rich.Markdown both sides count without loading: a word's CPU is taken off."
    return Section("A long answer on a terminal", head, rows, goals, found, [note])


def _drawn(size: int) -> str:
    return f"mira ask, {size // 1000} KB"


def _at_once(size: int) -> str:
    return f"rich.Markdown at once, {size:,} characters"


def _against_rich(found: Rounds, size: int) -> float:
    """CPU of a reply drawn while it streams, against the same text drawn at once, both without loading."""
    columns = (_drawn(size), "mira ask, a word", _at_once(size), _at_once(1))
    rounds = zip(*(found.figures[name]["cpu"] for name in columns), strict=True)
    return median([(ours - word) / (rich - loaded) for ours, word, rich, loaded in rounds])


def measure_live(bench: Bench, rounds: int) -> Section:
    """Measure 200 KB drawn as most clients do it, with rich.Live; not one of the goals."""
    answer = f"mixed-{SMALL}"
    bench.server.prepare(answer)
    clients = {
        "rich.Live script": partial(bench.script, "rich_live", answer, tty=True),
        "mira ask": partial(bench.ask, answer, tty=True),
    }
    found = run_rounds({name: partial(_whole, make) for name, make in clients.items()}, rounds, "rich.Live")
    rows = [
        (
            name,
            number(found.of(name)),
            number(found.ratio(name, "mira ask")),
            number(found.of(name, "written") / SMALL),
        )
        for name in clients
    ]
    head = ("200 KB of Markdown on a terminal", "CPU ms", "/ mira", "bytes / text")
    return Section("Against rich.Live", head, rows, (), found)
