"""Masks API keys and proxy passwords in everything that is shown or logged."""

from __future__ import annotations

import re

KEY_PREFIX = "sk-mira-"
_SHOWN = 16  # characters of a key that are shown, as on Mira's own pages

# Compiled on first use. Any character of a key may be URL-encoded.
_KEY = (
    "(?i)"
    + "".join(f"(?:{char}|%{ord(char):02x})" for char in KEY_PREFIX)
    + "(?:[a-z0-9_-]|%(?:2d|5f|3[0-9]|[46][1-9a-f]|[57][0-9a]))+"
)
# A password may contain a slash or @; a port number isn't one. The bounds keep it fast on any text.
_URL_LOGIN = r"(://[^\s/:@]{0,256}):(?!\d{1,5}/)\S{0,256}@"


def mask(key: str) -> str:
    """The first 16 characters and `…`; for a shorter key, only the common prefix."""
    if len(key) > _SHOWN:
        return f"{key[:_SHOWN]}…"
    return f"{KEY_PREFIX}…" if key.startswith(KEY_PREFIX) else "…"


def redact(text: str) -> str:
    """`text` with all Mira keys masked, and the passwords in URLs such as http://user:password@proxy.

    Keys are recognised by their prefix. Masking twice changes nothing.
    """
    return re.sub(_URL_LOGIN, r"\1:…@", re.sub(_KEY, _masked, text))


def _masked(match: re.Match[str]) -> str:
    key = match[0]
    if match.string.startswith("…", match.end()) and len(key) <= _SHOWN:
        return key  # already masked
    return mask(key)
