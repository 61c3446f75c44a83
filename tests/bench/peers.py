"""Other clients, as far as they are installed: CPU until the request has arrived, and of a whole run."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from goals import Section, number
from measure import HERE, BenchError, Client
from rounds import Task, run_rounds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from clients import Bench

_MIRA, _TERMINAL = "mira ask, piped", "mira ask, terminal"


@dataclass(frozen=True, slots=True)
class Peer:
    """A client: its program, its words, the variables and the files by which it finds the server.

    `{url}` stands for the base URL, `{home}` for the home directory; file names are below that.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


_OPENAI = {"OPENAI_BASE_URL": "{url}", "OPENAI_API_BASE": "{url}", "OPENAI_API_KEY": "sk-bench"}

PEERS = (
    Peer(
        "llm",
        ("llm", "-m", "bench", "Hello"),
        _OPENAI | {"LLM_USER_PATH": "{home}/llm"},
        {"llm/extra-openai-models.yaml": "- model_id: bench\n  model_name: mira\n  api_base: {url}\n"},
    ),
    Peer(
        "shell-gpt",
        ("sgpt", "--no-cache", "Hello"),
        _OPENAI | {"API_BASE_URL": "{url}", "USE_LITELLM": "false", "DEFAULT_MODEL": "mira"},
    ),
    Peer("chatblade", ("chatblade", "-s", "Hello"), _OPENAI),
    Peer("gpt-cli", ("gpt", "--prompt", "Hello"), _OPENAI),
    Peer(
        "aichat",
        ("aichat", "Hello"),
        {"AICHAT_CONFIG_DIR": "{home}/aichat"},
        {
            "aichat/config.yaml": "model: bench:mira\nclients:\n- type: openai-compatible\n  name: bench\n"
            "  api_base: {url}\n  api_key: sk-bench\n  models:\n  - name: mira\n"
        },
    ),
    Peer(
        "mods",
        ("mods", "--no-cache", "-a", "bench", "-m", "mira", "Hello"),
        {"XDG_CONFIG_HOME": "{home}/config", "BENCH_API_KEY": "sk-bench"},
        {
            "config/mods/mods.yml": "apis:\n  bench:\n    base-url: {url}\n    api-key-env: BENCH_API_KEY\n"
            "    models:\n      mira: {{}}\n"
        },
    ),
)


def measure(bench: Bench, rounds: int) -> Section:
    """Measure whatever is on PATH or beside the interpreter, and the openai SDK if it can be imported."""
    clients: dict[str, Callable[[str], Client]] = {
        _MIRA: bench.ask,
        _TERMINAL: partial(bench.ask, tty=True),
    }
    if find_spec("openai"):
        script = Peer("", (sys.executable, str(HERE / "yardsticks" / "openai_sdk.py")), _OPENAI)
        clients["openai SDK script"] = partial(_client, bench, script)
    for peer in PEERS:
        program = shutil.which(peer.command[0], path=_path())
        if program is not None:
            there = Peer(peer.name, (program, *peer.command[1:]), peer.env, peer.files)
            clients[peer.name] = partial(_client, bench, there)
    found = run_rounds({name: partial(_both, bench, make) for name, make in clients.items()}, rounds, "peers")
    rows = [
        (
            name,
            number(found.of(name, "wire")),
            number(found.ratio(name, _MIRA, "wire")),
            number(found.of(name, "whole")),
            number(found.ratio(name, _MIRA, "whole")),
            number(found.of(name, "memory")),
        )
        for name in clients
    ]
    head = ("one question", "CPU ms to the wire", "/ mira", "CPU ms, whole run", "/ mira", "peak MB")
    return Section("Other clients", head, rows, (), found)


def _path() -> str:
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))


def _client(bench: Bench, peer: Peer, answer: str) -> Client:
    url = bench.server.url(answer)
    for name, text in peer.files.items():
        file = Path(bench.home) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.format(url=url))
    env = {name: value.format(url=url, home=bench.home) for name, value in peer.env.items()}
    return Client(peer.command, bench.env(answer) | env)


def _both(bench: Bench, make: Callable[[str], Client]) -> Task:
    bench.server.forget()
    with make("hold") as client:
        bench.server.wait_for("request")
        wire = client.stop()
    with make("short") as client:
        whole = client.wait()
    if whole.code:
        raise BenchError(f"{client.command[0]} ended with exit code {whole.code}")
    return {"wire": wire.cpu, "whole": whole.cpu, "memory": whole.memory}
