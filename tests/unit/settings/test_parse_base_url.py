"""The base URL: one form, https or this machine."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.settings.parse import DEFAULT_BASE_URL, base_url, origin


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("https://api.vmira.ai/v1", DEFAULT_BASE_URL),
        ("https://api.vmira.ai", DEFAULT_BASE_URL),
        ("https://api.vmira.ai/", DEFAULT_BASE_URL),
        ("  https://api.vmira.ai/v1//\n", DEFAULT_BASE_URL),
        ("https://api.vmira.ai/v1/chat/completions", DEFAULT_BASE_URL),
        ("https://api.vmira.ai/v1/chat/completions/", DEFAULT_BASE_URL),
        ("https://api.vmira.ai/chat/completions", DEFAULT_BASE_URL),
        ("HTTPS://API.Vmira.AI:443/v1", DEFAULT_BASE_URL),
        ("https://proxy.example/mira/v2", "https://proxy.example/mira/v2"),
        ("https://proxy.example:8443", "https://proxy.example:8443/v1"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
        ("http://localhost:80/v1", "http://localhost/v1"),
        ("http://[::1]:9/v1", "http://[::1]:9/v1"),
        ("https://[2001:DB8::1.2.3.4]", "https://[2001:db8::1.2.3.4]/v1"),
        ("https://10.0.0.255", "https://10.0.0.255/v1"),
        ("https://пример.рф/v1", "https://xn--e1afmkfd.xn--p1ai/v1"),
        ("https://host.example/mychat/completions", "https://host.example/mychat/completions"),
    ],
)
def test_however_it_is_written_it_becomes_one_form(given, wanted):
    assert base_url(given) == wanted
    assert base_url(wanted) == wanted


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("api.vmira.ai", "https://"),
        ("ftp://api.vmira.ai", "https://"),
        ("localhost:8080", "https://"),
        ("http://api.vmira.ai/v1", "not for api.vmira.ai"),
        ("http://127.0.0.1.evil.example", "not for 127.0.0.1.evil.example"),
        ("http://localhost.evil.example", "https://"),
        ("http://127.1", "https://"),
        ("http://127.0.0.256", "https://"),
        ("http://0.0.0.0:80", "https://"),
        ("http://[::2]", "https://"),
        ("https://", "host name"),
        ("https:///v1", "host name"),
        ("https://a b.example", "white space"),
        ("https://a.example/\x1b[31m", "control"),
        ("https://a.example\\@b.example", "backslash"),
        ("https://user:word@a.example", "user name"),
        ("https://a.example/v1?x=1", "?"),
        ("https://a.example/v1#x", "#"),
        ("https://a.example:port", "host name or port"),
        ("https://a.example:70000", "host name or port"),
        ("https://a.example:000", "host name or port"),
        ("https://a.example:" + "9" * 5000, "host name or port"),
        ("https://[::1", "host name or port"),
        ("https://[::g]", "host name or port"),
        ("https://[]", "host name or port"),
        ("https://[1]", "host name or port"),
        ("https://[fe80::1%eth0]", "host name or port"),
        ("https://" + "ж" * 300 + ".рф", "host name or port"),
    ],
)
def test_what_is_no_base_url_is_refused_in_words(given, says):
    with pytest.raises(ValueError) as caught:
        base_url(given)
    assert says in str(caught.value)


def test_origin_is_scheme_host_and_port():
    assert origin("https://api.vmira.ai/v1") == "https://api.vmira.ai"
    assert origin("http://127.0.0.1:8080/v1/x") == "http://127.0.0.1:8080"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "127.9.9.9", "[::1]:4", "localhost"])
def test_http_to_this_machine(host):
    assert base_url(f"http://{host}") == f"http://{host}/v1"


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=40),
    st.sampled_from(["", "http://", "https://", "https://a.example/", "http://127.0.0.1"]),
)
def test_whatever_is_typed_is_refused_in_words_or_stays_as_it_comes_out(text, start):
    try:
        url = base_url(start + text)
    except ValueError:
        return
    assert base_url(url) == url
    assert url.startswith(("https://", "http://127.", "http://[::1]", "http://localhost"))
