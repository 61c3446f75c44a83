"""What takes a reply as it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mira_cli.errors import MiraError, ReaderGone
    from mira_cli.terminal.result import Result


class Writer(Protocol):
    """Takes one reply as it arrives. After `done` or `fail` nothing more may come.

    `write` and `done` raise OutputError, ReaderGone or Interrupted when standard output fails; `fail` never.

    Attributes:
        at_end: Whether nothing is shown before the reply's end, so that people wait until then.
    """

    at_end: bool

    def start(self, model: str) -> None:
        """A question is about to be asked; people see nothing yet."""
        ...

    def prepare(self) -> None:
        """The request is on the wire: time to load what the reply will need. May be called again."""
        ...

    def write(self, text: str) -> None:
        """Take the next piece of the answer."""
        ...

    def reasoning(self, text: str) -> None:
        """Take the next piece of the model's reasoning, which is not part of the answer."""
        ...

    def notice(self, kind: str, message: str) -> None:
        """Tell something worth knowing: trimmed, retry, reask, unreadable, a line of the log and so on."""
        ...

    def done(self, result: Result) -> None:
        """Close a complete reply."""
        ...

    def fail(self, error: MiraError | ReaderGone) -> None:
        """Close a reply that was cut or never came; what came stays. Tells programs why, not people."""
        ...
