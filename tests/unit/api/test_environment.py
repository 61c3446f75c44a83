"""Broken network variables are named before anything is sent."""

from __future__ import annotations

import certifi
import pytest

from mira_cli.api.environment import check_network_env
from mira_cli.errors import ConfigError


@pytest.mark.parametrize(
    "value",
    [
        "",
        "*",
        "localhost,127.0.0.1",
        " .example.com , *.example.org ,",
        "::1",
        "[::1]",
        "[::1]:80",
        "example.com:8080",
        "10.0.0.0/8,fe80::/10",
        "http://example.com",
        "пример.рф",
    ],
)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_what_no_proxy_may_hold(name, value):
    check_network_env({name: value})


@pytest.mark.parametrize(
    "value", ["[::1", "localhost,[::1", "[]", "::1]", "[::1]x", "a.example:port", "http://[::1"]
)
def test_what_it_may_not(value):
    with pytest.raises(ConfigError) as caught:
        check_network_env({"NO_PROXY": value})
    assert caught.value.message.startswith("NO_PROXY holds ")
    assert caught.value.exit_code == 2


def test_certificates_that_can_be_read(tmp_path):
    check_network_env({"SSL_CERT_FILE": certifi.where(), "SSL_CERT_DIR": f"/nowhere:{tmp_path}"})
    check_network_env({"SSL_CERT_FILE": "", "SSL_CERT_DIR": ""})


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "is a directory"),
        (lambda path: path.write_text("nothing"), "holds no certificate"),
    ],
    ids=["missing", "directory", "text"],
)
def test_a_certificate_file_that_cannot_be_used(tmp_path, make, says):
    make(tmp_path / "file")
    with pytest.raises(ConfigError) as caught:
        check_network_env({"SSL_CERT_FILE": str(tmp_path / "file")})
    assert says in caught.value.message
    assert caught.value.message.startswith("SSL_CERT_FILE ")


def test_a_certificate_directory_that_is_not_there():
    with pytest.raises(ConfigError) as caught:
        check_network_env({"SSL_CERT_DIR": "/nowhere"})
    assert caught.value.message.startswith("SSL_CERT_DIR ")
