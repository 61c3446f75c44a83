"""`mira config check` against real servers: a line for each thing, and the code of the first that failed."""

from __future__ import annotations

import json
import socket
import ssl
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread

import pytest
import trustme

from mira_cli.session.config.check import run
from rig.streams import buffered

KEY = "sk-mira-" + "1a2b3c4d5e" * 4
MODELS = {"object": "list", "data": [{"id": "mira"}, {"id": "mira-pro"}]}
QUOTA = {"status": "allowed", "utilization": 0.25, "plan": "free"}
LINES = [
    "config file", "key", "base URL", "proxy", "DNS", "connection", "TLS", "key accepted", "models", "clock",
]  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """Answers by the table of its server, and notes what it was asked."""

    def do_GET(self):
        self.server.seen.append((self.path, self.headers.get("Authorization")))
        status, value = self.server.answers.get(self.path, (404, ""))
        body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
        self.send_response_only(status)
        if self.server.date:
            self.send_header("Date", self.server.date)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def server():
    """A server that knows the key and the models; tests change its answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.answers = {"/v1/quota": (200, QUOTA), "/v1/models": (200, MODELS)}
        http.seen = []
        http.date = formatdate(usegmt=True)
        thread = Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield http
        http.shutdown()
        thread.join()


@pytest.fixture
def env(tmp_path, server):
    """An environment that points there."""
    return {
        "MIRA_CONFIG_DIR": str(tmp_path / "mira"),
        "MIRA_BASE_URL": f"http://127.0.0.1:{server.server_port}",
        "MIRA_API_KEY": KEY,
    }


def check(env, **options):
    """Code, and status and message of each line."""
    stdout = BytesIO()
    code = run(buffered(None, stdout, None, env=env), env, {}, as_json=True, **options)
    report = json.loads(stdout.getvalue())
    assert report["code"] == code
    assert report["ok"] == (code == 0)
    assert KEY.encode() not in stdout.getvalue()
    return code, {line["name"]: (line["status"], line["message"]) for line in report["checks"]}


def test_all_is_well(env, server):
    code, lines = check(env)
    assert code == 0
    assert list(lines) == LINES
    assert {status for status, _ in lines.values()} == {"ok", "skipped"}
    assert lines["key"][1] == "sk-mira-1a2b3c4d… from MIRA_API_KEY, 48 characters"
    assert lines["key accepted"] == ("ok", "yes, plan free, 25% of the quota used")
    assert lines["models"] == ("ok", "mira, mira-pro")
    assert lines["TLS"][0] == "skipped"
    assert server.seen == [("/v1/quota", f"Bearer {KEY}"), ("/v1/models", f"Bearer {KEY}")]


def test_a_line_each_in_a_pipe_and_on_a_terminal(env):
    for facts, separator in (({}, "\t"), ({"out_tty": True}, "  ")):
        stdout = BytesIO()
        assert run(buffered(None, stdout, None, env={**env, "COLUMNS": "200"}, **facts), env, {}) == 0
        lines = stdout.getvalue().decode().splitlines()
        assert len(lines) == 10
        assert all(separator in line for line in lines)


@pytest.mark.parametrize("columns", [40, 44, 60, 79])
def test_a_line_is_folded_between_words_on_a_terminal(env, columns):
    env = {**env, "MIRA_CONFIG_DIR": "/c", "COLUMNS": str(columns)}
    shown, piped = BytesIO(), BytesIO()
    assert run(buffered(None, shown, None, env=env, out_tty=True), env, {}) == 0
    assert run(buffered(None, piped, None, env=env), env, {}) == 0
    rows = shown.getvalue().decode().splitlines()
    assert max(map(len, rows)) <= columns
    assert sum(not row.startswith(" ") for row in rows) == 10
    text = " ".join(" ".join(rows).split())
    for line in piped.getvalue().decode().splitlines():
        assert line.rpartition("\t")[2] in text


def test_a_key_that_is_refused(env, server):
    server.answers["/v1/quota"] = (401, {"detail": f"bad key {KEY}"})
    code, lines = check(env)
    assert code == 4
    assert lines["key accepted"][0] == "failed"
    assert "sk-mira-1a2b3c4d… from MIRA_API_KEY" in lines["key accepted"][1]


@pytest.mark.parametrize("status", [403, 404])
def test_without_a_quota_path_only_a_refusal_of_the_models_tells(env, server, status):
    server.answers["/v1/quota"] = (status, {"detail": "Forbidden"})
    code, lines = check(env)
    assert code == 0
    assert lines["key accepted"] == ("warning", f"The server does not say ({status}).")
    assert lines["models"][0] == "ok"
    server.answers["/v1/models"] = (401, "")
    assert check(env)[0] == 4
    server.answers["/v1/models"] = (403, {"detail": "Forbidden"})
    code, lines = check(env)
    assert code == 0
    assert lines["key accepted"] == ("warning", "The server does not say (403).")
    assert lines["models"][0] == "warning"
    assert ("/api/v1/models", None) in server.seen


@pytest.mark.parametrize(("status", "code"), [(429, 6), (500, 7), (402, 6)])
def test_the_code_of_what_failed(env, server, status, code):
    server.answers["/v1/quota"] = (status, "")
    assert check(env)[0] == code


def test_no_path_is_asked_for_twice(env, server):
    server.answers["/v1/quota"] = (404, "")
    assert check(env)[0] == 0
    assert [path for path, _ in server.seen] == ["/v1/quota", "/v1/models"]


def test_a_quota_that_is_used_up(env, server):
    server.answers["/v1/quota"] = (200, {"status": "rejected"})
    assert check(env)[1]["key accepted"] == ("failed", "yes: the quota is used up.")
    server.answers["/v1/quota"] = (200, {"status": "rejected", "resets_at": time.time() + 5 * 86400 - 60})
    code, lines = check(env)
    assert code == 6
    assert lines["key accepted"][1].endswith("(in 5 days).")
    server.answers["/v1/quota"] = (403, {"detail": "quota exceeded"})
    code, lines = check(env)
    assert code == 6
    assert "used up: quota exceeded" in lines["key accepted"][1]


def test_a_quota_that_runs_out_is_a_warning(env, server):
    server.answers["/v1/quota"] = (200, {"status": "allowed_warning", "utilization": 0.9})
    assert check(env)[0] == 0
    assert check(env)[1]["key accepted"] == ("warning", "yes, 90% of the quota used")


def test_web_pages_are_no_answers(env, server):
    server.answers["/v1/quota"] = (200, "<html>")
    assert check(env)[1]["key accepted"] == ("ok", "yes")
    server.answers["/v1/models"] = (200, "<html>")
    code, lines = check(env)
    assert code == 7
    assert lines["key accepted"][0] == "failed"
    assert "Check the base URL" in lines["key accepted"][1]


def test_a_server_that_knows_none_of_the_paths(env, server):
    server.answers.clear()
    code, lines = check(env)
    assert code == 0
    assert lines["key accepted"][0] == "warning"
    assert "Check the base URL" in lines["key accepted"][1]


def test_a_server_that_says_nothing(env):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        env["MIRA_BASE_URL"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        code, lines = check({**env, "MIRA_TIMEOUT": "1"})
    assert code == 3
    assert lines["key accepted"] == ("failed", "No answer within 1 s.")


def test_how_long_it_may_take_to_connect(env):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        env |= {"MIRA_BASE_URL": f"https://{address}", "MIRA_CONNECT_TIMEOUT": "1"}
        code, lines = check(env)
        assert code == 3
        assert lines["connection"] == ("ok", "connected")
        assert lines["TLS"][0] == "failed"
        assert lines["TLS"][1].startswith("no handshake within 1 s.")
        env |= {"MIRA_BASE_URL": "https://api.vmira.ai", "HTTPS_PROXY": address}
        code, lines = check(env)
    assert code == 3
    assert lines["proxy"][0] == "failed"
    assert f"the proxy {address} (no connection within 1 s)" in lines["proxy"][1]


@pytest.mark.parametrize("value", [None, [], "words", {"utilization": "half", "plan": 3}])
def test_a_quota_that_says_nothing_still_means_yes(env, server, value):
    server.answers["/v1/quota"] = (200, value)
    assert check(env)[1]["key accepted"] == ("ok", "yes")


def test_a_model_that_is_not_listed(env):
    env["MIRA_MODEL"] = "mira-next"
    assert "mira-next is not one of them" in check(env)[1]["models"][1]


@pytest.mark.parametrize(
    ("date", "status", "says"),
    [
        (formatdate(0, usegmt=True), "warning", "ahead of"),
        ("Fri, 01 Jan 2100 00:00:00 GMT", "warning", "behind"),
        ("nonsense", "skipped", "does not say"),
        ("", "skipped", "does not say"),
    ],
)
def test_a_clock_that_is_wrong_is_told(env, server, date, status, says):
    server.date = date
    code, lines = check(env)
    assert code == 0
    assert lines["clock"][0] == status
    assert says in lines["clock"][1]


def test_a_port_where_nobody_listens_fails_the_connection(env):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    env["MIRA_BASE_URL"] = f"http://127.0.0.1:{port}"
    code, lines = check(env)
    assert code == 3
    assert lines["DNS"][0] == "ok"
    assert lines["connection"][0] == "failed"
    assert lines["key accepted"] == lines["clock"] == ("skipped", "Not reached.")


def test_a_name_that_is_not_found(env):
    env["MIRA_BASE_URL"] = "https://nowhere.invalid"
    code, lines = check(env)
    assert code == 3
    assert lines["DNS"][0] == "failed"
    assert "name not found" in lines["DNS"][1]
    assert lines["TLS"][0] == "skipped"


def test_without_a_key_the_server_is_still_checked(env):
    env["MIRA_API_KEY"] = ""
    code, lines = check(env)
    assert code == 4
    assert lines["key"][0] == "failed"
    assert lines["key accepted"][0] == "skipped"
    assert lines["models"][0] == "ok"


def test_a_stored_key_and_its_mode(env, tmp_path):
    env["MIRA_API_KEY"] = ""
    (tmp_path / "mira").mkdir()
    path = tmp_path / "mira" / "key"
    path.write_text(f"{env['MIRA_BASE_URL']} sk-mira-short\n")
    path.chmod(0o644)
    code, lines = check(env)
    assert code == 0
    status, message = lines["key"]
    assert status == "warning"
    assert f"the key file {path}, mode 0600, 13 characters" in message
    assert "could be read by other users" in message
    assert "usually have 48" in message


def test_settings_of_the_file(env, tmp_path):
    config = tmp_path / "mira" / "config.toml"
    config.parent.mkdir()
    config.write_text('model = "mira-pro"\n')
    assert check(env)[1]["config file"] == ("ok", f"{config}: 1 setting")
    config.write_text("modell = 1\nlater = 2\n")
    status, message = check(env)[1]["config file"]
    assert status == "warning"
    assert "did you mean 'model'? config.toml line 2: no setting 'later'; ignored." in message
    config.write_text("temperature = 9\n")
    code, lines = check(env)
    assert code == 2
    assert lines["settings"] == (
        "failed",
        "temperature must be 0 to 2, not 9 (from config.toml line 1). Fix it with: mira config edit",
    )
    assert list(lines) == [LINES[0], "settings", *LINES[1:]]
    config.write_text("temperature =\n")
    code, lines = check(env)
    assert code == 2
    assert lines["config file"][0] == "failed"
    assert "line 1" in lines["config file"][1]
    assert [status for status, _ in lines.values()] == ["failed", *["skipped"] * 9]


def test_a_variable_that_cannot_be_used(env):
    code, lines = check({**env, "NO_PROXY": "[::1"})
    assert code == 2
    assert "NO_PROXY" in lines["environment"][1]


def test_a_dead_proxy_is_named_without_its_password(env):
    env |= {"MIRA_BASE_URL": "https://api.vmira.ai", "https_proxy": "http://me:secret@127.0.0.1:1"}
    code, lines = check(env)
    assert code == 3
    status, message = lines["proxy"]
    assert status == "failed"
    assert "the proxy 127.0.0.1:1 (connection refused). Check https_proxy." in message
    assert lines["key accepted"] == ("skipped", "Not reached.")
    assert "secret" not in str(lines)


def test_tls_is_checked_against_the_certificates_in_use(env, server, tmp_path):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    env |= {
        "MIRA_BASE_URL": f"https://localhost:{server.server_port}",
        "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
    }
    code, lines = check(env)
    assert code == 0
    assert lines["TLS"][0] == "ok"
    assert lines["TLS"][1].startswith("TLSv1.")
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    code, lines = check(env)
    assert code == 3
    assert lines["TLS"][0] == "failed"
    assert "SSL_CERT_FILE" in lines["TLS"][1]


def test_a_certificate_for_another_name(env, server, tmp_path):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("example.com").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    base_url = f"https://localhost:{server.server_port}"
    _, lines = check({**env, "MIRA_BASE_URL": base_url, "SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    assert lines["TLS"][0] == "failed"
    assert lines["TLS"][1].endswith("'localhost'. Check the base URL.")


def test_a_server_that_hangs_up_after_the_handshake(env, server, tmp_path):
    """By TLS 1.3, one that wants a certificate of ours does, when our side takes the handshake for done."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    env["MIRA_BASE_URL"] = f"https://localhost:{server.server_port}"
    for _ in range(10):  # now and then it is gone before we have looked whom we reached
        code, lines = check({**env, "SSL_CERT_FILE": str(tmp_path / "ca.pem")})
        assert code == 3
        where = "key accepted" if lines["TLS"][0] == "ok" else "TLS"
        assert lines[where][0] == "failed"
