"""README.md is true: its examples run, its words are those of the program, its links lead somewhere."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from generate.tree import COMMANDS

from mira_cli import __version__

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
SCHEMA = {
    "type": "object",
    "properties": {"number": {"type": "string"}, "total": {"type": "number"}},
    "required": ["number", "total"],
}
FILES = {
    "notes.md": "# Plan\n\nBuy apples.\n\nBake a cake.\n",
    "build.log": "cc -c main.c\nmain.c:1: error: expected ';'\n",
    "invoice.txt": "Invoice 7, total 12.50\n",
    "words.txt": "apple\npear\n",
    "questions.jsonl": '{"question": "One?", "id": "a"}\n{"question": "Two?"}\n',
    "schema.json": json.dumps(SCHEMA),
    "replies.toml": '[[reply]]\ntext = "First."\n',
    "talk.json": "",
    "staged.txt": "old\n",
    "editor": "#!/bin/sh\necho 'What is a pipe?' > \"$1\"\n",
}


@pytest.fixture
def folder(tmp_path):
    """A repository with something staged, and the files that the examples read."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "editor").chmod(0o755)
    prompts = Path(os.environ["HOME"], ".config", "mira", "prompts")
    prompts.mkdir(parents=True)
    for name in ("review", "tutor"):
        (prompts / f"{name}.md").write_text("Be kind.\n", encoding="utf-8")
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "staged.txt"], ["commit", "-qm", "Begin"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    (tmp_path / "staged.txt").write_text("new\n", encoding="utf-8")
    subprocess.run(["git", "add", "staged.txt"], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.needs("bash", "jq", "parallel", "git")
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0][:50])
def test_an_example_runs(block, folder, simulator):
    binaries = str(Path(sys.executable).parent)
    env = {
        **os.environ,
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "EDITOR": str(folder / "editor"),
        "MIRA_BASE_URL": simulator.base_url,
        "MIRA_API_KEY": simulator.key,
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{block}"],
        cwd=folder,
        env=env,
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_examples_and_none_is_hidden_from_the_test():
    assert len(BLOCKS) >= 15
    assert set(re.findall(r"^```(\w*)$", README, re.MULTILINE)) == {"sh", "console", "bash", "zsh", ""}


def test_the_two_commands_that_set_everything_up_are_a_line_each():
    first, second, *_ = re.findall(r"^```console\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert first.count("\n") == second.count("\n") == 1
    assert first.startswith("python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/mira simulate -- ")
    assert second.endswith("&& .venv/bin/pytest\n")


def test_every_command_is_in_it():
    for row in COMMANDS:
        if row.path != ("help",):
            assert f"mira {row.path[0]}" in README


def test_links_and_pictures_lead_somewhere():
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    assert all((ROOT / target).exists() for target in targets if not target.startswith("https://"))


def test_the_changelog_names_the_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(__version__)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE)
