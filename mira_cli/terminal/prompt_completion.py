"""What Tab completes: slash commands, their values, paths."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prompt_toolkit.completion import Completer, Completion

from mira_cli.terminal.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    from mira_cli.terminal.line_reader import PromptSetup

_MOST_SHOWN = 500  # entries of a directory
_LONGEST_COMPLETED = 1000  # characters; a longer text is no command


def is_command(text: str) -> bool:
    """Whether the text so far may be a slash command: `//` begins a message with a slash."""
    return (
        text.startswith("/")
        and not text.startswith("//")
        and len(text) <= _LONGEST_COMPLETED
        and "\n" not in text
    )


class CommandCompleter(Completer):
    """Completes /commands with their descriptions, then what the command takes."""

    def __init__(self, setup: PromptSetup) -> None:
        self._setup = setup

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """What may stand at the cursor; a directory is only looked into when Tab was pressed."""
        text = document.text_before_cursor
        if not is_command(text):
            return []
        command, space, argument = text.partition(" ")
        if not space:
            return self._commands(command)
        if command in self._setup.paths_after:
            return _paths(argument) if complete_event.completion_requested else []
        return self._values(command, argument)

    def _commands(self, typed: str) -> Iterator[Completion]:
        for name, description in self._setup.commands:
            if name.startswith(typed):
                yield Completion(name, -len(typed), display_meta=description)

    def _values(self, command: str, argument: str) -> Iterator[Completion]:
        """Values of the last word typed; the words in front of it say which."""
        *before, word = argument.split(" ")
        for value in self._setup.values(" ".join([command, *before])):
            if value.lower().startswith(word.lower()):
                yield Completion(value, -len(word), display=clean_line(value))


def _paths(typed: str) -> Iterator[Completion]:
    """The entries of the directory that is being typed; hidden ones when a dot was typed."""
    directory, name = os.path.split(typed)
    try:
        with os.scandir(os.path.expanduser(directory) or ".") as entries:  # noqa: PTH111 - half a path
            found = sorted(
                (entry.name, _is_directory(entry))
                for entry in entries
                if entry.name.startswith(name) and (name or not entry.name.startswith("."))
            )
    except (OSError, ValueError):
        return
    for entry, is_directory in found[:_MOST_SHOWN]:
        text = entry + "/" * is_directory
        if text.isprintable():
            yield Completion(text, -len(name), display=text)


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
