"""Proxies, certificates and the variables that name them. Through the installed program, over real sockets."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest
import trustme

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture
def run(start):
    """Run `mira` to its end: code, stdout, stderr."""

    def run(*argv, **variables):
        process = start(*argv, extra=variables)
        out, err = process.communicate(timeout=60)
        return process.returncode, out.decode(), err.decode()

    return run


class Relay:
    """Takes connections and passes what comes on: as a proxy, or as the TLS in front of a server."""

    def __init__(self, target="", context=None):
        self.target, self.context, self.heads = target, context, []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._ends = ExitStack()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        with suppress(OSError):
            self._server.shutdown(
                socket.SHUT_RDWR
            )  # wakes the thread that waits there: else it outlives the test
        self._server.close()
        self._ends.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with suppress(OSError):
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)
            self._ends.enter_context(client)
            head, target = b"", self.target
            if not target:
                while b"\r\n\r\n" not in head:
                    piece = client.recv(65536)
                    if not piece:
                        return
                    head += piece
                self.heads.append(head)
                target = head.split()[1].decode().removeprefix("http://").partition("/")[0]
            host, _, port = target.rpartition(":")
            if host == "mira.test":
                host = "127.0.0.1"
            server = self._ends.enter_context(socket.create_connection((host, int(port))))
            if head.startswith(b"CONNECT"):
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            elif head:
                server.sendall(head.replace(f"http://{target}".encode(), b"", 1))
            threading.Thread(target=pump, args=(client, server), daemon=True).start()
            pump(server, client)


def pump(source, sink):
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def relay():
    with ExitStack() as stack:

        def make(**options):
            made = Relay(**options)
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def secure(relay, authority, simulator):
    """The simulator behind TLS: its base URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "mira.test").configure_cert(context)
    front = relay(target=urlsplit(simulator.base_url).netloc, context=context)
    return f"https://localhost:{front.port}/v1"


@pytest.fixture
def bundle(authority, tmp_path):
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.mark.parametrize("words", [["ask", "hi"], ["models"], ["config", "check"]])
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_this_machine_is_reached_through_no_proxy(run, relay, simulator, words, variable):
    proxy = relay()
    code, out, _ = run(*words, **{variable: f"http://127.0.0.1:{proxy.port}"})
    assert code == 0
    assert out
    assert simulator.visits
    assert proxy.heads == []


def test_tls_and_through_a_proxy_that_sees_nothing_of_it(run, relay, simulator, secure, bundle):
    proxy = relay()
    elsewhere = secure.replace("localhost", "mira.test")
    for url, variables in ((secure, {}), (elsewhere, {"HTTPS_PROXY": f"127.0.0.1:{proxy.port}"})):
        code, out, err = run("ask", "hi", MIRA_BASE_URL=url, SSL_CERT_FILE=bundle, **variables)
        assert (code, err) == (0, "")
        assert out.startswith("(simulated reply)")
    assert len(simulator.requests) == 2
    assert proxy.heads[0].startswith(b"CONNECT mira.test:")
    assert simulator.key.encode() not in proxy.heads[0]


def test_a_server_that_nobody_vouches_for_gets_nothing(run, simulator, secure):
    code, out, err = run("ask", "hi", MIRA_BASE_URL=secure)
    assert (code, out) == (3, "")
    assert "TLS: " in err
    assert len(err.splitlines()) <= 2
    assert simulator.visits == []


def test_the_simulator_is_reached_whatever_proxy_is_set(env):
    words = ["mira", "simulate", "--", "mira", "ask", "hi"]
    done = subprocess.run(
        words,
        env={**env, **dict.fromkeys(PROXIES, "http://127.0.0.1:1")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
