"""The input line of a chat. Only this folder imports prompt_toolkit.

reader       LineReader, the base of whoever reads lines, and what a chat brings to it
session      the reader for terminals that can edit a line, made of a prompt_toolkit session
plain        the reader for `--plain` and TERM=dumb
keys, completion, history, screen   the parts of that session: bindings, Tab, ↑, drawing
keyboard     keys while nobody reads them: not shown, kept for the next prompt
hidden       a line that is typed without echo
tty, vt100   what only a POSIX terminal has: Windows has no termios
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.prompt.reader import LineReader, PromptSetup
    from mira_cli.terminal.streams import Streams


def open_prompt(streams: Streams, setup: PromptSetup, keyboard: Keyboard) -> LineReader:
    """The reader that fits the terminal. Where a line can be edited this loads prompt_toolkit.

    Args:
        streams: The terminal.
        setup: What the chat brings.
        keyboard: As hold_keys() gave it.
    """
    if keyboard.edits:
        from mira_cli.terminal.prompt.session import Prompt

        return Prompt(streams, setup, keyboard)
    from mira_cli.terminal.prompt.plain import PlainPrompt

    return PlainPrompt(streams, setup, keyboard)
