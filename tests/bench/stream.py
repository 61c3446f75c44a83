"""A long answer, sent as fast as the connection takes it: into a pipe, and drawn on a terminal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from goals import Goal, Section, number
from rounds import Task, run_rounds
from texts import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from clients import Bench
    from measure import Client

SMALL, LARGE = 200_000, 1_000_000


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
        Goal("1 MB into a pipe, CPU / httpx", found.ratio("mira ask", "plain httpx script"), 1.1, 0.4),
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
    for size, label in ((SMALL, "200 KB"), (LARGE, "1 MB")):
        for kind in KINDS:
            answer = f"{kind}-{size}"
            bench.server.prepare(answer)
            clients[f"mira ask, {kind}, {label}"] = partial(bench.ask, answer, tty=True)
    clients["curl, mixed, 200 KB"] = partial(bench.curl, f"mixed-{SMALL}", tty=True)
    paced = f"paced-mixed-{SMALL}"
    bench.server.prepare(paced)
    clients["mira ask, mixed, token by token"] = partial(bench.ask, paced, tty=True)
    clients["curl, mixed, token by token"] = partial(bench.curl, paced, tty=True)
    clients["mira ask, a word"] = partial(bench.ask, "short", tty=True)
    found = run_rounds({name: partial(_whole, make) for name, make in clients.items()}, rounds, "terminal")
    rows = [
        (
            name,
            number(found.of(name)),
            number(found.ratio(name, f"curl, mixed, {'token by token' if 'token' in name else '200 KB'}")),
            number(found.of(name, "wall")),
            number(found.of(name, "written") / (LARGE if name.endswith("1 MB") else SMALL)),
            number(found.of(name, "memory")),
        )
        for name in clients
    ]
    growth = {kind: found.ratio(f"mira ask, {kind}, 1 MB", f"mira ask, {kind}, 200 KB") for kind in KINDS}
    written = {kind: found.of(f"mira ask, {kind}, 200 KB", "written") / SMALL for kind in KINDS}
    more = found.of("mira ask, mixed, 1 MB", "memory") - found.of("mira ask, a word", "memory")
    goals = [
        Goal(
            "200 KB Markdown on a terminal, token by token, CPU / curl",
            found.ratio("mira ask, mixed, token by token", "curl, mixed, token by token"),
            8,
            4,
        ),
        *[Goal(f"growth, {kind}: CPU for 1 MB / 200 KB", value, 5.5, 5) for kind, value in growth.items()],
        *[Goal(f"bytes written / text, {kind}", value, 4, 2.5) for kind, value in written.items()],
        Goal("1 MB adds to peak memory, terminal", more, 10, 4, "MB"),
    ]
    head = ("Markdown on a terminal of 30×100", "CPU ms", "/ curl", "wall ms", "bytes / text", "peak MB")
    note = (
        "What curl takes depends on how many tokens it finds at each read: those that come faster than it reads "
        "cost it a sixth. The goal is for tokens that come one by one."
    )
    return Section("A long answer on a terminal", head, rows, goals, found, [note])


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
