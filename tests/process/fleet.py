"""Runs `mira`, several at a time, on pipes or terminals, and tells how each ended. A script: JSON in, JSON out.

Each run is forked from this process, which has loaded the program once: to load it is most of what a run costs.
It is no part of the process that runs the tests, because the peak memory that the system counts for a child
begins with what its parent took when it was forked.
"""

from __future__ import annotations

import fcntl
import json
import os
import pkgutil
import pty
import select
import signal
import struct
import sys
import termios
import time
from importlib import import_module

import mira_cli

NOT_NEEDED = ("__main__", "simulator", "terminal.prompt", "session.batch", "session.chat")
AT_ONCE = 6
COLUMNS, ROWS = 100, 30
PIECE = 1 << 16


class Running:
    """One run. `job`: argv, env, tty, seconds (when it is killed)."""

    def __init__(self, job: dict) -> None:
        self.started = time.monotonic()
        self.deadline = self.started + job["seconds"]
        self.text: dict[int, bytearray] = {}
        if job["tty"]:
            self.pid, self.out = pty.fork()
            if self.pid == 0:
                fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
                become(job)
            self.err = -1
        else:
            (self.out, out), (self.err, err) = os.pipe(), os.pipe()
            self.pid = os.fork()
            if self.pid == 0:
                nothing = os.open(os.devnull, os.O_RDONLY)
                for number, target in enumerate((nothing, out, err)):
                    os.dup2(target, number)
                become(job)
            os.close(out)
            os.close(err)
        self.open = {number for number in (self.out, self.err) if number >= 0}
        self.text = {number: bytearray() for number in self.open}

    def read(self, number: int) -> None:
        """Read what is there; a terminal that nobody has open any more says so by an error."""
        try:
            data = os.read(number, PIECE)
        except OSError:
            data = b""
        self.text[number] += data
        if not data:
            self.open.discard(number)
            os.close(number)

    def ended(self) -> dict:
        """How it ended: code (minus the signal), seconds, peak (MB), out, err."""
        _, status, usage = os.wait4(self.pid, 0)
        return {
            "code": os.waitstatus_to_exitcode(status),
            "seconds": time.monotonic() - self.started,
            "peak": usage.ru_maxrss / 1024,
            "out": bytes(self.text[self.out]).decode("latin-1"),
            "err": bytes(self.text.get(self.err, b"")).decode("latin-1"),
        }


def load() -> None:
    """Import what `mira ask` may need."""
    for module in pkgutil.walk_packages(mira_cli.__path__, "mira_cli."):
        if not module.name.removeprefix("mira_cli.").startswith(NOT_NEEDED):
            import_module(module.name)


def become(job: dict) -> None:
    """Be `mira` with these arguments from now on."""
    try:
        sys.argv = job["argv"]
        os.environ.clear()
        os.environ.update(job["env"])
        import_module("mira_cli.app").main()
    finally:
        os._exit(127)


def run(jobs: list[dict]) -> list[dict]:
    """How each job ended, in their order."""
    waiting, under_way = list(enumerate(jobs)), {}
    ends: list[dict] = [{} for _ in jobs]
    while waiting or under_way:
        while waiting and len(under_way) < AT_ONCE:
            place, job = waiting.pop(0)
            under_way[place] = Running(job)
        owners = {number: one for one in under_way.values() for number in one.open}
        for number in select.select(list(owners), [], [], 0.5)[0]:
            owners[number].read(number)
        for place, one in list(under_way.items()):
            if time.monotonic() > one.deadline:
                os.kill(one.pid, signal.SIGKILL)
            if not one.open:
                ends[place] = one.ended()
                del under_way[place]
    return ends


if __name__ == "__main__":
    load()
    json.dump(run(json.load(sys.stdin)), sys.stdout)
