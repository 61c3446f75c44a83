"""The lines of the prompt on disk: appended, never rewritten, so that several chats may share the file."""

from __future__ import annotations

import os
from contextlib import suppress

_PRIVATE, _PRIVATE_DIRECTORY = 0o600, 0o700
_MOST_READ = 1 << 20  # bytes of the end of the file
LONGEST_KEPT = 1 << 16  # characters; a longer text is a document, not a line to come back to
_TEXT, _NEXT = b"+", b"#"  # what the lines of an entry begin with, and the line in front of it


def load(path: str) -> list[str]:
    """The entries, oldest first. A missing file has none; whatever is damaged is left out.

    Raises:
        OSError: The file is there and cannot be read.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib would only open it too
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - _MOST_READ, 0))
            data = file.read(_MOST_READ)
    except FileNotFoundError:
        return []
    if size > _MOST_READ:
        data = data[data.find(b"\n" + _NEXT) + 1 :]  # the first entry may have lost its beginning
    entries: list[str] = []
    lines: list[str] = []
    for line in [*data.split(b"\n"), _NEXT]:
        if line.startswith(_TEXT):
            lines.append(line[1:].decode("utf-8", "replace").replace("\x00", ""))
        elif lines:
            entries.append("\n".join(lines))
            lines = []
    return entries


def append(path: str, text: str) -> None:
    """Add an entry, in one write. A file, and the directories above it, that are missing are made private.

    Raises:
        OSError: It cannot be written.
    """
    if len(text) > LONGEST_KEPT:
        return
    lines = [_TEXT + line.encode("utf-8", "replace") for line in text.split("\n")]
    entry = b"\n".join([b"", _NEXT, *lines, b""])  # begins with a line end: an entry before may be torn
    descriptor = _open(path)
    try:
        os.write(descriptor, entry)
    finally:
        os.close(descriptor)


def _open(path: str) -> int:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    _make_directory(os.path.dirname(path))  # noqa: PTH120 - no reason to load pathlib
    descriptor = os.open(path, flags, _PRIVATE)
    if os.name == "posix":
        with suppress(OSError):  # not ours, or a file system without modes
            os.fchmod(descriptor, _PRIVATE)  # whatever the umask, and whatever somebody made of it
    return descriptor


def _make_directory(path: str) -> None:
    if not path or os.path.isdir(path):  # noqa: PTH112 - as above
        return
    _make_directory(os.path.dirname(path))  # noqa: PTH120 - as above
    with suppress(FileExistsError):  # another chat was quicker
        os.mkdir(path, _PRIVATE_DIRECTORY)  # noqa: PTH102 - as above
        os.chmod(path, _PRIVATE_DIRECTORY)  # noqa: PTH101 - as above
