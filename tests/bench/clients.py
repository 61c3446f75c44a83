"""The clients that are measured: how each is called, with nothing of the person who measures around it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from measure import HERE, BenchError, Client, Server

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEY = "sk-mira-bench00000000000000000000000000"


@dataclass(frozen=True, slots=True)
class Bench:
    """What all measurements share: the server, an empty home, and where the programs are."""

    server: Server
    home: str
    mira: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def env(self, answer: str) -> dict[str, str]:
        """An environment in which questions go to the server and get this answer."""
        return {
            "HOME": self.home,
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "MIRA_API_KEY": _KEY,
            "MIRA_BASE_URL": self.server.url(answer) if answer else "",
            **self.variables,
        }

    def call(self, *words: str, answer: str = "hold", tty: bool = False, see: Sequence[str] = ()) -> Client:
        """`mira` with these words."""
        return Client([self.mira, *words], self.env(answer), tty, see)

    def ask(self, answer: str, *, tty: bool = False, see: Sequence[str] = ()) -> Client:
        """`mira ask Hello`."""
        return self.call("ask", "Hello", answer=answer, tty=tty, see=see)

    def script(self, name: str, answer: str = "", *, tty: bool = False, see: Sequence[str] = ()) -> Client:
        """One of the yardsticks; a name with a space carries an argument."""
        file, *arguments = name.split()
        command = [sys.executable, str(HERE / "yardsticks" / f"{file}.py"), *arguments]
        return Client(command, self.env(answer), tty, see)

    def output(self, name: str) -> str:
        """What a script that asks no server prints."""
        file, *arguments = name.split()
        command = [sys.executable, str(HERE / "yardsticks" / f"{file}.py"), *arguments]
        return subprocess.run(command, env=self.env(""), stdout=subprocess.PIPE, text=True, check=True).stdout

    def bare(self) -> Client:
        """The interpreter, with nothing to do."""
        return Client([sys.executable, "-c", "pass"], self.env(""))

    def curl(self, answer: str, *, tty: bool = False) -> Client:
        """What a request costs that is not even looked at."""
        program = shutil.which("curl")
        if program is None:
            raise BenchError("there is no curl")
        command = [
            *[program, "-sN", f"{self.server.url(answer)}/chat/completions"],
            *["-H", "Content-Type: application/json", "-H", f"Authorization: Bearer {_KEY}"],
            *["-d", '{"model":"mira","messages":[{"role":"user","content":"Hello"}],"stream":true}'],
        ]
        return Client(command, self.env(answer), tty)


def installed_mira() -> str:
    """The `mira` of this interpreter.

    Raises:
        BenchError: There is none, or it is not an ordinary install with bytecode.
    """
    import mira_cli

    program = Path(sys.executable).with_name("mira")
    package = Path(mira_cli.__file__).parent
    if not program.exists():
        raise BenchError(f"there is no mira beside {sys.executable}: pip install . there")
    if not list(package.glob("__pycache__/app.*.pyc")):
        raise BenchError(f"{package} holds no bytecode: pip install . into a fresh environment, not -e")
    return str(program)
