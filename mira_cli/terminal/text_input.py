"""Bytes that somebody sent as text: bounded, decoded, without escape sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.errors import TooLargeError, UsageError
from mira_cli.terminal.ansi import strip

if TYPE_CHECKING:
    from mira_cli.terminal.sinks import Source
    from mira_cli.terminal.streams import Streams

MOST_BYTES = 64 * 1024 * 1024
_PIECE = 1 << 20
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_bounded(source: Source, name: str, size: int = 0) -> bytes:
    """All bytes of a source.

    Args:
        source: What to read.
        name: What to call it.
        size: How many bytes it is known to hold, 0 if it is not known.

    Raises:
        TooLargeError: There are more than 64 MB.
        OSError: It cannot be read.
    """
    if size > MOST_BYTES:
        raise TooLargeError(f"{name} holds {size:,} bytes; at most {MOST_BYTES:,} are read.")
    pieces: list[bytes] = []
    total = 0
    while piece := source.read(_PIECE):
        pieces.append(piece)
        total += len(piece)
        if total > MOST_BYTES:
            raise TooLargeError(f"{name} holds more than {MOST_BYTES:,} bytes, the most that are read.")
    return b"".join(pieces)


def decode(data: bytes, name: str, streams: Streams) -> str:
    """Bytes as text: UTF-8, a BOM and escape sequences dropped, bad bytes replaced with a notice.

    Raises:
        UsageError: NUL bytes say that it is no text.
    """
    if b"\0" in data:
        utf16 = data.startswith(_UTF16_MARKS)
        raise UsageError(
            f"{name} looks binary: it holds NUL bytes.",
            hint="It seems to be UTF-16; convert it to UTF-8." if utf16 else "Only text can be sent.",
        )
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode(errors="replace")
        places = text.count("\ufffd") - data.count("\ufffd".encode())
        streams.note(f"note: {name} is not all UTF-8; replaced {places:,} bad byte{'s' * (places != 1)}")
    return strip(text.removeprefix("\ufeff"))
