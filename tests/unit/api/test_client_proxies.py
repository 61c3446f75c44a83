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
    """An HTTP proxy for one test, which knows CONNECT."""

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
            target = head.split(b" ", 2)[1]
            port = target.rpartition(b":")[2]
            server = socket.create_connection(("127.0.0.1", int(port)))  # whatever name it has
            self._open.append(server)
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
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


@pytest.fixture
def through(asker, bundle, proxy):
    """Make a client that reaches a server through the proxy, under a name that is not this machine's."""

    def make(server, user="", **options):
        env = {"HTTPS_PROXY": f"http://{user}{proxy.address}", "SSL_CERT_FILE": str(bundle)}
        return asker(f"https://mira.test:{server.port}/v1", env=env, **options)

    return make


def test_through_a_proxy(serve, through, context, proxy, keep):
    server = serve(keep(GOOD), keep(GOOD), context=context)
    one = through(server, "me:secret@")
    assert [one.ask().text, one.ask().text] == ["good", "good"]
    assert proxy.seen[0].startswith(b"CONNECT mira.test:")
    assert b"Proxy-Authorization: Basic" in proxy.seen[0]
    assert b"secret" not in proxy.seen[0]
    assert server.header("accept-encoding") == ["identity"]
    assert len(server.header("user-agent")) == 1


def test_this_machine_is_reached_without_the_proxy(serve, asker, context, bundle, proxy):
    """To this machine, whatever NO_PROXY says."""
    env = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), f"http://{proxy.address}")
    env["SSL_CERT_FILE"] = str(bundle)
    assert asker(serve(GOOD), env=env).ask().text == "good"
    assert asker(serve(GOOD, context=context), env=env).ask().text == "good"
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
    assert one.ask().message.startswith(f"Cannot reach {host} (not a valid name).")


def test_a_proxy_that_wants_a_password(asker, proxy):
    proxy.refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"
    one = asker("https://api.vmira.ai/v1", env={"HTTPS_PROXY": f"http://me:secret@{proxy.address}"})
    error = one.ask()
    assert isinstance(error, NetworkError)
    assert "407" in error.message
    assert "HTTPS_PROXY" in error.message
    assert "secret" not in error.message + "".join(one.watcher.lines)
    assert one.slept == []


@pytest.mark.parametrize(
    ("refusal", "why", "tries"),
    [
        (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", "502 Bad Gateway", 3),
        (b"HTTP/1.1 302 Found\r\nlocation: http://login/\r\ncontent-length: 0\r\n\r\n", "302 Found", 1),
        (b"\x00\xffnothing known\r\n\r\n", "not a proxy", 1),
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
        f"Cannot reach api.vmira.ai through the proxy {address} (no connection within 0.1 s). Check HTTPS_PROXY."
    )
    assert len(one.slept) == 2


def test_a_server_behind_a_proxy_may_think_longer_than_it_takes_to_connect(serve, through, context, keep):
    def think(connection):
        time.sleep(4.5)
        connection.sendall(GOOD)

    server = serve(keep(GOOD), think, context=context)
    one = through(server, limit={"connect_timeout": 4})
    assert [one.ask().text, one.ask().text] == ["good", "good"]


def test_a_proxy_whose_certificate_is_refused_is_named(serve, asker, context):
    server = serve(GOOD, context=context)
    address = f"localhost:{server.port}"
    error = asker("https://api.vmira.ai/v1", env={"HTTPS_PROXY": f"https://{address}"}).ask()
    assert f"Cannot reach api.vmira.ai through the proxy {address} (TLS: " in error.message


def test_a_server_behind_a_proxy_that_wants_a_certificate(serve, through, authority):
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("mira.test").configure_cert(strict)
    authority.configure_trust(strict)
    strict.verify_mode = ssl.CERT_REQUIRED
    server = serve(GOOD, context=strict)
    assert f"Cannot reach mira.test:{server.port} (TLS: " in through(server).ask().message


@pytest.mark.parametrize(
    "value", ["socks4://127.0.0.1:1", "socks5://", "ftp://127.0.0.1:1", "http://a:65536"]
)
def test_a_proxy_that_cannot_be_used(asker, value):
    with pytest.raises(ConfigError, match="ALL_PROXY names a proxy that cannot be used: "):
        asker("https://api.vmira.ai/v1", env={"ALL_PROXY": value})


def test_a_proxy_without_an_address_is_named_by_its_scheme(asker):
    with pytest.raises(ConfigError) as caught:
        asker("https://api.vmira.ai/v1", env={"ALL_PROXY": "http://me:secret@"})
    assert caught.value.message == "ALL_PROXY names a proxy that cannot be used: http://."


def test_a_proxy_that_agrees_and_hangs_up_is_named(asker, proxy):
    proxy.refusal = b"HTTP/1.1 200 Connected\r\n\r\n"
    error = asker("https://mira.test/v1", env={"HTTPS_PROXY": f"http://{proxy.address}"}).ask()
    assert isinstance(error, NetworkError)
    assert "HTTPS_PROXY" in f"{error.message} {error.hint}"


def test_an_ipv6_address_is_bracketed(asker, proxy):
    proxy.refusal = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"
    asker("https://[2001:db8::1]:9443/v1", env={"HTTPS_PROXY": f"http://{proxy.address}"}).ask()
    head = proxy.seen[0].decode()
    assert head.startswith("CONNECT [2001:db8::1]:9443 HTTP/1.1\r\n")
    assert "\r\nHost: [2001:db8::1]:9443\r\n" in head


def ping(connection):
    """Keep-alive comments until the client hangs up."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b": ping\n\n")
        time.sleep(0.05)


def drip_headers(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"a: b\r\n")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("act", "limit", "words"),
    [
        (lambda it: it.recv(1), {"timeout": 1}, "1 s. Wait longer with --timeout."),
        (ping, {"timeout": 2}, "5 s, only keep-alive signals. Wait longer with --timeout."),
        (drip_headers, {"timeout": 100, "max_time": 1}, "1 s. Wait longer with --max-time."),
    ],
    ids=["silence", "comments", "endless headers"],
)
def test_no_answer_behind_a_proxy(serve, through, context, act, limit, words):
    assert through(serve(act, context=context), limit=limit).ask().message == f"No answer within {words}"


def test_an_answer_behind_a_proxy_that_begins_too_late_is_hung_up_on(serve, through, context):
    given_up = threading.Event()

    def act(connection):
        given_up.wait(60)
        with suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n: ping\n\n")
            connection.recv(1)
        server.closed_by_client.set()

    server = serve(act, context=context)
    one = through(server, limit={"timeout": 100, "max_time": 1})
    assert one.ask().message == "No answer within 1 s. Wait longer with --max-time."
    given_up.set()
    assert server.closed_by_client.wait(60)


def test_a_finished_answer_behind_a_proxy_is_not_waited_for(serve, through, context):
    finished = b"HTTP/1.1 200 OK\r\n\r\n" + STREAM.split(b"data: [")[0]

    def act(connection):
        connection.sendall(finished)
        with suppress(OSError):
            connection.recv(1)
        server.closed_by_client.set()

    server = serve(act, context=context)
    assert through(server, limit={"timeout": 100}).ask().text == "good"
    assert server.closed_by_client.wait(60)


def test_an_answer_cut_behind_a_proxy(serve, through, context):
    cut = (
        b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n"
        + STREAM.replace(b'"stop"', b"null").split(b"data: [")[0]
    )
    error = through(serve(cut, context=context)).ask()
    assert error.message == "The connection dropped; the answer is incomplete."
    assert error.partial == "good"


def test_a_connection_that_ends_behind_a_proxy_is_tried_again(serve, through, context):
    one = through(serve(lambda _: None, GOOD, context=context))
    assert one.ask().text == "good"
    assert len(one.slept) == 1


class Socks:
    """A SOCKS5 proxy (RFC 1928) for one test that answers with these bytes, then passes on what comes."""

    def __init__(self, *answers):
        self.answers = answers
        self.seen = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, client):
        with suppress(OSError), client:
            for answer in self.answers:
                self.seen.append(client.recv(4096))
                client.sendall(answer)
            if len(self.answers) == 2:
                port = int.from_bytes(self.seen[-1][-2:])
                with socket.create_connection(("127.0.0.1", port)) as server:
                    threading.Thread(target=Proxy._pump, args=(server, client), daemon=True).start()
                    Proxy._pump(client, server)
            while client.recv(4096):
                pass


NO_AUTHENTICATION, CONNECTED = b"\x05\x00", b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_through_a_socks_proxy_that_looks_the_name_up(serve, asker, context, bundle, keep, scheme):
    server = serve(keep(GOOD), keep(GOOD), context=context)
    with Socks(NO_AUTHENTICATION, CONNECTED) as proxy:
        env = {"ALL_PROXY": f"{scheme}://{proxy.address}", "SSL_CERT_FILE": str(bundle)}
        one = asker(f"https://mira.test:{server.port}/v1", env=env)
        assert [one.ask().text, one.ask().text] == ["good", "good"]
        one.client.close()
    assert b"mira.test" in proxy.seen[1]
    assert len(proxy.seen) == 2


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([b"\x05\x02"], "Requested NO AUTHENTICATION REQUIRED from proxy server, but got USERNAME/PASSWORD"),
        (
            [NO_AUTHENTICATION, b"\x05\x04" + CONNECTED[2:]],
            "Proxy Server could not connect: Host unreachable",
        ),
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], "not a proxy"),
        ([], "no connection within 0.3 s"),
    ],
    ids=["password", "unreachable", "http", "silent"],
)
def test_a_socks_proxy_that_does_not_connect_is_named(asker, answers, why):
    with Socks(*answers) as proxy:
        limit = {"retries": 0, "connect_timeout": 0.3 if not answers else 30}
        one = asker("https://mira.test/v1", env={"ALL_PROXY": f"socks5://{proxy.address}"}, limit=limit)
        assert one.ask().message == (
            f"Cannot reach mira.test through the proxy {proxy.address} ({why}). Check ALL_PROXY."
        )
