"""Reads standard input when somebody sent text there, as a whole or line by line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mira_cli.errors import TooLargeError, UsageError
from mira_cli.terminal.descriptor import Descriptor
from mira_cli.terminal.sinks import STDIN
from mira_cli.terminal.text_input import MOST_BYTES, decode, read_bounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mira_cli.terminal.streams import Streams

NAME = "standard input"
_PATIENCE = 1.0  # seconds without a byte until we say what we wait for
_PIECE = 1 << 16


def read_stdin(streams: Streams) -> str:
    """The text on standard input; "" for a terminal, another device, or a closed one.

    Raises:
        UsageError: It is binary, or cannot be read (a directory).
        TooLargeError: It holds more than 64 MB.
    """
    if streams.stdin is None:
        return ""
    _await_first_byte(streams)
    try:
        size = os.fstat(STDIN).st_size if isinstance(streams.stdin, Descriptor) else 0
        data = read_bounded(streams.stdin, NAME, size)
    except OSError as error:
        raise _unreadable(error) from error
    return decode(data, NAME, streams)


def stdin_lines(streams: Streams) -> Iterator[str]:
    """The lines on standard input as they come, without their line ends; each decoded as a text of its own.

    Raises:
        UsageError: A line is binary, or nothing can be read.
        TooLargeError: A line holds more than 64 MB.
    """
    if streams.stdin is None:
        return
    rest: list[bytes] = []
    length = 0
    while piece := _next_piece(streams):
        *ended, last = piece.split(b"\n")
        for line in ended:
            yield decode(b"".join((*rest, line)).removesuffix(b"\r"), NAME, streams)
            rest.clear()
            length = 0
        rest.append(last)
        length += len(last)
        if length > MOST_BYTES:
            raise TooLargeError(f"A line of {NAME} holds more than {MOST_BYTES:,} bytes.")
    if length:
        yield decode(b"".join(rest).removesuffix(b"\r"), NAME, streams)


def _next_piece(streams: Streams) -> bytes:
    if streams.stdin is None:
        return b""
    try:
        return streams.stdin.read(_PIECE)
    except OSError as error:
        raise _unreadable(error) from error


def _await_first_byte(streams: Streams) -> None:
    """Say so when nothing comes. Where a pipe cannot be watched (Windows) the wait is silent."""
    if not isinstance(streams.stdin, Descriptor) or os.name == "nt":
        return
    import select

    watched = [streams.stdin.number]
    if not select.select(watched, [], [], _PATIENCE)[0]:
        streams.note("Reading standard input… (--no-stdin skips it)")


def _unreadable(error: OSError) -> UsageError:
    return UsageError(f"Cannot read {NAME}: {error.strerror or error}.", hint="--no-stdin skips it.")
