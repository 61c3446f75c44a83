"""The simulator's own key, and the ids that it gives out."""

from __future__ import annotations

import os
from zlib import crc32

KEY = "sk-mira-" + "fa4e" * 10  # plainly fake, and of the shape that clients check


def request_id() -> str:
    """A random UUID (version 4), without the cost of importing uuid."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def completion_id(raw: bytes) -> str:
    """The id of the reply to a request body: the same body gets the same id."""
    return f"chatcmpl-simulated{crc32(raw):08x}"
