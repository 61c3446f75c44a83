"""The chat: its first line, its prompt, and the way from Enter to the server."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from goals import Goal, Section, number
from rounds import Task, run_rounds

if TYPE_CHECKING:
    from collections.abc import Callable

    from clients import Bench
    from measure import Client

_YARDSTICK = "prompt_toolkit script"
_HEADER, _PROMPT = "mira chat, header", "mira chat, prompt"
_FIRST_LINE, _INPUT_LINE = "/help", "Ask anything"
_TOOLBAR = "messages"
_ANSWER = "learns."
_TURNS = 3
_LONG = 1_000  # messages


def measure(bench: Bench, rounds: int) -> Section:
    """Measure a chat from its start to its third answer."""

    def until(make: Callable[[], Client]) -> Task:
        with replace(make(), until=True) as client:
            at = client.wait_to_see()
            sample = client.wait()
        return {"cpu": sample.cpu, "wall": (at - sample.started) * 1000}

    def talk(ready: str, *words: str) -> Task:
        see = (ready, *[_ANSWER] * _TURNS)
        with bench.call("chat", *words, answer="short", tty=True, see=see) as client:
            client.wait_to_see()
            figures = {}
            for turn in range(1, _TURNS + 1):
                _let_it_settle()
                bench.server.forget()
                client.type("Hello there")
                _let_it_settle()
                typed = client.type("\r")
                figures[f"turn {turn}"] = (float(bench.server.wait_for("request")) - typed) * 1000
                client.wait_to_see()
            sample = client.stop()
        return figures | {"memory": sample.memory, "cpu": sample.cpu}

    prompt = partial(bench.call, "chat", tty=True)
    found = run_rounds(
        {
            _YARDSTICK: partial(until, partial(bench.script, "plain_prompt", tty=True, see=(">",))),
            _HEADER: partial(until, partial(prompt, see=(_FIRST_LINE,))),
            _PROMPT: partial(until, partial(prompt, see=(_INPUT_LINE,))),
            "mira chat, turns": partial(talk, _INPUT_LINE),
            "mira chat, long": partial(talk, _TOOLBAR, "--load", _long_conversation(bench)),
        },
        rounds,
        "chat",
    )
    rows = [
        (
            name,
            number(found.of(name)),
            number(found.ratio(name, _YARDSTICK)),
            number(found.of(name, "wall")),
            number(found.ratio(name, _YARDSTICK, "wall")),
        )
        for name in (_YARDSTICK, _HEADER, _PROMPT)
    ]
    turns = {f"turn {turn}": found.of("mira chat, turns", f"turn {turn}") for turn in range(1, _TURNS + 1)}
    turns[f"after {_LONG:,} messages"] = found.of("mira chat, long", f"turn {_TURNS}")
    goals = [
        Goal("chat: header visible, CPU / bare prompt_toolkit", found.ratio(_HEADER, _YARDSTICK), 0.6, 0.4),
        Goal("chat: prompt ready, CPU / bare prompt_toolkit", found.ratio(_PROMPT, _YARDSTICK), 1.4, 1.2),
        *[Goal(f"chat: Enter → request, {turn}", value, 15, 8, "ms") for turn, value in turns.items()],
        Goal("peak memory, chat", found.of("mira chat, turns", "memory"), 60, 50, "MB"),
    ]
    head = ("until it is visible", "CPU ms", "/ prompt_toolkit", "wall ms", "/ prompt_toolkit")
    return Section("The chat", head, rows, goals, found)


def _long_conversation(bench: Bench) -> str:
    """A file with a conversation of many messages."""
    turn = (("user", "What is a neural network? " * 10), ("assistant", "It learns from data. " * 40))
    messages = [{"role": role, "content": text} for role, text in turn] * (_LONG // 2)
    path = Path(bench.home) / "long.json"
    path.write_text(json.dumps(messages))
    return str(path)


def _let_it_settle() -> None:
    """A person takes longer than this between two keys, and so gives the terminal time to draw."""
    time.sleep(0.4)
