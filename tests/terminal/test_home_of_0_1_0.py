"""A home directory that mira 0.1.0 wrote is used as it is: settings, keys, line history, conversations, a batch.

The files in home_of_0.1.0/ were written by that version, run against its simulator. Only the simulator's address,
which is another one in each run, is replaced by SIMULATOR.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

WRITTEN = Path(__file__).parent / "home_of_0.1.0"
PLACES = {
    "config.toml": ".config/mira",
    "key": ".config/mira",
    "history": ".local/state/mira",
    "models": ".cache/mira",
    "talk.json": ".",
    "chat.json": ".",
    "answers.jsonl": ".",
}
ROWS = (
    '{"question":"one","id":"a"}\n{"question":"два"}\n'
    '{"question":"three","temperature":0.1,"system":"S","stop":["x"]}\n'
)
SYSTEM = 'Be brief.\n"Quoted" and \\ back.'
MIRA = str(Path(sys.executable).with_name("mira"))


@pytest.fixture
def home(terminal_env, simulator):
    """The home directory, with the files as 0.1.0 left them, modes included."""
    home = Path(terminal_env["HOME"])
    origin = simulator.base_url.removesuffix("/v1")
    for name, place in PLACES.items():
        (home / place).mkdir(mode=0o700, parents=True, exist_ok=True)
        path = home / place / name
        path.write_bytes((WRITTEN / name).read_bytes().replace(b"SIMULATOR", origin.encode()))
        path.chmod(0o600)
    (home / ".config/mira/.lock").touch(0o600)
    return home


@pytest.fixture
def run(home, terminal_env):
    """Run `mira` in this home, with no variable of ours set: stdout and stderr of a good run."""

    def run(*argv, stdin="", code=0):
        done = subprocess.run(
            [MIRA, *argv],
            input=stdin,
            capture_output=True,
            text=True,
            env=terminal_env,
            cwd=home,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout, done.stderr

    return run


def test_the_settings_and_keys_are_read(run, simulator):
    listed = json.loads(run("config", "list", "--json")[0])
    found = {name: row["value"] for name, row in listed.items() if row["source"] == "config.toml"}
    assert found == {
        "model": "mira-pro",
        "system": SYSTEM,
        "temperature": 0.5,
        "stop": ["END", "Ж\n"],
        "timeout": 30,
        "base_url": simulator.base_url,
    }
    assert run("config", "get", "key", "--reveal") == (f"{simulator.key}\n", "")
    assert run("ask", "hi")[1] == ""
    sent = simulator.requests[-1]
    assert sent.headers["authorization"] == f"Bearer {simulator.key}"
    assert [sent.body[name] for name in ("model", "temperature", "stop")] == ["mira-pro", 0.5, ["END", "Ж\n"]]
    assert sent.body["messages"][0] == {"role": "system", "content": SYSTEM}


def test_one_setting_changes_and_no_other_line(run, home):
    path = home / ".config/mira/config.toml"
    before = path.read_text()
    run("config", "set", "temperature", "1")
    assert path.read_text() == before.replace("temperature = 0.5", "temperature = 1")
    run("config", "unset", "temperature")
    assert path.read_text() == before.replace("temperature = 0.5\n", "")
    run("config", "set", "vi", "true")
    assert path.read_text() == before.replace("temperature = 0.5\n", "") + "vi = true\n"


def test_the_keys_of_other_origins_stay(run, home, simulator):
    path = home / ".config/mira/key"
    new = "sk-mira-" + "5e6f7a8b" * 5
    before = path.read_text()
    run("config", "set", "key", stdin=new)
    assert path.read_text() == before.replace(simulator.key, new)
    run("config", "unset", "key")
    assert "https://api.vmira.ai sk-mira-1a2b3c4d" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_conversation_goes_on(run, home, simulator):
    before = json.loads((home / "talk.json").read_text())
    run("ask", "-c", "talk.json", "Third question")
    sent = simulator.requests[-1].body["messages"]
    assert sent == [*before["messages"], {"role": "user", "content": "Third question"}]
    after = json.loads((home / "talk.json").read_text())
    assert after["messages"][:6] == [*before["messages"], {"role": "user", "content": "Third question"}]
    assert len(after["messages"]) == 7
    assert {name: value for name, value in after.items() if name != "messages"} == {
        name: value for name, value in before.items() if name != "messages"
    }


def test_a_batch_resumes(run, home, simulator):
    before = (home / "answers.jsonl").read_bytes()
    batch = ("batch", "-", "-o", "answers.jsonl", "-m", "mira", "--per-minute", "0")
    run(*batch, stdin=ROWS, code=8)
    assert simulator.requests == []
    assert (home / "answers.jsonl").read_bytes() == before
    with (home / "answers.jsonl").open("ab") as file:
        file.write(before[:50])  # as a kill leaves it
    run(*batch, "--retry-failed", stdin=ROWS)
    assert [received.body["messages"][-1]["content"] for received in simulator.requests] == ["one"]
    after = (home / "answers.jsonl").read_bytes()
    assert after.startswith(before)
    row = json.loads(after.removeprefix(before))
    assert (row["id"], row["key"]) == ("a", json.loads(before.splitlines()[0])["key"])


def test_a_chat_has_its_history_and_loads_its_file(home, open_terminal, simulator):
    terminal = open_terminal([MIRA, "chat", "--load", str(home / "chat.json")])
    terminal.until(lambda: b"\x1b[?2004h" in terminal.raw, "the input line")
    terminal.type("\x1b[A")
    terminal.wait_for("› /exit")
    terminal.type("\x1b[A" * 4)
    terminal.wait_for("lines, дважды")
    terminal.type("\r")
    assert simulator.wait_for(1)
    messages = simulator.requests[0].body["messages"]
    assert [message["role"] for message in messages] == ["system", *["user", "assistant"] * 2, "user"]
    assert messages[-1]["content"] == "two\nlines, дважды"
    terminal.until(lambda: "You asked: “two lines, дважды”" in " ".join(terminal.text.split()), "the reply")
