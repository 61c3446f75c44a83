"""The input line of a chat. Only this folder imports prompt_toolkit.

reader      LineReader, its settings and callbacks, and the reader for `--plain` and TERM=dumb
session     the reader for other terminals: a prompt_toolkit session
keys, completion, history, screen   parts of that session: key bindings, Tab, ↑, drawing
keyboard    keeps what is typed while a reply is shown
tty         attributes of the terminal; a line read without echo
vt100       prompt_toolkit's input and output for a POSIX terminal
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.prompt.reader import LineReader, PromptSetup
    from mira_cli.terminal.streams import Streams


def open_prompt(streams: Streams, setup: PromptSetup, keyboard: Keyboard) -> LineReader:
    """The reader for this terminal. Loads prompt_toolkit, except for `--plain` and TERM=dumb."""
    if keyboard.edits:
        from mira_cli.terminal.prompt.session import Prompt

        return Prompt(streams, setup, keyboard)
    from mira_cli.terminal.prompt.reader import PlainPrompt

    return PlainPrompt(streams, setup, keyboard)
