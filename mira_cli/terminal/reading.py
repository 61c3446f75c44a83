"""Reads standard input and files: size limit, decoding, and removal of terminal escape sequences."""

from __future__ import annotations

import os
import re
from io import BufferedReader, FileIO
from typing import TYPE_CHECKING

from mira_cli.errors import TooLargeError, UsageError
from mira_cli.terminal.stdio import Descriptor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedIOBase

    from mira_cli.terminal.streams import Streams

STDIN_NAME = "standard input"
MAX_BYTES = 64 * 1024 * 1024
_PATIENCE = 1.0  # seconds without a byte before we print a notice
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_STDIN_PATHS = {"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"}

# ECMA-48 sequences as programs write them. Strings (OSC and the like) end with BEL or ST; an unterminated one
# ends with its line, so that it cannot swallow the text. Of the 8-bit forms only CSI is matched: the others
# look like wrongly decoded quotation marks.
_ESCAPE_SEQUENCE = (
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|\][^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC: titles, links
    r"|[PX^_](?:[^\x1b\x9c]*(?:\x1b\\|\x9c)|[^\x1b\n]*)"  # DCS, SOS, PM, APC: images
    r"|[ -/]*[0-~]"  # ESC with one letter: character sets, keypad
    r")?"
    r"|\x9b[0-?]*[@-~]"
)


def is_stdin(path: str) -> bool:
    """Whether a path means standard input: `-`, /dev/stdin and the like."""
    return path in _STDIN_PATHS or (path.startswith("/") and os.path.normpath(path) in _STDIN_PATHS)


def read_text_file(path: str, streams: Streams) -> str:
    """The text of a file, or of standard input if the path means that.

    Raises:
        UsageError: It is missing, a directory, cannot be read, or is binary.
        TooLargeError: It holds more than 64 MB.
    """
    if is_stdin(path):
        return read_stdin(streams)
    try:
        with BufferedReader(FileIO(path)) as file:
            data = _read_all(file, path)
    except IsADirectoryError:
        raise UsageError(f"{path} is a directory.", hint="Give a text file.") from None
    except FileNotFoundError:
        raise no_such_file(path) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot read {path}: {reason(error)}.") from error
    return decode(data, path, streams)


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
        data = _read_all(BufferedReader(streams.stdin), STDIN_NAME)
    except OSError as error:
        raise _unreadable(error) from error
    return decode(data, STDIN_NAME, streams)


def stdin_lines(streams: Streams) -> Iterator[str]:
    """The lines on standard input as they arrive, without line ends, each decoded separately.

    Raises:
        UsageError: A line is binary, or standard input cannot be read.
        TooLargeError: A line holds more than 64 MB.
    """
    if streams.stdin is None:
        return
    reader = BufferedReader(streams.stdin)
    try:
        while line := reader.readline(MAX_BYTES + 1):
            if len(line) > MAX_BYTES:
                raise TooLargeError(f"A line of {STDIN_NAME} holds more than {MAX_BYTES:,} bytes.")
            yield decode(line.removesuffix(b"\n").removesuffix(b"\r"), STDIN_NAME, streams)
    except OSError as error:
        raise _unreadable(error) from error


def _read_all(reader: BufferedIOBase, name: str) -> bytes:
    """All bytes, at most 64 MB. `name` is for the error."""
    data = reader.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise TooLargeError(f"{name} holds more than {MAX_BYTES:,} bytes, the most that are read.")
    return data


def decode(data: bytes, name: str, streams: Streams) -> str:
    """Decode UTF-8, without a BOM and escape sequences; bad bytes are replaced, with a notice.

    Raises:
        UsageError: The data contains NUL bytes, so it is not text.
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
    return strip_escapes(text.removeprefix("\ufeff"))


def strip_escapes(text: str) -> str:
    """`text` without terminal escape sequences and ESC characters. Linear time."""
    return re.sub(_ESCAPE_SEQUENCE, "", text) if "\x1b" in text or "\x9b" in text else text


def no_such_file(path: str) -> UsageError:
    """The error for a file that does not exist."""
    message = f"No such file: {path}." if path else "The file name is empty."
    return UsageError(message, hint="Check the path.")


def reason(error: OSError | ValueError) -> str:
    """Why a file could not be opened or read, in a few words. A ValueError means a NUL in the name."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "not a valid file name"


def _await_first_byte(streams: Streams) -> None:
    """Print a notice if nothing arrives, except on Windows, which can't poll a pipe."""
    if not isinstance(streams.stdin, Descriptor) or os.name == "nt":
        return
    import select

    if not select.select([streams.stdin.number], [], [], _PATIENCE)[0]:
        streams.note("Reading standard input… (--no-stdin skips it)")


def _unreadable(error: OSError) -> UsageError:
    return UsageError(f"Cannot read {STDIN_NAME}: {error.strerror or error}.", hint="--no-stdin skips it.")
