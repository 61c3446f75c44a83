"""Text that others wrote and that is no reply: names, paths, settings, lists of a server. None of it acts on a terminal."""

from __future__ import annotations

import json
import re
import socket
import threading
from contextlib import suppress

import pytest

EVIL = "a\x1b[31m\x1b]0;x\x07\x9b31m\u202eb\x08\u200b"
OURS = re.compile(r"\x1b\[(?:[0-9;]*[mKJ]|[0-9]*[AG]|\?(?:25|7|2026)[hl])|[\r\n]")
FOREIGN = re.compile("[\x00-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069\ufeff\u200b]")


@pytest.fixture
def harmless(mira):
    """Run `mira` as on a terminal; its outcome, which holds nothing that acts on one."""

    def run(*argv, **more):
        outcome = mira(*argv, **{"out_tty": True, "err_tty": True, **more})
        for shown in (outcome.out, outcome.err):
            assert not FOREIGN.search(OURS.sub("", shown)), repr(shown)
        assert "bug" not in outcome.err
        return outcome

    return run


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["ask", "-m", EVIL, "hi"], 5),
        (["ask", "-m", EVIL, "-n", "hi"], 0),
        (["ask", "-v", "-m", EVIL, "hi"], 5),
        (["ask", "-n", EVIL], 0),
        (["ask", "-s", f"@{EVIL}", "hi"], 2),
        (["ask", "-f", EVIL, "hi"], 2),
        (["ask", "--schema", EVIL, "hi"], 2),
        (["ask", "-c", f"/{EVIL}/x", "hi"], 2),
        (["ask", "-t", EVIL, "hi"], 2),
        (["ask", f"--{EVIL}", "hi"], 2),
        (["ask", EVIL], 0),
        ([EVIL], 2),
        (["help", EVIL], 2),
        (["config", "get", EVIL], 2),
        (["config", "set", EVIL, "x"], 2),
        (["config", "set", "model", EVIL], 0),
        (["batch", EVIL], 2),
        (["completion", EVIL], 2),
        (["simulate", "--fail", EVIL], 2),
        (["simulate", "--", EVIL], 127),
    ],
)
def test_words_of_the_command_line_act_on_no_terminal(harmless, argv, code):
    assert harmless(*argv).code == code


@pytest.mark.parametrize(
    "variables",
    [
        {"MIRA_BASE_URL": f"https://{EVIL}"},
        {"MIRA_TEMPERATURE": EVIL},
        {"MIRA_API_KEY": f"sk-mira-{EVIL}"},
        {"MIRA_API_KEY": "", "MIRA_KEY_COMMAND": EVIL},
        {"HTTPS_PROXY": f"http://{EVIL}", "MIRA_BASE_URL": "https://mira.test/v1"},
        {"NO_PROXY": f"[{EVIL}"},
        {"SSL_CERT_FILE": EVIL},
        {"SSL_CERT_DIR": EVIL},
    ],
)
def test_variables_act_on_no_terminal(harmless, variables):
    assert harmless("ask", "hi", **variables).code in {2, 4}
    for words in (["config", "list"], ["config", "check"], ["config", "path"]):
        assert harmless(*words, **variables).code in {0, 2, 4}


def test_settings_act_on_no_terminal(harmless, tmp_path):
    for name, value in (("model", EVIL), ("stop", json.dumps([EVIL, "x"])), ("system", EVIL)):
        assert harmless("config", "set", name, value).code == 0
        assert "\\u001b" in harmless("config", "get", name).out
    assert "\\u001b" in harmless("config", "list").out
    assert harmless("config", "path", MIRA_CONFIG_DIR=f"/tmp/{EVIL}").code == 0
    (tmp_path / "config" / "config.toml").write_text(f"{json.dumps(EVIL)} = 1\n")
    assert "no setting" in harmless("ask", "hi").err


def test_what_a_chat_loads(harmless, tmp_path):
    talk = [{"role": role, "content": EVIL} for role in ("system", "user", "assistant")]
    (tmp_path / "talk.json").write_text(json.dumps(talk))
    name = EVIL.replace("\x08", "")
    lines = [
        f"/load {tmp_path}/talk.json",
        "/context",
        "/info",
        "/system",
        "/retry",
        "/set",
        f"/set model {name}",
    ]
    lines += [
        f"/model {name}",
        "/model",
        f"/{name}",
        f"/save /{name}/x",
        f"/load {name}",
        f"/file {name}",
        "hi",
    ]
    outcome = harmless("chat", stdin="\n".join([*lines, ""]).encode())
    assert "Loaded 2 messages" in outcome.err


def test_rows_of_a_batch(harmless, tmp_path):
    rows = [
        json.dumps({"id": EVIL, "question": "q", "model": EVIL}),
        json.dumps({"id": EVIL, "question": 5}),
        EVIL,
    ]
    (tmp_path / "rows").write_text("\n".join(rows))
    assert harmless("batch", str(tmp_path / "rows")).code == 8


@pytest.fixture
def server():
    """Start a server that answers everything with one JSON value, and evil headers."""
    servers = []

    def start(value):
        listening = socket.create_server(("127.0.0.1", 0))
        servers.append(listening)
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 200 {EVIL}\r\nx-request-id: {EVIL}\r\ncontent-length: {len(body)}\r\n\r\n"

        def serve():
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        connection.recv(65536)
                        connection.sendall(head.encode() + body)

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/v1"

    yield start
    for listening in servers:
        listening.close()


def test_what_a_server_lists(harmless, server):
    model = {"id": EVIL, "name": EVIL, "context_window": 5, "max_output_tokens": 2, "requires_plan": EVIL}
    for value in ({"object": "list", "data": [model]}, {"default": EVIL, "models": [model]}):
        url = server(value)
        assert "^[[31m" in harmless("models", MIRA_BASE_URL=url).out
        assert harmless("ask", "-v", "hi", MIRA_BASE_URL=url).code == 7
    url = server({"status": EVIL, "plan": EVIL, "utilization": 1e300, "resets_at": 1e300})
    assert harmless("config", "check", MIRA_BASE_URL=url).code in {0, 3}
    reply = {"choices": [{"message": {"content": EVIL}, "finish_reason": EVIL}], "model": EVIL, "id": EVIL}
    assert harmless("ask", "-v", "-u", "hi", MIRA_BASE_URL=server(reply)).code == 0


def test_what_a_server_lists_spoils_no_columns(mira, server):
    model = {"id": "a\tb\n\x1b[31m", "context_window": 5, "max_output_tokens": 2, "requires_plan": "p\tq"}
    outcome = mira("models", MIRA_BASE_URL=server({"object": "list", "data": [model]}))
    assert outcome.out == "a b ^[[31m\t5\t2\tp q\n"
