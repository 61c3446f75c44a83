"""`mira batch` on a terminal: its progress bar beside what somebody else writes there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).with_name("mira"))


@pytest.fixture
def run(simulator, tmp_path, open_terminal):
    """Run a shell command on a terminal, beside a file of four questions, each answered after half a second."""
    simulator.say(*({"text": "one", "delay": 0.5} for _ in range(4)))
    (tmp_path / "questions.txt").write_text("a\nb\nc\nd\n")
    env = {
        "MIRA_BASE_URL": simulator.base_url,
        "MIRA_API_KEY": simulator.key,
        "MIRA_CONFIG_DIR": str(tmp_path),
    }

    def start(command):
        terminal = open_terminal(["sh", "-c", f"cd {tmp_path}; {command}"], env)
        terminal.wait_for("/4")
        return terminal

    return start


def test_the_bar_stands_in_no_line_of_who_reads_the_rows(run):
    terminal = run(f"{PROGRAM} batch --lines --jobs 1 questions.txt | sed 's/.*/a row/'")
    assert terminal.wait() == 0
    assert terminal.lines[:4] == ["a row"] * 4


def test_an_answer_that_cannot_be_written_leaves_no_bar_behind(run):
    terminal = run(f"ulimit -f 0; {PROGRAM} batch --lines --jobs 1 questions.txt -o answers.jsonl")
    assert terminal.wait() == 1
    assert "mira: Cannot write answers.jsonl" in terminal.text
    assert "/4" not in terminal.text
