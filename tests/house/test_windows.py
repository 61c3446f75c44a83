"""What only POSIX has is behind a guard: with those modules blocked, mira still runs."""

import subprocess
import sys

import pytest

BLOCKED = ("termios", "tty", "fcntl", "pwd", "grp", "resource", "pty")
START = f"""\
import os, signal, sys
for name in {BLOCKED!r}:
    sys.modules[name] = None  # an import of it fails
for name in ("SIGHUP", "SIGTSTP", "SIGCONT", "SIGWINCH", "SIGPIPE", "SIGQUIT"):
    delattr(signal, name)
# platformdirs takes getuid wherever sys.platform is not Windows.
for name in ("getpgrp", "tcgetpgrp", "geteuid", "O_NOCTTY", "killpg"):
    if hasattr(os, name):
        delattr(os, name)
from mira_cli.app import main
sys.argv[0] = "mira"
main()
"""


@pytest.mark.parametrize(
    ("args", "stdin", "out"),
    [
        (("--version",), "", "mira "),
        (("ask", "hi"), "text\n", "(simulated reply)"),
        (("ask", "--json", "hi"), "", '{"text":'),
        (("ask", "-x", "Write a script in bash"), "", "for name in"),
        (("ask", "-c", "talk.json", "hi"), "", "(simulated reply)"),
        (("ask", "--color", "always", "hi"), "", "(simulated reply)"),
        (("chat",), "Hello\n", "(simulated reply)"),
        (("batch", "-", "-o", "answers.jsonl"), '{"question": "hi"}\n', ""),
        (("models",), "", "mira-pro"),
        (("config", "list"), "", "model\tmira\tdefault"),
        (("config", "set", "model", "mira-pro"), "", ""),
        (("config", "path"), "", "config.toml"),
        (("config", "check"), "", "key accepted\tok"),
        (("simulate", "--faults"), "", "429"),
        (("completion", "powershell"), "", "Register-ArgumentCompleter"),
        (("--help",), "", "Usage: mira"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_without_what_windows_lacks(args, stdin, out, simulator, tmp_path, monkeypatch):
    monkeypatch.setenv("MIRA_BASE_URL", simulator.base_url)
    monkeypatch.setenv("MIRA_API_KEY", simulator.key)
    done = subprocess.run(
        [sys.executable, "-c", START, *args],
        cwd=tmp_path,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert out in done.stdout
