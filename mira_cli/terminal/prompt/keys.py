"""Key bindings of the prompt, in addition to those of prompt_toolkit."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import emacs_mode, has_focus
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys

from mira_cli.errors import MiraError
from mira_cli.terminal.prompt.completion import complete
from mira_cli.terminal.prompt.reader import LEAVING, clean_pasted

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

    from mira_cli.terminal.prompt.reader import PromptSetup

# Alt-Enter; Shift-Enter and Ctrl-Enter of terminals that distinguish them (CSI u, modifyOtherKeys).
_NEW_LINES = ("\x1b\r", "\x1b\n", "\x1b[13;2u", "\x1b[27;2;13~", "\x1b[13;5u", "\x1b[27;5;13~")


def bindings(setup: PromptSetup, note: Callable[[str], None]) -> KeyBindings:
    """The key bindings of the input line, but not of a search in it; `note` shows a line above it."""
    ANSI_SEQUENCES.update(dict.fromkeys(_NEW_LINES, Keys.ControlJ))
    keys = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)
    keys.add("enter", filter=typing)(_enter)
    keys.add("tab", filter=typing)(lambda event: complete(event.current_buffer))
    keys.add("c-j", filter=typing)(_new_line)
    # Escape, then Enter. In vi, Escape ends the insert mode and Enter sends.
    keys.add("escape", "enter", filter=typing & emacs_mode)(_new_line)

    @keys.add("c-c", filter=typing)
    @keys.add("<sigint>")
    def _clear_or_say_how_to_leave(event: KeyPressEvent) -> None:
        buffer = event.app.current_buffer
        if buffer.text:
            setup.cleared()
        else:
            note(LEAVING)
        buffer.history_forward(sys.maxsize)
        buffer.exit_selection()
        buffer.document = Document()
        event.app.vi_state.reset()

    @keys.add(Keys.BracketedPaste, filter=typing)
    def _paste(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(clean_pasted(event.data, note))

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


def _enter(event: KeyPressEvent) -> None:
    """Accept the selected completion, or begin a new line after a backslash, or send."""
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
