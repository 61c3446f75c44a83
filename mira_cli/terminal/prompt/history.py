"""The input history: prompt_toolkit's history file, private and without API keys."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from prompt_toolkit.history import FileHistory

from mira_cli.masking import KEY_PREFIX, redact

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_KEPT = 1 << 16  # characters; longer texts are not saved
_MAX_LOADED = 10_000  # entries; each key press searches them for a suggestion
_PRIVATE, _PRIVATE_DIRECTORY = 0o600, 0o700
_SECRET_COMMAND = re.compile(r"\s*/set\s+key\b")


def holds_secret(text: str) -> bool:
    """Whether the history must not contain a text: it sets a key, or contains something like one."""
    return KEY_PREFIX in text.lower() or _SECRET_COMMAND.match(text) is not None or redact(text) != text


class LineHistory(FileHistory):
    """The history in memory and in a file, which several chats may share.

    Args:
        path: The file; "" for none.

    Attributes:
        problem: Message when the file can't be used; from then on the history is in memory only.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._path = path
        self._unsaved: list[str] = []
        self.problem = ""

    def load_history_strings(self) -> Iterable[str]:
        """The entries of earlier chats, newest first."""
        if not self._path:
            return self._unsaved
        try:
            newest = islice(super().load_history_strings(), _MAX_LOADED)
            return [line.replace("\0", "") for line in newest]
        except OSError as error:
            self._give_up("read", error)
            return []

    def append_string(self, string: str) -> None:
        """Add an entry, unless there is a secret in it."""
        if not holds_secret(string):
            super().append_string(string)

    def store_string(self, string: str) -> None:
        """Save an entry for the next chat."""
        if not self._path:
            self._unsaved.insert(0, string)
        elif len(string) <= MAX_KEPT:
            try:
                _make_private(Path(self._path))
                super().store_string(string)
            except OSError as error:
                self._give_up("written", error)

    def _give_up(self, what: str, error: OSError) -> None:
        path, self._path = self._path, ""
        self.problem = f"The history file {path} can't be {what} ({error.strerror}); continuing without it."


def _make_private(path: Path) -> None:
    """Make the file if needed, readable only for its owner, whatever the umask."""
    if not path.parent.is_dir():
        path.parent.mkdir(_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    path.touch(_PRIVATE)
    with suppress(OSError):  # not ours, or a file system without modes
        path.chmod(_PRIVATE)
