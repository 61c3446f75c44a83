"""Which proxy the environment names, and what NO_PROXY exempts."""

from __future__ import annotations

import pytest

from mira_cli.api.endpoint import Endpoint
from mira_cli.api.proxies import is_exempt, proxy_for

HTTPS = Endpoint.parse("https://api.vmira.ai/v1")
LOOPBACK = Endpoint.parse("http://127.0.0.1:8000/v1")


def url(endpoint, **env):
    choice = proxy_for(endpoint, env)
    return choice.url if choice else None


def test_the_variable_follows_the_scheme():
    env = {"HTTP_PROXY": "http://a:1", "HTTPS_PROXY": "http://b:2", "ALL_PROXY": "http://c:3"}
    assert url(LOOPBACK, **env) == "http://a:1"
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


def test_a_stranger_cannot_name_the_proxy_of_a_cgi_script():
    assert url(LOOPBACK, HTTP_PROXY="http://a:1", REQUEST_METHOD="GET") is None
    assert url(LOOPBACK, http_proxy="http://a:1", REQUEST_METHOD="GET") == "http://a:1"


def test_the_label_holds_no_password():
    choice = proxy_for(HTTPS, {"HTTPS_PROXY": "http://me:p@ss@proxy:3128/"})
    assert (choice.label, choice.variable) == ("proxy:3128", "HTTPS_PROXY")


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
        ("http://127.0.0.1:8000", "127.0.0.1", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://127.0.0.1:8000", "127.0.0.1:80", False),
        ("http://127.0.0.1:8000", "127.0.0.0/8", True),
        ("http://127.0.0.1:8000", "10.0.0.0/8", False),
        ("http://127.0.0.1:8000", "127.0.0.0/99", False),
        ("http://localhost:8000", "localhost", True),
        ("http://localhost:8000", "127.0.0.0/8", False),
        ("http://[::1]:8000", "::1", True),
        ("http://[::1]:8000", "[::1]", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("http://[::1]:8000", "[::1]:1", False),
    ],
)
def test_what_is_exempt(base_url, no_proxy, exempt):
    endpoint = Endpoint.parse(base_url)
    assert is_exempt(endpoint, no_proxy) is exempt
    assert (url(endpoint, ALL_PROXY="http://p:1", NO_PROXY=no_proxy) is None) is exempt
