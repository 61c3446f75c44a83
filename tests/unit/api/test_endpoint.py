"""A base URL taken apart."""

from __future__ import annotations

import pytest

from mira_cli.api.endpoint import Endpoint
from mira_cli.errors import ConfigError


@pytest.mark.parametrize(
    ("base_url", "parts", "authority", "origin"),
    [
        (
            "https://api.vmira.ai/v1",
            ("https", "api.vmira.ai", 443, "/v1"),
            "api.vmira.ai",
            "https://api.vmira.ai",
        ),
        ("http://127.0.0.1:80/v1/", ("http", "127.0.0.1", 80, "/v1"), "127.0.0.1", "http://127.0.0.1"),
        ("http://localhost:8000", ("http", "localhost", 8000, ""), "localhost:8000", "http://localhost:8000"),
        ("http://[::1]:9/a/b", ("http", "::1", 9, "/a/b"), "[::1]:9", "http://[::1]:9"),
        ("http://[::1]/v1", ("http", "::1", 80, "/v1"), "[::1]", "http://[::1]"),
    ],
)
def test_parts(base_url, parts, authority, origin):
    endpoint = Endpoint.parse(base_url)
    assert (endpoint.scheme, endpoint.host, endpoint.port, endpoint.path) == parts
    assert (endpoint.authority, endpoint.origin) == (authority, origin)


@pytest.mark.parametrize(
    "base_url",
    ["", "api.vmira.ai/v1", "ftp://x/v1", "https://", "https://x:port/v1", "http://x:99999", "http://x:٣"],
)
def test_what_is_no_base_url(base_url):
    with pytest.raises(ConfigError, match="must look like"):
        Endpoint.parse(base_url)
