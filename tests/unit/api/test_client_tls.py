"""HTTPS: the right certificates are trusted and no others."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import certifi
import pytest
import trustme
import truststore

from mira_cli.api.deadline import Deadline, Limits
from mira_cli.api.transport import tls_context
from mira_cli.errors import ConfigError, NetworkError, ReaderGone

STREAM = b'data: {"choices":[{"delta":{"content":"good"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(STREAM), STREAM)


def test_a_certificate_of_our_own_by_file(serve, asker, context, bundle, keep):
    server = serve(keep(GOOD), keep(GOOD), context=context)
    one = asker(server, env={"SSL_CERT_FILE": str(bundle)})
    assert [one.ask().text, one.ask().text] == ["good", "good"]
    assert server.connections == 1


def test_the_certificates_of_the_system(serve, asker, context, bundle, monkeypatch):
    """The system's are where OpenSSL looks, which these variables of the process change."""
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert isinstance(tls_context({}), truststore.SSLContext)
    assert asker(serve(GOOD, context=context)).ask().text == "good"


def test_a_system_without_certificates_gets_those_of_certifi(serve, asker, context, bundle, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
    monkeypatch.setattr("mira_cli.api.environment._BUNDLES", ())
    monkeypatch.setattr(certifi, "where", lambda: str(bundle))
    assert isinstance(tls_context({}), truststore.SSLContext)
    assert asker(serve(GOOD, context=context)).ask().text == "good"


def test_a_variable_comes_before_the_certificates_of_the_system(
    serve, asker, context, bundle, monkeypatch, tmp_path
):
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    assert "TLS: " in asker(serve(GOOD, context=context), env={"SSL_CERT_FILE": str(other)}).ask().message


def test_http_1_1_is_asked_for(serve, asker, authority, bundle):
    two = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(two)
    two.set_alpn_protocols(["h2", "http/1.1"])
    agreed = []

    def answer(connection):
        agreed.append(connection.selected_alpn_protocol())
        connection.sendall(GOOD)

    one = asker(serve(answer, context=two), env={"SSL_CERT_FILE": str(bundle)})
    assert one.ask().text == "good"
    assert agreed == ["http/1.1"]


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
    assert isinstance(error, NetworkError)
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
    error = asker(server.base_url.replace("http:", "https:"), limit={"connect_timeout": 0.3}).ask()
    assert isinstance(error, NetworkError)
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


def test_a_handshake_that_is_not_answered(asker):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        limit = {"connect_timeout": 1, "retries": 0}
        one = asker(f"https://127.0.0.1:{listening.getsockname()[1]}/v1", limit=limit)
        assert "(TLS: no handshake within 1 s)" in one.ask().message


class Mute:
    """The TLS of a server that is silent in its first handshakes."""

    def __init__(self, context, handshakes):
        self.context, self.handshakes = context, handshakes
        self.begun = threading.Event()

    def wrap_socket(self, connection, **options):
        if not self.handshakes:
            return self.context.wrap_socket(connection, **options)
        self.handshakes -= 1
        if connection.recv(1):
            self.begun.set()
        while connection.recv(4096):
            pass
        raise ConnectionAbortedError


def get(one, connect_timeout):
    deadline = Deadline(Limits(60, connect_timeout), time.monotonic())
    return one.client.load().send("GET", one.client._url("/models"), {}, deadline)


def test_a_silent_handshake_delays_the_next_one_until_it_is_given_up(
    serve, asker, context, bundle, monkeypatch
):
    """Truststore makes one handshake after the other."""
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    mute = Mute(context, 1)
    one = asker(serve(GOOD, GOOD, context=mute), limit={"retries": 0, "connect_timeout": 1})
    with ThreadPoolExecutor(1) as pool:
        silent = pool.submit(one.ask)
        assert mute.begun.wait(60)
        assert get(one, 60).status == 200
        assert "(TLS: no handshake within 1 s)" in silent.result(60).message


def test_a_handshake_that_waits_for_another_keeps_its_time_limit(serve, asker, context, bundle, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    mute = Mute(context, 2)
    server = serve(GOOD, GOOD, context=mute)
    one = asker(server, limit={"retries": 0})
    with ThreadPoolExecutor(1) as pool:
        silent = pool.submit(one.ask)
        assert mute.begun.wait(60)
        with pytest.raises(NetworkError, match=r"TLS: no handshake within 1 s"):
            get(one, 1)
        assert not silent.done()
        server.close()
        silent.result(60)


def test_an_abandoned_handshake_does_not_delay_the_next_one(serve, asker, context, bundle, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    mute = Mute(context, 1)
    one = asker(serve(GOOD, context=mute), limit={"connect_timeout": 600}, reader_left=mute.begun.is_set)
    with pytest.raises(ReaderGone):
        one.ask()
    mute.begun.clear()
    assert get(one, 60).status == 200


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_wants_a_certificate_of_ours(serve, asker, authority, bundle, newest):
    """TLS 1.3 says so when our side takes the handshake for done."""
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(strict)
    authority.configure_trust(strict)
    strict.verify_mode = ssl.CERT_REQUIRED
    strict.maximum_version = newest
    one = asker(serve(GOOD, context=strict), env={"SSL_CERT_FILE": str(bundle)})
    error = one.ask()
    assert "(TLS: " in error.message
    assert "alert" in error.message
    assert "Check the base URL." in error.message
    assert one.slept == []


def test_a_variable_that_names_no_certificates(asker, tmp_path):
    for variable, value in (("SSL_CERT_FILE", tmp_path / "none.pem"), ("SSL_CERT_DIR", tmp_path / "none")):
        with pytest.raises(ConfigError, match=variable):
            asker("https://localhost:1/v1", env={variable: str(value)})


def test_a_file_without_usable_certificates(asker, tmp_path):
    path = tmp_path / "bad.pem"
    path.write_text("-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n")
    one = asker("https://localhost:1/v1", env={"SSL_CERT_FILE": str(path)})
    error = one.ask()
    assert type(error) is ConfigError
    assert "SSL_CERT_FILE" in error.message
