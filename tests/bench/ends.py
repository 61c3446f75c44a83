"""What a person waits for: the first word on the screen, and the prompt that is back after the answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from goals import Goal, Section, number
from rounds import Task, run_rounds
from server import WORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from clients import Bench
    from measure import Client

_YARDSTICK = "plain httpx script"
_PIPED, _TERMINAL = "mira ask, piped", "mira ask, terminal"


def measure(bench: Bench, rounds: int) -> Section:
    """Measure the first word, which comes after half a second of thought, and the end, 50 ms after it."""
    makers: dict[str, Callable[..., Client]] = {
        "http.client script": partial(bench.script, "http_client"),
        _YARDSTICK: partial(bench.script, "plain_httpx"),
        _PIPED: bench.ask,
        _TERMINAL: partial(bench.ask, tty=True),
    }

    def both(make: Callable[..., Client]) -> Task:
        bench.server.forget()
        with make("word", see=(WORD,)) as client:
            sent = float(bench.server.wait_for("sent"))
            seen = client.wait_to_see()
            client.wait()
        bench.server.forget()
        with make("end") as client:
            last = float(bench.server.wait_for("sent"))
            sample = client.wait()
        return {
            "word": (seen - sent) * 1000,
            "exit": (sample.gone - last) * 1000,
            "cpu": sample.cpu,
            "memory": sample.memory,
        }

    found = run_rounds({name: partial(both, make) for name, make in makers.items()}, rounds, "ends")
    rows = [
        (
            name,
            number(found.of(name, "word")),
            number(found.of(name, "exit")),
            number(found.ratio(name, _YARDSTICK, "exit")),
            number(found.of(name)),
            number(found.ratio(name, _YARDSTICK)),
            number(found.of(name, "memory")),
        )
        for name in makers
    ]
    goals = [
        Goal("exit lag / httpx, piped", found.ratio(_PIPED, _YARDSTICK, "exit"), 0.5, 0.3),
        Goal("exit lag / httpx, terminal", found.ratio(_TERMINAL, _YARDSTICK, "exit"), 0.5, 0.3),
        Goal("first token, sent → visible, piped", found.of(_PIPED, "word"), 5, 2, "ms"),
        Goal("first token, sent → visible, terminal", found.of(_TERMINAL, "word"), 5, 2, "ms"),
        Goal("peak memory, piped ask", found.of(_PIPED, "memory"), 40, 30, "MB"),
    ]
    head = (
        "a word after 500 ms, its end 50 ms later",
        "word sent → visible ms",
        "last byte → gone ms",
        "/ httpx",
        "CPU ms, whole run",
        "/ httpx",
        "peak MB",
    )
    return Section("First word and end", head, rows, goals, found)
