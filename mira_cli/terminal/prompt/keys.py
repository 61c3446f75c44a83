"""Key bindings of the prompt, beyond those of Emacs and vi."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.buffer import CompletionState
from prompt_toolkit.completion import CompleteEvent, get_common_complete_suffix
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import emacs_mode, has_focus
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys

from mira_cli.errors import MiraError
from mira_cli.terminal.prompt.reader import LEAVING, note_dropped_of_paste
from mira_cli.terminal.sanitize import clean_paste

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.application import Application
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.completion import Completion
    from prompt_toolkit.key_binding import KeyPress
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

    from mira_cli.terminal.prompt.reader import PromptSetup

# Alt-Enter; Shift-Enter and Ctrl-Enter of terminals that distinguish them (CSI u, modifyOtherKeys).
_NEW_LINES = ("\x1b\r", "\x1b\n", "\x1b[13;2u", "\x1b[27;2;13~", "\x1b[13;5u", "\x1b[27;5;13~")


def map_new_lines() -> None:
    """Map every key that means "new line" to Ctrl-J, in prompt_toolkit's table of sequences."""
    ANSI_SEQUENCES.update(dict.fromkeys(_NEW_LINES, Keys.ControlJ))


def feed_after_history(app: Application[Any], buffer: Buffer, keys: list[KeyPress]) -> None:
    """Load the history, in a task, and then process keys that may look for a line in it."""

    async def feed() -> None:
        app.key_processor.feed_multiple(keys)
        app.key_processor.process_keys()

    buffer.load_history_if_not_yet_loaded()
    if keys:
        app.create_background_task(feed())


def bindings(setup: PromptSetup, note: Callable[[str], None]) -> KeyBindings:
    """The bindings while the text has the focus; a search has its own. `note` shows a line above it."""
    keys = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)
    keys.add("enter", filter=typing)(_enter)
    keys.add("tab", filter=typing)(_complete)
    keys.add("c-j", filter=typing)(_new_line)
    # Escape, then Enter; in vi Escape ends the insertion, and Enter sends
    keys.add("escape", "enter", filter=typing & emacs_mode)(_new_line)

    @keys.add("c-c", filter=typing)
    @keys.add("<sigint>")
    def _clear_or_say_how_to_leave(event: KeyPressEvent) -> None:
        if event.app.current_buffer.text:
            setup.cleared()
        else:
            note(LEAVING)
        _begin_anew(event)

    @keys.add(Keys.BracketedPaste, filter=typing)
    def _paste(event: KeyPressEvent) -> None:
        text, dropped = clean_paste(event.data)
        event.current_buffer.insert_text(text)
        if dropped:
            note(note_dropped_of_paste(dropped))

    @keys.add("c-g", filter=typing)
    @keys.add("c-x", "c-e", filter=typing)
    async def _edit(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        try:
            text = await run_in_terminal(lambda: setup.edit(buffer.text))
        except MiraError as error:
            note(error.message)
        else:
            buffer.document = Document(text, len(text))

    return keys


def _begin_anew(event: KeyPressEvent) -> None:
    """Clear the text, and all that was begun with it."""
    buffer = event.app.current_buffer
    buffer.reset()
    event.app.vi_state.reset()
    queue = event.app.key_processor.input_queue
    rest = list(queue)  # reset() has dropped the history, which these keys may need
    queue.clear()
    feed_after_history(event.app, buffer, rest)


def _enter(event: KeyPressEvent) -> None:
    """Accept the selected completion; after a backslash begin a new line; else send."""
    buffer = event.current_buffer
    document = buffer.document
    if buffer.complete_state and buffer.complete_state.current_completion:
        buffer.complete_state = None
    elif document.char_before_cursor == "\\" and document.is_cursor_at_the_end_of_line:
        buffer.delete_before_cursor()
        buffer.newline(copy_margin=False)
    elif buffer.text.strip():
        buffer.validate_and_handle()


def _new_line(event: KeyPressEvent) -> None:
    event.current_buffer.newline(copy_margin=False)


def _complete(event: KeyPressEvent) -> None:
    """Complete what is common to all candidates; then show the menu; then step through it.

    After a word that is complete, go on with the next one.
    At once, not in a task as prompt_toolkit does: the next key may have been typed already.
    """
    buffer = event.current_buffer
    menu = buffer.complete_state
    if menu and menu.current_completion:
        buffer.complete_next()
        return
    document = buffer.document
    found = _completions(buffer, document)
    if len(found) == 1 and _is_typed(found[0], document):
        spaced = Document(f"{document.text} ")
        if next_words := _completions(buffer, spaced):
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


def _completions(buffer: Buffer, document: Document) -> list[Completion]:
    return list(buffer.completer.get_completions(document, CompleteEvent(completion_requested=True)))


def _is_typed(completion: Completion, document: Document) -> bool:
    """Whether the text ends with that already."""
    typed = document.text[len(document.text) + completion.start_position :]
    return document.is_cursor_at_the_end and completion.text == typed
