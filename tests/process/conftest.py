"""The installed program as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).with_name("mira"))


@pytest.fixture
def env(simulator, tmp_path):
    """The environment of a run against the simulator."""
    return {
        **os.environ,
        "MIRA_BASE_URL": simulator.base_url,
        "MIRA_API_KEY": simulator.key,
        "MIRA_CONFIG_DIR": str(tmp_path / "config"),
        "PATH": f"{Path(PROGRAM).parent}:{os.environ['PATH']}",
    }


@pytest.fixture
def start(env):
    """Start `mira` with these words; pipes for all three streams unless said otherwise. Ended with the test."""
    started = []

    def start(*argv, **options):
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(
            [PROGRAM, *argv], env={**env, **options.pop("extra", {})}, **{**streams, **options}
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
