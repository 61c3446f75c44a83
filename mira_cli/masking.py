"""Keeps secrets out of everything that is shown or logged. Pure."""

from __future__ import annotations

import re

KEY_PREFIX = "sk-mira-"
_SHOWN = 16  # as many characters of a key as Mira's own pages show

# Compiled when something is shown. Any character of a key may come URL-encoded.
_KEY = (
    "(?i)"
    + "".join(f"(?:{char}|%{ord(char):02x})" for char in KEY_PREFIX)
    + "(?:[a-z0-9_-]|%(?:2d|5f|3[0-9]|[46][1-9a-f]|[57][0-9a]))+"
)
# A password may hold a bare slash or @; a port number is none. Bounded, so that no text makes this slow.
_URL_LOGIN = r"(://[^\s/:@]{0,256}):(?!\d{1,5}/)\S{0,256}@"


def mask(key: str) -> str:
    """The first 16 characters and `…`; of a key no longer than that, only what all keys share."""
    if len(key) > _SHOWN:
        return f"{key[:_SHOWN]}…"
    return f"{KEY_PREFIX}…" if key.startswith(KEY_PREFIX) else "…"


def redact(text: str) -> str:
    """`text` with every Mira key masked, and the password in a URL such as http://user:password@proxy.

    Keys are known by their prefix, which each had to have to be used. Masking twice changes nothing.
    """
    return re.sub(_URL_LOGIN, r"\1:…@", re.sub(_KEY, _masked, text))


def _masked(match: re.Match[str]) -> str:
    key = match[0]
    if match.string.startswith("…", match.end()) and len(key) <= _SHOWN:
        return key  # masked before
    return mask(key)
