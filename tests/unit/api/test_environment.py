"""Which proxy the environment names, and what NO_PROXY exempts."""

from __future__ import annotations

from urllib.parse import urlsplit

import certifi
import pytest

from mira_cli.api.environment import check_network_variables, choose_proxy, is_exempt
from mira_cli.errors import ConfigError

HTTPS = "https://api.vmira.ai/v1"
HTTP = "http://192.0.2.1:8000/v1"


def url(server, **env):
    proxy = choose_proxy(server, env)
    return proxy.url if proxy else None


def test_the_variable_follows_the_scheme():
    env = {"HTTP_PROXY": "http://a:1", "HTTPS_PROXY": "http://b:2", "ALL_PROXY": "http://c:3"}
    assert url(HTTP, **env) == "http://a:1"
    assert url(HTTPS, **env) == "http://b:2"
    assert url(HTTPS, ALL_PROXY="http://c:3") == "http://c:3"
    assert url(HTTPS, HTTP_PROXY="http://a:1") is None
    assert url(HTTPS) is None


def test_a_lower_case_name_wins_and_an_empty_one_turns_it_off():
    assert url(HTTPS, https_proxy="http://a:1", HTTPS_PROXY="http://b:2") == "http://a:1"
    assert url(HTTPS, https_proxy="", HTTPS_PROXY="http://b:2") is None
    assert url(HTTPS, HTTPS_PROXY="  ") is None


def test_a_proxy_without_a_scheme_speaks_http():
    assert url(HTTPS, HTTPS_PROXY="proxy:3128") == "http://proxy:3128"


def test_the_label_holds_no_password():
    proxy = choose_proxy(HTTPS, {"HTTPS_PROXY": "http://me:p@ss@proxy:3128/"})
    assert (proxy.label, proxy.variable) == ("proxy:3128", "HTTPS_PROXY")


@pytest.mark.parametrize(
    ("base_url", "no_proxy", "exempt"),
    [
        ("https://api.vmira.ai", "*", True),
        ("https://api.vmira.ai", "vmira.ai", True),
        ("https://api.vmira.ai", ".vmira.ai", True),
        ("https://api.vmira.ai", "*.vmira.ai", True),
        ("https://api.vmira.ai", "other.com, API.vmira.AI", True),
        ("https://api.vmira.ai", "other.com api.vmira.ai", True),
        ("https://api.vmira.ai", "https://api.vmira.ai", True),
        ("https://api.vmira.ai", "mira.ai", False),
        ("https://api.vmira.ai", "vmira.ai.evil", False),
        ("https://api.vmira.ai", "", False),
        ("https://api.vmira.ai", ",,", False),
        ("https://api.vmira.ai", "vmira.ai:443", True),
        ("https://api.vmira.ai", "vmira.ai:8443", False),
        ("http://10.1.2.3:8000", "10.1.2.3", True),
        ("http://10.1.2.3:8000", "10.1.2.3:8000", True),
        ("http://10.1.2.3:8000", "10.1.2.3:80", False),
        ("http://10.1.2.3:8000", "10.0.0.0/8", True),
        ("http://10.1.2.3:8000", "127.0.0.0/8", False),
        ("http://10.1.2.3:8000", "10.0.0.0/99", False),
        ("http://name:8000", "name", True),
        ("http://name:8000", "127.0.0.0/8", False),
        ("http://[2001:db8::1]:8000", "2001:db8::1", True),
        ("http://[2001:db8::1]:8000", "[2001:db8::1]", True),
        ("http://[2001:db8::1]:8000", "[2001:db8::1]:8000", True),
        ("http://[2001:db8::1]:8000", "[2001:db8::1]:1", False),
    ],
)
def test_no_proxy_exempts_hosts_networks_and_ports(base_url, no_proxy, exempt):
    assert is_exempt(urlsplit(base_url), no_proxy) is exempt
    assert (url(base_url, ALL_PROXY="http://p:1", NO_PROXY=no_proxy) is None) is exempt


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "host", ["localhost", "localhost.", "LOCALHOST", "a.localhost", "127.0.0.1", "127.8.9.1", "[::1]"]
)
def test_this_machine_is_reached_through_no_proxy(variable, scheme, host):
    assert url(f"{scheme}://{host}:8377/v1", **{variable: "http://192.0.2.2:3128"}) is None


def test_a_name_that_only_begins_like_this_machine_is_another():
    for host in ("127.0.0.1.example.com", "localhost.example.com", "128.0.0.1", "[::2]"):
        assert url(f"https://{host}/v1", HTTPS_PROXY="http://p:1") == "http://p:1"


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
    check_network_variables({name: value})


@pytest.mark.parametrize(
    "value", ["[::1", "localhost,[::1", "[]", "::1]", "[::1]x", "a.example:port", "http://[::1"]
)
def test_what_no_proxy_may_not_hold_is_named(value):
    with pytest.raises(ConfigError) as caught:
        check_network_variables({"NO_PROXY": value})
    assert caught.value.message.startswith("NO_PROXY holds ")
    assert caught.value.exit_code == 2


def test_certificates_that_can_be_read(tmp_path):
    check_network_variables({"SSL_CERT_FILE": certifi.where(), "SSL_CERT_DIR": f"/nowhere:{tmp_path}"})
    check_network_variables({"SSL_CERT_FILE": "", "SSL_CERT_DIR": ""})


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
        check_network_variables({"SSL_CERT_FILE": str(tmp_path / "file")})
    assert says in caught.value.message
    assert caught.value.message.startswith("SSL_CERT_FILE ")


def test_a_certificate_directory_that_is_not_there():
    with pytest.raises(ConfigError) as caught:
        check_network_variables({"SSL_CERT_DIR": "/nowhere"})
    assert caught.value.message.startswith("SSL_CERT_DIR ")


@pytest.mark.parametrize(
    "value",
    ["http://p:1", "https://me:secret@p:1", "socks5://p", "socks5h://[2001:db8::1]:1080", "HTTP://p:65535/"],
)
def test_proxies_that_can_be_used(value):
    assert url(HTTPS, HTTPS_PROXY=value) == value


@pytest.mark.parametrize(
    "value",
    [
        "socks4://p:1",
        "ftp://p:1",
        "http://[::1",
        "http://p:port",
        "http://p:65536",
        "http://",
        "http://a\nb:1",
    ],
)
def test_a_proxy_that_cannot_be_used_is_named(value):
    with pytest.raises(ConfigError) as caught:
        url(HTTPS, HTTPS_PROXY=value)
    assert caught.value.message.startswith("HTTPS_PROXY names a proxy that cannot be used: ")
