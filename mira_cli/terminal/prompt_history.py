"""The lines typed before: kept on disk, found again, suggested."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.history import History

from mira_cli.masking import KEY_PREFIX, redact
from mira_cli.terminal import history_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.document import Document

_LONGEST_SUGGESTED_FOR = 200  # characters
_SECRET_COMMAND = re.compile(r"\s*/set\s+key\b")


def holds_secret(text: str) -> bool:
    """Whether a line must not be remembered: it sets a key, or something in it looks like one."""
    return KEY_PREFIX in text.lower() or _SECRET_COMMAND.match(text) is not None or redact(text) != text


class LineHistory(History):
    """What was typed: in memory, and in the file when there is one. A file that fails is said once.

    Args:
        path: The file; "" for none.
        note: Shows a line.
    """

    def __init__(self, path: str, note: Callable[[str], None]) -> None:
        super().__init__()
        self._path = path
        self._note = note

    def load_history_strings(self) -> Iterable[str]:
        """The lines of earlier chats, newest first."""
        if not self._path:
            return []
        try:
            return reversed(history_file.load(self._path))
        except OSError as error:
            self._give_up("read", error)
            return []

    def append_string(self, string: str) -> None:
        """Remember a line, unless there is a secret in it."""
        if not holds_secret(string):
            super().append_string(string)

    def store_string(self, string: str) -> None:
        """Keep a line for the next chat."""
        if not self._path:
            return
        try:
            history_file.append(self._path, string)
        except OSError as error:
            self._give_up("written", error)

    def _give_up(self, what: str, error: OSError) -> None:
        path, self._path = self._path, ""
        self._note(f"The history {path} cannot be {what} ({error.strerror}); this chat goes on without it.")


class LastLike(AutoSuggest):
    """Suggests the rest of the newest line that begins with what is typed."""

    def get_suggestion(self, buffer: Buffer, document: Document) -> Suggestion | None:
        """The rest of that line, up to its first line end."""
        text = document.text
        if not text.strip() or len(text) > _LONGEST_SUGGESTED_FOR or "\n" in text:
            return None
        for line in reversed(buffer.history.get_strings()):
            if line.startswith(text):
                rest = line[len(text) :].split("\n", 1)[0]
                return Suggestion(rest) if rest else None
        return None
