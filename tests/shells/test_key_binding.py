"""The key bindings of the README, typed in an interactive bash and zsh."""

import os
import re
import sys
from pathlib import Path

import pexpect
import pytest

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SHELLS = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"]}
PROMPT = "ready> "
PATIENCE = 60
pytestmark = pytest.mark.needs(*SHELLS)


@pytest.fixture(params=SHELLS)
def shell(request, simulator, tmp_path):
    """An interactive shell with the binding of the README, and `mira` on its PATH."""
    name = request.param
    (recipe,) = re.findall(rf"^```{name}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert recipe.count("\n") == 5
    (tmp_path / "rc").write_text(recipe)
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "MIRA_BASE_URL": simulator.base_url,
        "MIRA_API_KEY": simulator.key,
        "PS1": PROMPT,
        "TERM": "xterm",
        "HOME": str(tmp_path),
    }
    child = pexpect.spawn(
        name, SHELLS[name], env=env, encoding="utf-8", timeout=PATIENCE, dimensions=(24, 200), cwd=tmp_path
    )
    child.expect_exact(PROMPT)
    child.send(f". {tmp_path}/rc; echo loa''ded\r")
    child.expect_exact("loaded\r\n")
    child.expect_exact(PROMPT)
    yield child
    child.close(force=True)


def test_the_line_becomes_a_question_and_its_code_the_new_line(shell, simulator, tmp_path):
    simulator.say("Like this:\n\n```bash\necho made-by-$((40 + 2)) > result\n```\n")
    shell.send('print made by "42" && more\x18m')
    shell.expect_exact("echo made-by-$((40 + 2)) > result")
    question = simulator.requests[-1].body["messages"][-1]["content"]
    assert question.endswith('in a code block: print made by "42" && more')
    assert not (tmp_path / "result").exists()  # it is not run
    shell.send(" && cat result\r")
    shell.expect_exact("made-by-42\r\n")


def test_an_answer_without_code_leaves_the_line_alone(shell, simulator):
    simulator.say("I would rather not.")
    shell.send("echo kept\x18m")
    shell.expect(r"code block\b.*\n")
    shell.send("-here\r")
    shell.expect_exact("kept-here\r\n")
