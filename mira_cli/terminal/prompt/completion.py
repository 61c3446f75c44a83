"""What Tab completes: slash commands, their values, paths."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from prompt_toolkit.completion import Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from mira_cli.terminal.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prompt_toolkit.completion import CompleteEvent

    from mira_cli.terminal.prompt.reader import PromptSetup

_MAX_PATHS = 500  # entries of a directory
_MAX_COMMAND = 1000  # characters; a longer text is not a command


def is_command(text: str) -> bool:
    """Whether the text so far may be a slash command: `//` begins a message with a slash."""
    return (
        text.startswith("/") and not text.startswith("//") and len(text) <= _MAX_COMMAND and "\n" not in text
    )


class CommandCompleter(Completer):
    """Completes /commands with their descriptions, then what the command takes."""

    def __init__(self, setup: PromptSetup) -> None:
        self._setup = setup
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """What may stand at the cursor; directories are read only when Tab was pressed."""
        text = document.text_before_cursor
        if not is_command(text):
            return []
        command, space, argument = text.partition(" ")
        if not space:
            return self._complete_command(command)
        if command in self._setup.paths_after:
            return self._complete_path(argument, complete_event)
        return self._complete_value(command, argument)

    def _complete_command(self, typed: str) -> Iterator[Completion]:
        for name, description in self._setup.commands:
            if name.startswith(typed):
                yield Completion(name, -len(typed), display_meta=description)

    def _complete_value(self, command: str, argument: str) -> Iterator[Completion]:
        """Values for the last word typed; the words before it say which."""
        *before, word = argument.split(" ")
        for value in self._setup.values(" ".join([command, *before])):
            if value.lower().startswith(word.lower()):
                yield Completion(value, -len(word), display=clean_line(value))

    def _complete_path(self, typed: str, event: CompleteEvent) -> Iterator[Completion]:
        """prompt_toolkit's paths; a directory ends in a slash, hidden entries only after a dot."""
        if not event.completion_requested:
            return
        hidden = Path(typed).name.startswith(".") and not typed.endswith("/")
        found = self._paths.get_completions(Document(typed), event)
        for one in islice(found, _MAX_PATHS):
            name = one.display_text
            if name.isprintable() and (hidden or not name.startswith(".")):
                yield Completion(one.text + "/" * name.endswith("/"), display=name)
