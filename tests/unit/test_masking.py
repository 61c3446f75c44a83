"""No secret is ever shown, however it is spelled."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.masking import mask, redact

KEY = "sk-mira-" + "1a2b3c4d" * 5
OLD_KEY = "sk-mira-" + "aZ_-09bQxyz" * 4


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Bearer {KEY}", "Bearer sk-mira-1a2b3c4d…"),
        (f"key={OLD_KEY}&x=1", "key=sk-mira-aZ_-09bQ…&x=1"),
        ("sk%2Dmira%2D1a2b3c4d1a2b3c4d", "sk%2Dmira%2D1a2b…"),
        ("SK-MIRA-1A2B3C4D1A2B3C4D", "SK-MIRA-1A2B3C4D…"),
        ("the key sk-mira-1a2b3c4d… from MIRA_API_KEY", "the key sk-mira-1a2b3c4d… from MIRA_API_KEY"),
        ("sk-mira-short", "sk-mira-…"),
        ("they start with sk-mira-.", "they start with sk-mira-."),
        ("http://user:pass@proxy:8080/", "http://user:…@proxy:8080/"),
        ("http://user:p@ss/word@proxy:8080", "http://user:…@proxy:8080"),
        ("http://:only@proxy", "http://:…@proxy"),
        ("http://host:8080/a@b", "http://host:8080/a@b"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_what_looks_like_a_secret(text, shown):
    assert redact(text) == shown
    assert redact(shown) == shown


def test_a_mask_never_shows_all():
    assert mask("sk-mira-12345678") == "sk-mira-…"
    assert mask("short") == "…"
    assert mask(KEY) == "sk-mira-1a2b3c4d…"


@given(st.text(st.sampled_from("abcXYZ019-_"), min_size=9, max_size=60))
@settings(max_examples=200, deadline=None)
def test_a_key_is_gone_in_every_spelling(rest):
    key = f"sk-mira-{rest}"
    assert redact(f"<{key}>") == f"<{mask(key)}>"
    for spelled in (key.replace("-", "%2D"), "".join(f"%{byte:02x}" for byte in key.encode())):
        assert redact(f"<{spelled}>") == f"<{mask(spelled)}>"


@given(st.text(st.sampled_from("sk-mirab01_ …%2Dd@:/"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_masking_twice_changes_nothing(text):
    once = redact(text)
    assert redact(once) == once
