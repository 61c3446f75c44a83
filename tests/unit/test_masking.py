"""No secret is ever shown, however it is spelled."""

from urllib.parse import quote

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


def test_exact_secrets_whatever_they_look_like():
    assert redact("a hunter2-secret-value b", ["hunter2-secret-value"]) == "a hunter2-secret-v… b"
    assert redact("pa%24%24+word%2F1 and pa$$+word/1", ["pa$$+word/1"]) == "… and …"
    assert redact("%73%6B-mira-aaaaaaaaaaaa", ["sk-mira-aaaaaaaaaaaa"]) == "sk-mira-aaaaaaaa…"
    assert redact("aaa", ["a", ""]) == "aaa"


def test_a_mask_never_shows_all():
    assert mask("sk-mira-12345678") == "sk-mira-…"
    assert mask("short") == "…"
    assert mask(KEY) == "sk-mira-1a2b3c4d…"


@given(st.text(st.sampled_from("abcXYZ019-_+/$ %é漢"), min_size=17, max_size=60))
@settings(max_examples=200, deadline=None)
def test_a_secret_is_gone_in_every_spelling(secret):
    encoded = quote(secret, safe="")
    for spelled in (
        secret,
        encoded,
        encoded.replace("%2F", "%2f"),
        "".join(f"%{b:02x}" for b in secret.encode()),
    ):
        assert redact(f"<{spelled}>", [secret]) == f"<{mask(secret)}>"


@given(st.text(st.sampled_from("sk-mirab01_ …%2Dd@:/"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_masking_twice_changes_nothing(text):
    once = redact(text)
    assert redact(once) == once
