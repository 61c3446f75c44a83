"""Completes slash commands, their values, and paths."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prompt_toolkit.buffer import CompletionState
from prompt_toolkit.completion import (
    CompleteEvent,
    Completer,
    Completion,
    PathCompleter,
    get_common_complete_suffix,
)
from prompt_toolkit.document import Document

from mira_cli.terminal.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from prompt_toolkit.buffer import Buffer


def is_command(text: str) -> bool:
    """Whether the text so far may be a slash command: `//` begins a message with a slash."""
    return text.startswith("/") and not text.startswith("//") and "\n" not in text


class CommandCompleter(Completer):
    """Completes /commands with descriptions, then their arguments; `words` as in PromptSetup."""

    def __init__(self, words: Callable[[str], Sequence[tuple[str, str]] | None]) -> None:
        self._words = words
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Candidates for the word at the cursor; directories are read only when Tab was pressed."""
        text = document.text_before_cursor
        if not is_command(text):
            return
        before, _, word = text.rpartition(" ")
        words = self._words(before)
        if words is None:
            if complete_event.completion_requested:
                yield from self._complete_path(text.partition(" ")[2], complete_event)
            return
        for each, description in words:
            if each.lower().startswith(word.lower()):
                yield Completion(each, -len(word), display=clean_line(each), display_meta=description)

    def _complete_path(self, typed: str, event: CompleteEvent) -> Iterator[Completion]:
        """prompt_toolkit's paths, with a slash after directories, and hidden entries only after a dot."""
        hidden = Path(typed).name.startswith(".") and not typed.endswith("/")
        for one in self._paths.get_completions(Document(typed), event):
            name = one.display_text
            if name.isprintable() and (hidden or not name.startswith(".")):
                yield Completion(one.text + "/" * name.endswith("/"), display=name)


def complete(buffer: Buffer) -> None:
    """Handle Tab: insert what all candidates have in common, then show a menu, then step through it.

    After a complete word, complete the next one. Not in a task, as prompt_toolkit does it: the next key may
    be typed already.
    """
    menu = buffer.complete_state
    if menu and menu.current_completion:
        buffer.complete_next()
        return
    document = buffer.document
    found = _candidates(buffer, document)
    if len(found) == 1 and document.is_cursor_at_the_end and document.text.endswith(found[0].text):
        spaced = Document(f"{document.text} ")
        if next_words := _candidates(buffer, spaced):
            buffer.document, document, found = spaced, spaced, next_words
    if len(found) == 1:
        buffer.apply_completion(found[0])
    elif common := get_common_complete_suffix(document, found):
        buffer.insert_text(common, fire_event=False)
        found = [one.new_completion_from_position(len(common)) for one in found]
        buffer.complete_state = CompletionState(buffer.document, found)
    elif menu:
        buffer.complete_next()
    elif found:
        buffer.complete_state = CompletionState(document, found)


def _candidates(buffer: Buffer, document: Document) -> list[Completion]:
    return list(buffer.completer.get_completions(document, CompleteEvent(completion_requested=True)))
