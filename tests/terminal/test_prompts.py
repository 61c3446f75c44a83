"""What a command asks a person on a terminal: for a key, and whether to remove a prompt."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(("answer", "code"), [("n\r", 1), ("\r", 1), ("y\r", 0)])
def test_what_was_typed_before_the_question_is_no_answer(open_terminal, terminal_env, answer, code):
    folder = Path(terminal_env["HOME"], ".config", "mira", "prompts")
    folder.mkdir(parents=True)
    (folder / "tutor.md").write_text("Be patient.\n")
    terminal = open_terminal([sys.executable, "-m", "mira_cli", "prompts", "remove", "tutor"])
    terminal.type("y\ry")
    terminal.wait_for("Remove the prompt tutor? (y/N)")
    terminal.type(answer)
    assert terminal.wait() == code
    assert (folder / "tutor.md").exists() == bool(code)


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (
            60,
            [
                "mira needs an API key. Get one at https://platform.vmira.ai,",
                "then paste it here (hidden):",
            ],
        ),
        (
            44,
            [
                "mira needs an API key. Get one at",
                "https://platform.vmira.ai, then paste it",
                "here (hidden):",
            ],
        ),
    ],
)
def test_the_question_for_a_key_is_folded_between_words(open_terminal, columns, rows):
    terminal = open_terminal([sys.executable, "-m", "mira_cli", "ask", "hi"], columns=columns)
    terminal.wait_for("(hidden):")
    assert [row.rstrip() for row in terminal.lines if row.strip()] == rows
    terminal.type("\r")
    assert terminal.wait() == 4


def test_config_set_key_asks_on_a_terminal(open_terminal, terminal_env):
    key = "sk-mira-" + "1a2b3c4d5e" * 4
    terminal = open_terminal([sys.executable, "-m", "mira_cli", "config", "set", "key"])
    terminal.wait_for("Paste the API key here (hidden):")
    terminal.type(f"{key}\r")
    assert terminal.wait() == 0
    assert f"Saved key {key[:16]}…" in terminal.text
    assert key.encode() not in terminal.raw
    assert key in Path(terminal_env["HOME"], ".config", "mira", "key").read_text()
