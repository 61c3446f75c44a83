"""HTTPS: the right certificates are trusted and no others; a proxy on the way, with and without TLS."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from contextlib import suppress

import pytest
import trustme

from mira_cli.errors import ConfigError, NetworkError

STREAM = b'data: {"choices":[{"delta":{"content":"good"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(STREAM), STREAM)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def context(authority):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(made)
    return made


@pytest.fixture(scope="module")
def bundle(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def proxy():
    with Proxy() as made:
        yield made


class Proxy:
    """An HTTP proxy for one test: CONNECT, and absolute targets."""

    def __init__(self):
        self.seen = []
        self.refusal = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._open = []

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        for one in [self._socket, *self._open]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits there: else it outlives the test
            one.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, client):
        with suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = client.recv(65536)
                if not piece:
                    return
                head += piece
            self.seen.append(head)
            if self.refusal:
                client.sendall(self.refusal)
                return
            method, target, _ = head.split(b" ", 2)
            host, port = target.removeprefix(b"http://").split(b"/")[0].split(b":")
            server = socket.create_connection((host, int(port)))
            self._open.append(server)
            if method == b"CONNECT":
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                server.sendall(head)
            back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
            back.start()
            self._pump(client, server)
            back.join()

    @staticmethod
    def _pump(source, sink):
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


def test_a_certificate_of_our_own_by_file(serve, asker, context, bundle, keep):
    server = serve(keep(GOOD), keep(GOOD), context=context)
    one = asker(server, env={"SSL_CERT_FILE": str(bundle)})
    assert [one.ask().text, one.ask().text] == ["good", "good"]
    assert server.connections == 1


@pytest.mark.needs("openssl")
def test_a_certificate_of_our_own_by_directory(serve, asker, context, bundle, tmp_path):
    digest = subprocess.run(
        ["openssl", "x509", "-hash", "-noout", "-in", bundle], capture_output=True, text=True, check=True
    ).stdout.strip()
    (tmp_path / f"{digest}.0").write_bytes(bundle.read_bytes())
    assert asker(serve(GOOD, context=context), env={"SSL_CERT_DIR": str(tmp_path)}).ask().text == "good"


def test_a_certificate_that_nobody_vouches_for(serve, asker, context):
    one = asker(serve(GOOD, GOOD, context=context))
    error = one.ask()
    assert type(error) is NetworkError
    assert "TLS: " in error.message
    assert "certificate" in error.message
    assert one.slept == []


def test_a_certificate_for_another_name(serve, asker, authority, bundle):
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("example.com").configure_cert(other)
    error = asker(serve(GOOD, context=other), env={"SSL_CERT_FILE": str(bundle)}).ask()
    assert "TLS: " in error.message
    assert "'localhost'). Check the base URL." in error.message


def test_a_server_that_speaks_no_tls(serve, asker):
    server = serve(GOOD)
    server.acts.insert(0, GOOD)
    error = asker(server.base_url.replace("http:", "https:"), limit={"connect_timeout": 2}).ask()
    assert type(error) is NetworkError
    assert "127.0.0.1" in error.message


def test_a_handshake_that_is_broken_off_is_tried_again(asker):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up():
            for _ in range(3):
                connection, _ = listening.accept()
                connection.recv(65536)
                connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        one = asker(f"https://127.0.0.1:{listening.getsockname()[1]}/v1")
        error = one.ask()
    assert "(TLS: connection closed)" in error.message
    assert len(one.slept) == 2


def test_a_variable_that_names_no_certificates(asker, tmp_path):
    for variable, value in (("SSL_CERT_FILE", tmp_path / "none.pem"), ("SSL_CERT_DIR", tmp_path / "none")):
        with pytest.raises(ConfigError, match=variable):
            asker("https://localhost:1/v1", env={variable: str(value)})


def test_a_key_log_that_cannot_be_written(asker, tmp_path, monkeypatch):
    for path in (tmp_path, tmp_path / "none" / "log"):
        monkeypatch.setenv("SSLKEYLOGFILE", str(path))  # ssl looks there by itself
        error = asker("https://localhost:1/v1", env={"SSLKEYLOGFILE": str(path)}).ask()
        assert type(error) is ConfigError
        assert error.message.startswith(f"SSLKEYLOGFILE {path}: ")


def test_a_file_without_usable_certificates(asker, tmp_path):
    path = tmp_path / "bad.pem"
    path.write_text("-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n")
    one = asker("https://localhost:1/v1", env={"SSL_CERT_FILE": str(path)})
    error = one.ask()
    assert type(error) is ConfigError
    assert "SSL_CERT_FILE" in error.message


def test_through_a_proxy_with_tls(serve, asker, context, bundle, proxy, keep):
    server = serve(keep(GOOD), keep(GOOD), context=context)
    one = asker(
        server, env={"HTTPS_PROXY": f"http://me:secret@{proxy.address}", "SSL_CERT_FILE": str(bundle)}
    )
    assert [one.ask().text, one.ask().text] == ["good", "good"]
    assert proxy.seen[0].startswith(b"CONNECT localhost:")
    assert b"Proxy-Authorization: Basic" in proxy.seen[0]
    assert b"secret" not in proxy.seen[0]
    assert server.header("accept-encoding") == ["identity"]
    assert len(server.header("user-agent")) == 1


def test_through_a_proxy_without_tls(serve, asker, proxy):
    server = serve(GOOD)
    one = asker(server, env={"HTTP_PROXY": proxy.address})
    assert one.ask().text == "good"
    assert proxy.seen[0].startswith(b"POST http://127.0.0.1:")


def test_past_the_proxy(serve, asker, proxy):
    one = asker(serve(GOOD), env={"HTTP_PROXY": proxy.address, "NO_PROXY": "localhost,127.0.0.1"})
    assert one.ask().text == "good"
    assert proxy.seen == []


def test_a_proxy_that_is_not_there(asker):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    error = asker("https://api.vmira.ai/v1", env={"HTTPS_PROXY": f"http://me:secret@{address}"}).ask()
    assert error.message == (
        f"Cannot reach api.vmira.ai through the proxy {address} (connection refused). Check HTTPS_PROXY."
    )


def test_a_proxy_that_wants_a_password(asker, proxy):
    proxy.refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"
    one = asker("https://api.vmira.ai/v1", env={"HTTPS_PROXY": f"http://me:secret@{proxy.address}"})
    error = one.ask()
    assert type(error) is NetworkError
    assert "407" in error.message
    assert "HTTPS_PROXY" in error.message
    assert "secret" not in error.message + "".join(one.watcher.lines)
    assert one.slept == []


@pytest.mark.parametrize(
    "value",
    [
        "socks5://127.0.0.1:1",
        "socks5://",
        "ftp://127.0.0.1:1",
        "http://[::1",
        "http://",
        "http://a b",
        "http://a:65536",
    ],
)
def test_a_proxy_that_cannot_be_used(asker, value):
    error = asker("https://api.vmira.ai/v1", env={"ALL_PROXY": value}).ask()
    assert type(error) is ConfigError
    assert "ALL_PROXY" in error.message


def test_a_proxy_without_an_address_is_named_by_its_scheme(asker):
    error = asker("https://api.vmira.ai/v1", env={"ALL_PROXY": "http://me:secret@"}).ask()
    assert error.message == "ALL_PROXY names a proxy that cannot be used: http://."


def test_silence_behind_a_proxy(serve, asker, proxy):
    one = asker(
        serve(lambda connection: connection.recv(1)),
        env={"HTTP_PROXY": proxy.address},
        limit={"timeout": 0.3},
    )
    assert one.ask().message == "No answer within 0.3 s. Raise it with --timeout."


def test_comments_alone_behind_a_proxy(serve, asker, proxy):
    def ping(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not server.stop.wait(0.05):
            connection.sendall(b": ping\n\n")

    server = serve(ping)
    one = asker(server, env={"HTTP_PROXY": proxy.address}, limit={"timeout": 0.2})
    assert one.ask().message == "No answer within 0.5 s. Raise it with --timeout."


def test_a_whole_request_behind_a_proxy_ends_in_time(serve, asker, proxy):
    def endless_headers(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not server.stop.wait(0.05):
            connection.sendall(b"a: b\r\n")

    server = serve(endless_headers)
    one = asker(server, env={"HTTP_PROXY": proxy.address}, limit={"timeout": 100, "max_time": 0.4})
    assert one.ask().message == "No answer within 0.4 s. Raise it with --max-time."


def test_an_answer_behind_a_proxy_that_begins_too_late_is_hung_up_on(serve, asker, proxy):
    asked = threading.Event()

    def act(connection):
        asked.wait(20)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n: ping\n\n")
        connection.recv(1)
        server.closed_by_client.set()

    server = serve(act)
    one = asker(server, env={"HTTP_PROXY": proxy.address}, limit={"timeout": 100, "max_time": 0.3})
    assert one.ask().message == "No answer within 0.3 s. Raise it with --max-time."
    asked.set()
    assert server.closed_by_client.wait(20)


def test_a_finished_answer_behind_a_proxy_is_not_waited_for(serve, asker, proxy):
    finished = b"HTTP/1.1 200 OK\r\n\r\n" + STREAM.split(b"data: [")[0]

    def act(connection):
        connection.sendall(finished)
        connection.recv(1)
        server.closed_by_client.set()

    server = serve(act)
    one = asker(server, env={"HTTP_PROXY": proxy.address}, limit={"timeout": 100})
    assert one.ask().text == "good"
    assert server.closed_by_client.wait(20)


def test_an_answer_cut_behind_a_proxy(serve, asker, proxy):
    cut = (
        b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n"
        + STREAM.replace(b'"stop"', b"null").split(b"data: [")[0]
    )
    error = asker(serve(cut), env={"HTTP_PROXY": proxy.address}).ask()
    assert error.message == "The connection dropped; the answer is incomplete."
    assert error.partial == "good"


def test_a_connection_that_ends_behind_a_proxy_is_tried_again(serve, asker, proxy):
    one = asker(serve(lambda _: None, GOOD), env={"HTTP_PROXY": proxy.address})
    assert one.ask().text == "good"
    assert len(one.slept) == 1
