"""How mira and the peers that are installed behave when a reply is cut, hostile, or not there; prints a table.

    bench/bin/python tests/bench/manners.py

Every client asks the same simulator on a pty, with the same fault. Peers are found on PATH or beside the
interpreter (`pip install llm shell-gpt`); how each is told of the simulator stands in `peers.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pexpect

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from peers import PEERS, Peer

from rig.simulator import Simulator

MIRA = Peer("mira", ("mira", "ask", "Hello"), {"MIRA_BASE_URL": "{url}", "MIRA_API_KEY": "sk-bench"})
PLAIN = (
    "one-write"  # a reply as it should be; a client that does not get it was not told rightly where to ask
)
COMPARED = (
    "llm",
    "aichat",
    "shell-gpt",
)  # those of the README's table: one that is not here is said to be missing
CUT, HOSTILE, REFUSED = "cut-clean", "osc52", "400"
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))


def ask(peer: Peer, fault: str) -> tuple[int, str]:
    """Exit code and all that came to the terminal."""
    with TemporaryDirectory() as home, Simulator(fail=[fault]) as simulator:

        def told(text: str) -> str:
            return text.format(url=simulator.base_url, home=home).replace("sk-bench", simulator.key)

        for name, text in peer.files.items():
            file = Path(home) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(told(text), encoding="utf-8")
        env = {"PATH": PATH, "HOME": home, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        env |= {name: told(value) for name, value in peer.env.items()}
        program = shutil.which(peer.command[0], path=PATH)
        child = pexpect.spawn(
            program, list(peer.command[1:]), env=env, encoding="utf-8", timeout=120, dimensions=(40, 100)
        )
        shown = child.read()
        child.close()
        return child.exitstatus if child.exitstatus is not None else -child.signalstatus, shown


def row(peer: Peer) -> str:
    """One client's line of the table."""
    whole, words = ask(peer, PLAIN)
    if whole or "simulated" not in words:
        return f"| {peer.name} | could not be led to the simulator | | |"
    cut, _ = ask(peer, CUT)
    _, hostile = ask(peer, HOSTILE)
    refused, words = ask(peer, REFUSED)
    lines = len(re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", words).strip().splitlines())
    obeyed = "reaches the terminal" if "\x1b]52;" in hostile else "is shown, not obeyed"
    trace = ", a traceback" if "Traceback" in words else ""
    return f"| {peer.name} | {cut} | {obeyed} | code {refused}, {lines} {'line' if lines == 1 else 'lines'}{trace} |"


def main() -> None:
    """Print the table."""
    print(
        "| Client | Exit code when a reply is cut | A reply that writes to the clipboard (OSC 52) | A refused request |"
    )
    print("| --- | --- | --- | --- |")
    for peer in (MIRA, *PEERS):
        if shutil.which(peer.command[0], path=PATH):
            print(row(peer))
        elif peer.name in COMPARED:
            print(f"| {peer.name} | not tried | not tried | not tried |")


if __name__ == "__main__":
    main()
