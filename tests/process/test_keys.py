"""Keys: where they are kept, where they go, and that none is ever shown. Through the installed program."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

KEY = "sk-mira-" + "1a2b3c4d" * 5
OTHER = "sk-mira-" + "5e6f7a8b" * 5
MASK = "sk-mira-1a2b3c4d…"
NOBODY = 65534


@pytest.fixture
def run(start):
    """Run `mira` to its end: code, stdout, stderr."""

    def run(*argv, stdin=b"", **variables):
        process = start(*argv, stdin=subprocess.PIPE, extra=variables)
        out, err = process.communicate(stdin, timeout=60)
        return process.returncode, out.decode(), err.decode()

    return run


@pytest.fixture
def stored(run, env, simulator, tmp_path):
    """The key file, holding the simulator's key for its origin; no key in the environment."""
    env["MIRA_API_KEY"] = ""
    code, _, err = run("config", "set", "key", stdin=simulator.key.encode())
    assert (code, simulator.key in err) == (0, False)
    return tmp_path / "config" / "key"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_file_and_directory_are_private_whatever_the_umask(env, tmp_path, umask):
    subprocess.run(["mira", "config", "set", "key"], env=env, input=KEY.encode(), umask=umask, check=True)
    assert (mode(tmp_path / "config"), mode(tmp_path / "config" / "key")) == (0o700, 0o600)
    subprocess.run(["mira", "config", "set", "model", "m"], env=env, umask=umask, check=True)
    assert mode(tmp_path / "config" / "config.toml") == 0o600


def test_a_file_that_others_can_read_is_mended_and_that_is_said_once(run, stored):
    stored.chmod(0o644)
    code, out, err = run("ask", "hi")
    assert (code, bool(out)) == (0, True)
    assert "could be read by other users; it is 0600 now" in err
    assert mode(stored) == 0o600
    assert run("ask", "hi")[2] == ""


def test_a_file_of_somebody_else_is_not_used(run, stored, simulator):
    if os.geteuid():
        stored.unlink()
        stored.symlink_to("/etc/passwd")
    else:
        os.chown(stored, NOBODY, NOBODY)
    code, out, err = run("ask", "hi")
    assert (code, out) == (4, "")
    assert "belongs to another user and is not used" in err
    assert simulator.requests == []
    assert run("ask", "hi", MIRA_API_KEY=simulator.key)[0] == 0  # a variable does without the file


def test_a_key_file_that_is_a_link_stays_one(run, tmp_path, simulator):
    (tmp_path / "config").mkdir()
    real, link = tmp_path / "dotfiles", tmp_path / "config" / "key"
    link.symlink_to(real)
    for key in (KEY, simulator.key):
        assert run("config", "set", "key", stdin=key.encode())[0] == 0
    assert link.is_symlink()
    assert (mode(real), simulator.key in real.read_text()) == (0o600, True)
    assert run("ask", "hi", MIRA_API_KEY="")[0] == 0


@pytest.mark.parametrize("place", ["/proc/mira", "{tmp}/file", "{tmp}/file/below", "{tmp}/\n"])
def test_a_place_that_cannot_hold_it_is_one_clear_line(run, tmp_path, place):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "\n").touch()
    code, out, err = run(
        "config", "set", "key", stdin=KEY.encode(), MIRA_CONFIG_DIR=place.format(tmp=tmp_path)
    )
    assert (code, out, len(err.splitlines())) == (2, "", 2)
    assert err.startswith("mira: Cannot make ")
    assert KEY not in err
    assert (tmp_path / "file").read_text() == "mine"


def test_writers_at_once_lose_nothing(env, tmp_path):
    writers = [
        subprocess.Popen(
            ["mira", "config", "set", "key"],
            env={**env, "MIRA_BASE_URL": f"https://host{number}.example/v1"},
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for number in range(8)
    ]
    for number, writer in enumerate(writers):
        writer.communicate(f"sk-mira-{number:040}".encode(), timeout=60)
        assert writer.returncode == 0
    lines = (tmp_path / "config" / "key").read_text().splitlines()
    assert sorted(lines[1:]) == [f"https://host{number}.example sk-mira-{number:040}" for number in range(8)]


def test_a_kill_at_any_moment_leaves_the_old_key_or_the_new(stored, env, simulator):
    seen = set()
    for moment in range(24):
        process = subprocess.Popen(
            ["mira", "config", "set", "key", OTHER], env=env, stderr=subprocess.DEVNULL
        )
        time.sleep(moment * 0.004)
        process.kill()
        process.wait()
        text = stored.read_text()
        assert text.endswith((f" {simulator.key}\n", f" {OTHER}\n"))
        assert mode(stored) == 0o600
        seen.add(OTHER in text)
    assert False in seen
    assert all(mode(path) == 0o600 for path in stored.parent.iterdir())


def test_verbose_tells_everything_but_the_key(run, simulator):
    simulator.fail("500-key:1")
    code, _, err = run("ask", "-v", "hi")
    assert code == 0
    assert "POST" in err
    assert simulator.key not in err


BUG = """
import os, sys
from mira_cli import app
from mira_cli.api.client import Client

def break_down(self, *rest):
    local = os.environ["MIRA_API_KEY"]
    raise RuntimeError(f"with {local} and %73k-mira-{local[8:]}")

Client.send = break_down
sys.argv = ["mira", "ask", *sys.argv[1:], "hi"]
app.main()
"""


@pytest.mark.parametrize("debug", ["", "1"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_bug_shows_no_key_and_its_traceback_only_on_request(env, simulator, debug, form):
    done = subprocess.run(
        [sys.executable, "-c", BUG, *form],
        env={**env, "MIRA_DEBUG": debug},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert simulator.key[16:] not in done.stdout + done.stderr
    assert ("Traceback" in done.stderr) == bool(debug)
    assert "This is a bug in mira (RuntimeError: with sk-mira-" in done.stderr
    if not debug:
        assert len(done.stderr.splitlines()) == 2
    if form:
        assert json.loads(done.stdout)["error"]["type"] == "internal"


@pytest.mark.parametrize(
    "words", [["ask", "-v", "hi"], ["ask", "--json", "hi"], ["models"], ["config", "check"]]
)
def test_the_password_of_a_proxy_is_not_shown(run, words):
    proxy = "http://person:pass%20word-7@127.0.0.1:1"
    variables = {"HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": "", "no_proxy": ""}
    code, out, err = run(*words, **variables, MIRA_BASE_URL="https://mira.test/v1")
    assert code == 3
    assert "127.0.0.1:1" in out + err
    assert "word-7" not in out + err


def test_the_stored_key_goes_nowhere_else(run, stored, simulator):
    other = simulator.base_url.replace("127.0.0.1", "localhost")
    for words, variables in (
        (["ask", "--base-url", other, "hi"], {}),
        (["ask", "hi"], {"MIRA_BASE_URL": other}),
        (["config", "check"], {"MIRA_BASE_URL": other}),
    ):
        code, out, err = run(*words, **variables)
        assert code == 4
        assert "it is not sent to http://localhost" in out + err
    assert run("models", MIRA_BASE_URL=other)[0] == 0
    assert not any(visit.headers.get("authorization") for visit in simulator.visits)
    assert run("ask", "hi")[0] == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/v1",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://localhost.example.com",
        "ftp://127.0.0.1",
        "//example.com",
    ],
)
def test_a_key_is_not_sent_in_the_clear(run, url):
    code, out, err = run("ask", "hi", MIRA_BASE_URL=url)
    assert (code, out) == (2, "")
    assert "base_url must" in err


def test_a_redirect_is_not_followed(run, simulator):
    """Another server sends the request on to the simulator, which would take the key."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        answer = (
            "HTTP/1.1 307 Temporary Redirect\r\ncontent-length: 0\r\n"
            f"location: {simulator.base_url}/chat/completions\r\n\r\n"
        )

        def redirect():
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(answer.encode())
                connection.recv(1)

        thread = threading.Thread(target=redirect, daemon=True)
        thread.start()
        code, out, err = run("ask", "hi", MIRA_BASE_URL=f"http://127.0.0.1:{server.getsockname()[1]}/v1")
        thread.join(10)
    assert (code, out) == (5, "")
    assert "redirects are not followed" in err
    assert simulator.visits == []


def test_other_programs_get_no_key(run, env, tmp_path):
    tool, seen = tmp_path / "tool", tmp_path / "seen"
    tool.write_text(
        f'#!/bin/sh\nenv >> {seen}\ncase "$1" in *.md) echo "What is it?" >> "$1" ;; esac\necho {KEY}\n'
    )
    tool.chmod(0o700)
    assert run("config", "edit", EDITOR=str(tool))[0] == 0
    assert run("ask", "-e", VISUAL=str(tool))[0] == 0
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "xclip").symlink_to(tool)
    run("chat", stdin=b"hi\n/copy\n", PATH=f"{tmp_path}/bin:{env['PATH']}", DISPLAY=":9", WAYLAND_DISPLAY="")
    assert sum(line.startswith("PATH=") for line in seen.read_text().splitlines()) == 3
    assert env["MIRA_API_KEY"] not in seen.read_text()
    seen.unlink()
    assert (
        run("ask", "hi", MIRA_API_KEY="", MIRA_KEY_COMMAND=str(tool))[0] == 4
    )  # a key that is not the server's
    assert "MIRA_API_KEY" not in seen.read_text()


def test_a_key_command_is_not_quoted(run):
    for command in ("echo my-bank-password", "sh -c 'echo my-bank-password >&2; exit 3'"):
        code, out, err = run("ask", "-v", "hi", MIRA_API_KEY="", MIRA_KEY_COMMAND=command)
        assert (code, out) == (4, "")
        assert "my-bank-password" not in err


def test_settings_show_a_mask(run, stored, simulator):
    for words in (
        ["config", "list"],
        ["config", "list", "--json"],
        ["config", "get", "key"],
        ["config", "check"],
    ):
        out = "".join(run(*words)[1:])
        assert simulator.key[:16] in out
        assert simulator.key not in out
    assert run("config", "get", "key", "--reveal")[1] == f"{simulator.key}\n"


def test_a_key_in_the_settings_file_is_neither_used_nor_shown(run, tmp_path, simulator):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(f'key = "{KEY}"\n')
    code, out, err = run("ask", "hi", MIRA_API_KEY="")
    assert (code, out) == (4, "")
    assert "config.toml line 1: the key does not belong here" in err
    shown = "".join(map(str, (*run("config", "list"), *run("config", "list", "--json"), err)))
    assert KEY not in shown
    assert simulator.visits == []


def test_a_key_on_the_command_line_is_taken_with_a_warning_that_does_not_repeat_it(run):
    code, out, err = run("config", "set", "key", KEY)
    assert (code, out) == (0, "")
    assert "shell history" in err
    assert MASK in err
    assert KEY not in err


def test_a_saved_chat_holds_no_key(run, tmp_path):
    words = f"my key is {KEY}\n/save {tmp_path}/chat.md\n/save {tmp_path}/chat.json\n"
    assert run("chat", stdin=words.encode())[0] == 0
    for name in ("chat.md", "chat.json"):
        assert "my key is" in (tmp_path / name).read_text()
        assert KEY not in (tmp_path / name).read_text()
        assert mode(tmp_path / name) == 0o600
