"""A file that its owner made read-only is refused before anything is sent, code 2, and stays as it is."""

from __future__ import annotations

import json
import stat
import subprocess

import pytest

KEY = "sk-mira-" + "1a2b3c4d" * 5
TALK = json.dumps(
    {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}
)
ROW = json.dumps({"id": 1, "key": "k", "text": "Hello"}) + "\n"

CASES = {
    "ask -c": (["ask", "-c", "{file}", "hi"], TALK, ""),
    "ask --json": (["ask", "--json", "-c", "{file}", "hi"], TALK, ""),
    "ask -c, still empty": (["ask", "-c", "{file}", "hi"], "", ""),
    "chat --save": (["chat", "--save", "{file}.json", "--load", "{file}.json"], TALK, "hi\n"),
    "batch -o": (["batch", "--lines", "-", "-o", "{file}"], ROW, "hi\n"),
    "config set": (["config", "set", "model", "m"], 'model = "x"\n', ""),
    "config unset": (["config", "unset", "model"], 'model = "x"\n', ""),
    "config set key": (["config", "set", "key"], f"{KEY}\n", KEY),
    "config unset key": (["config", "unset", "key"], f"https://api.vmira.ai {KEY}\n", ""),
}
PLACES = {"config set": "config/config.toml", "config unset": "config/config.toml"}
KEY_FILE = {"config set key", "config unset key"}


@pytest.fixture
def run(start):
    """Run `mira` to its end: code, stdout, stderr."""

    def run(*argv, stdin="", **variables):
        process = start(*argv, stdin=subprocess.PIPE, extra=variables)
        out, err = process.communicate(stdin.encode(), timeout=60)
        return process.returncode, out.decode(), err.decode()

    return run


@pytest.mark.parametrize("name", CASES)
def test_a_read_only_file_is_refused(run, simulator, tmp_path, name):
    words, content, stdin = CASES[name]
    place = "config/key" if name in KEY_FILE else PLACES.get(name, "a file")
    path = tmp_path / (place + ".json" if "chat" in name else place)
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    path.chmod(0o400 if name in KEY_FILE else 0o444)
    before = path.stat()
    words = [word.format(file=tmp_path / place) for word in words]
    variables = {"MIRA_BASE_URL": "https://api.vmira.ai"} if name in KEY_FILE else {}
    code, out, err = run(*words, stdin=stdin, **variables)
    assert code == 2
    assert f"mira: {path} is read-only.\n" in err
    assert len(err.splitlines()) == 2
    assert json.loads(out)["error"]["type"] == "usage" if "--json" in words else out == ""
    assert simulator.requests == []
    assert path.read_text() == content
    after = path.stat()
    assert (after.st_ino, stat.S_IMODE(after.st_mode)) == (before.st_ino, stat.S_IMODE(before.st_mode))
    assert [each.name for each in path.parent.iterdir() if each.name != "config"] == [path.name]


def test_a_chat_saves_over_no_read_only_file(run, tmp_path):
    path = tmp_path / "chat.md"
    path.touch()
    path.chmod(0o444)
    code, _, err = run("chat", stdin=f"hi\n/save {path}\n")
    assert code == 2
    assert f"{path} is read-only." in err
    assert path.read_text() == ""
