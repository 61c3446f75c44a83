"""`mira batch` on a terminal: its progress bar beside what somebody else writes there."""

from __future__ import annotations

import sys
from pathlib import Path

PROGRAM = str(Path(sys.executable).with_name("mira"))


def test_the_bar_stands_in_no_line_of_who_reads_the_rows(simulator, tmp_path, open_terminal):
    simulator.say(*({"text": "one", "delay": 0.5} for _ in range(4)))
    questions = tmp_path / "questions.txt"
    questions.write_text("a\nb\nc\nd\n")
    env = {
        "MIRA_BASE_URL": simulator.base_url,
        "MIRA_API_KEY": simulator.key,
        "MIRA_CONFIG_DIR": str(tmp_path),
    }
    shell = ["sh", "-c", f"{PROGRAM} batch --lines --jobs 1 {questions} | sed 's/.*/a row/'"]
    terminal = open_terminal(shell, env)
    terminal.wait_for("/4")
    assert terminal.wait() == 0
    assert terminal.lines[:4] == ["a row"] * 4
