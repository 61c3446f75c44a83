"""Through a proxy, with and without TLS: what it is asked, how it fails, and that no time limit is lost on the way."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress

import pytest

from mira_cli.errors import ConfigError, NetworkError

STREAM = b'data: {"choices":[{"delta":{"content":"good"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(STREAM), STREAM)


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


@pytest.mark.parametrize("host", ["xn--a", "xn--n3h.example", "xn--"])
def test_a_name_that_httpx_does_not_take(asker, host):
    one = asker(f"https://{host}/v1", env={"HTTPS_PROXY": "http://127.0.0.1:9"})
    assert one.ask().message.startswith(f"Cannot reach {host} (no valid name).")


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
    ("refusal", "why", "tries"),
    [
        (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", "502 Bad Gateway", 3),
        (b"HTTP/1.1 302 Found\r\nlocation: http://login/\r\ncontent-length: 0\r\n\r\n", "302 Found", 1),
        (b"\x00\xffnothing known\r\n\r\n", "it does not speak HTTP", 1),
        (b"HTTP/1.1 200", "connection closed", 3),
    ],
)
def test_a_proxy_that_does_not_connect_is_named(asker, proxy, refusal, why, tries):
    proxy.refusal = refusal
    one = asker("https://api.vmira.ai/v1", env={"HTTPS_PROXY": f"http://{proxy.address}"})
    assert one.ask().message == (
        f"Cannot reach api.vmira.ai through the proxy {proxy.address} ({why}). Check HTTPS_PROXY."
    )
    assert len(proxy.seen) == tries


def test_a_proxy_that_does_not_answer_is_named(asker):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        env = {"HTTPS_PROXY": f"http://{address}"}
        one = asker("https://api.vmira.ai/v1", env=env, limit={"connect_timeout": 0.1})
        error = one.ask()
    assert error.message == (
        f"Cannot reach api.vmira.ai through the proxy {address} (no connection in time). Check HTTPS_PROXY."
    )
    assert len(one.slept) == 2


def test_a_server_behind_a_proxy_may_think_longer_than_it_takes_to_connect(
    serve, asker, context, bundle, proxy, keep
):
    def think(connection):
        time.sleep(4.5)
        connection.sendall(GOOD)

    server = serve(keep(GOOD), think, context=context)
    env = {"HTTPS_PROXY": f"http://{proxy.address}", "SSL_CERT_FILE": str(bundle)}
    one = asker(server, env=env, limit={"connect_timeout": 4})
    assert [one.ask().text, one.ask().text] == ["good", "good"]


def test_whose_certificate_is_refused(serve, asker, context):
    server = serve(GOOD, context=context)
    address = f"localhost:{server.port}"
    error = asker("https://api.vmira.ai/v1", env={"HTTPS_PROXY": f"https://{address}"}).ask()
    assert f"Cannot reach api.vmira.ai through the proxy {address} (TLS: " in error.message


def test_a_server_behind_a_proxy_that_wants_a_certificate(serve, asker, authority, bundle, proxy):
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(strict)
    authority.configure_trust(strict)
    strict.verify_mode = ssl.CERT_REQUIRED
    server = serve(GOOD, context=strict)
    env = {"HTTPS_PROXY": f"http://{proxy.address}", "SSL_CERT_FILE": str(bundle)}
    error = asker(server, env=env).ask()
    assert f"Cannot reach localhost:{server.port} (TLS: " in error.message


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
        limit={"timeout": 1},
    )
    assert one.ask().message == "No answer within 1 s. Raise it with --timeout."


def test_comments_alone_behind_a_proxy(serve, asker, proxy):
    def ping(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not server.stop.wait(0.05):
            connection.sendall(b": ping\n\n")

    server = serve(ping)
    one = asker(server, env={"HTTP_PROXY": proxy.address}, limit={"timeout": 2})
    assert one.ask().message == "No answer within 5 s. Raise it with --timeout."


def test_a_whole_request_behind_a_proxy_ends_in_time(serve, asker, proxy):
    def endless_headers(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not server.stop.wait(0.05):
            connection.sendall(b"a: b\r\n")

    server = serve(endless_headers)
    one = asker(server, env={"HTTP_PROXY": proxy.address}, limit={"timeout": 100, "max_time": 1})
    assert one.ask().message == "No answer within 1 s. Raise it with --max-time."


def test_an_answer_behind_a_proxy_that_begins_too_late_is_hung_up_on(serve, asker, proxy):
    asked = threading.Event()

    def act(connection):
        asked.wait(60)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n: ping\n\n")
        connection.recv(1)
        server.closed_by_client.set()

    server = serve(act)
    one = asker(server, env={"HTTP_PROXY": proxy.address}, limit={"timeout": 100, "max_time": 1})
    assert one.ask().message == "No answer within 1 s. Raise it with --max-time."
    asked.set()
    assert server.closed_by_client.wait(60)


def test_a_finished_answer_behind_a_proxy_is_not_waited_for(serve, asker, proxy):
    finished = b"HTTP/1.1 200 OK\r\n\r\n" + STREAM.split(b"data: [")[0]

    def act(connection):
        connection.sendall(finished)
        connection.recv(1)
        server.closed_by_client.set()

    server = serve(act)
    one = asker(server, env={"HTTP_PROXY": proxy.address}, limit={"timeout": 100})
    assert one.ask().text == "good"
    assert server.closed_by_client.wait(60)


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
