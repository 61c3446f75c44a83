"""Variables of proxies and certificates that cannot be used are named."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALL_PROXY", "socks4://127.0.0.1:1"),
        ("https_proxy", "ftp://127.0.0.1:1"),
        ("HTTPS_PROXY", "http://[::1"),
        ("HTTPS_PROXY", "http://127.0.0.1:port"),
        ("HTTPS_PROXY", "http://a\nb:1"),
        ("NO_PROXY", "[::1"),
        ("no_proxy", "localhost,[::1"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem"),
        ("SSL_CERT_FILE", "/"),
        ("SSL_CERT_FILE", "/dev/null"),
        ("SSL_CERT_DIR", "/nowhere"),
    ],
)
@pytest.mark.parametrize("words", [["ask", "hi"], ["ask", "--json", "hi"], ["models"]])
def test_a_broken_variable_is_named(mira, simulator, words, variable, value):
    done = mira(*words, MIRA_BASE_URL="https://mira.test/v1", **{variable: value})
    assert done.code == 2
    assert bool(done.out) == ("--json" in words)
    assert done.err.startswith(f"mira: {variable} ")
    assert len(done.err.splitlines()) <= 2
    assert simulator.visits == []
