"""The text of a file that somebody named, or of standard input under the name `-`."""

from __future__ import annotations

import os
from io import FileIO
from typing import TYPE_CHECKING

from mira_cli.errors import UsageError
from mira_cli.terminal.text_input import decode, read_bounded

if TYPE_CHECKING:
    from mira_cli.terminal.streams import Streams


def read_text_file(path: str, streams: Streams) -> str:
    """The text of a file; `-` is standard input.

    Raises:
        UsageError: It is missing, a directory, cannot be read, or is binary.
        TooLargeError: It holds more than 64 MB.
    """
    if path == "-":
        from mira_cli.terminal.stdin_reader import read_stdin

        return read_stdin(streams)
    try:
        with FileIO(path) as file:
            data = read_bounded(file, path, os.fstat(file.fileno()).st_size)
    except IsADirectoryError:
        raise UsageError(f"{path} is a directory.", hint="Name a text file.") from None
    except FileNotFoundError:
        raise no_file(path) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot read {path}: {why_not(error)}.") from error
    return decode(data, path, streams)


def no_file(path: str) -> UsageError:
    """What is said of a file that is not there."""
    message = f"There is no file {path}." if path else "The name of a file is empty."
    return UsageError(message, hint="Check the name.")


def why_not(error: OSError | ValueError) -> str:
    """Why a file could not be opened or read, in a few words. A ValueError is for a NUL in its name."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "that is no file name"
