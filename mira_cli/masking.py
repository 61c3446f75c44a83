"""Keeps secrets out of everything that is shown or logged. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY_PREFIX = "sk-mira-"
_SHOWN = 16  # as many characters of a key as Mira's own pages show
_SHORTEST_SECRET = 4  # masking every "a" would help nobody

# Both are compiled by the first text that may hold such a thing; a good run has none.
# URL-encoded or not: `-` and `_` may come as %2D and %5F.
_KEY = r"(?i)sk(?:-|%2d)mira(?:-|%2d)((?:[a-z0-9_-]|%2d|%5f)+)"
# A password may hold a bare slash or @; a port number is none. Bounded, so that no text makes this slow.
_USERINFO = r"(://[^\s/:@]{0,256}):(?!\d{1,5}/)\S{0,256}@"


def mask(secret: str) -> str:
    """The first 16 characters and `…`; of a secret no longer than that, only what all keys share."""
    if len(secret) > _SHOWN:
        return f"{secret[:_SHOWN]}…"
    return f"{KEY_PREFIX}…" if secret.startswith(KEY_PREFIX) else "…"


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` with every secret masked.

    Masked are the exact secrets, each also URL-encoded; whatever looks like a Mira key; the password in a
    URL such as http://user:password@proxy. Masking twice changes nothing.
    """
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = mask(secret).join(_spellings(secret).split(text))
    if "mira" in text or "MIRA" in text:
        text = re.sub(_KEY, _mask_key, text)
    if "://" in text:
        text = re.sub(_USERINFO, r"\1:…@", text)
    return text


def _mask_key(match: re.Match[str]) -> str:
    whole = match[0]
    if match.string.startswith("…", match.end()) and len(whole) <= _SHOWN:
        return whole
    return mask(whole)


def _spellings(secret: str) -> re.Pattern[str]:
    """Matches the secret with any of its characters URL-encoded."""
    spelled = "".join(f"(?:{_percent(char)}|{re.escape(char)})" for char in secret)
    return re.compile(spelled)


def _percent(char: str) -> str:
    return "".join(f"(?i:%{byte:02x})" for byte in char.encode("utf-8", "surrogatepass"))
