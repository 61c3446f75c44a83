"""The help of every command: narrow, in one voice, with examples that run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from generate.tree import COMMANDS, GROUPS

BIN = str(Path(sys.executable).parent)
KEY = "sk-mira-" + "1a2b3c4d5e" * 4
HELPED = [(), *((group,) for group in GROUPS), *(row.path for row in COMMANDS)]
EXAMPLES = [(row, example) for row in COMMANDS for example in row.examples]
STAND_INS = {
    "nano": '#!/bin/sh\ntest -e "$1"\n',
    "pass": f"#!/bin/sh\necho {KEY}\n",
    "script.sh": '#!/bin/sh\nmira ask "Hi" </dev/null\n',
}


@pytest.mark.parametrize("path", HELPED, ids=" ".join)
def test_help_fits_a_narrow_terminal(path, mira, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    done = mira(*path, "--help")
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 60
    assert done.out.startswith(f"Usage: {' '.join(('mira', *path))} ")
    assert done.out == mira("help", *path).out
    assert done.out == mira("--help", *path).out


@pytest.mark.parametrize("path", [(), *((group,) for group in GROUPS)], ids=" ".join)
def test_a_list_of_commands_cuts_no_line_short(path, mira, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    text = " ".join(mira(*path, "--help").out.split())
    below = [row for row in COMMANDS if row.path[:-1] == path]
    assert below
    assert all(f"{row.path[-1]} {row.summary}" in text for row in below)


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row.name)
def test_a_command_has_two_examples_and_speaks_in_one_voice(row):
    assert len(row.examples) == 2
    assert all(f"mira {row.name}" in example for example in row.examples)
    for text in (row.summary, *row.details, *(each.help for each in (*row.options, *row.arguments))):
        assert text[0].isupper() or text.startswith("bash")
        assert text.endswith((".", "…"))


@pytest.mark.needs("bash", "fish", "git")
@pytest.mark.parametrize(
    ("row", "example"), EXAMPLES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_an_example_runs(row, example, tmp_path, simulator):
    (tmp_path / "bin").mkdir()
    for name, text in STAND_INS.items():
        place = tmp_path / name if name == "script.sh" else tmp_path / "bin" / name
        place.write_text(text, encoding="utf-8")
        place.chmod(0o755)
    (tmp_path / "questions.jsonl").write_text('{"question": "One?"}\n', encoding="utf-8")
    (tmp_path / "words.txt").write_text("apple\n", encoding="utf-8")
    (tmp_path / "talk.json").touch()
    prompts = Path(os.environ["HOME"], ".config", "mira", "prompts")
    prompts.mkdir(parents=True)
    for name in ("review", "tutor"):
        (prompts / f"{name}.md").write_text("Be kind.\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    shell = "fish" if example.endswith("| source") else "bash"
    example = "mira config set model mira; " * (row.path == ("config", "unset")) + example
    done = subprocess.run(
        [shell, "-c", example],
        cwd=tmp_path,
        env={
            **os.environ,
            "PATH": f"{tmp_path}/bin:{BIN}:{os.environ['PATH']}",
            "EDITOR": "true",
            "MIRA_BASE_URL": simulator.base_url,
            "MIRA_API_KEY": simulator.key,
        },
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
