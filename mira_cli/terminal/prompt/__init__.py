"""The input line of a chat. Only this folder imports prompt_toolkit.

reader       LineReader, what a chat brings to it, and the reader for `--plain` and TERM=dumb
session      the reader for terminals that can edit a line: a prompt_toolkit session
keys, completion, history, screen   the parts of that session: bindings, Tab, ↑, drawing
keyboard     keys while nobody reads them: not shown, kept for the next prompt
tty, vt100   what only a POSIX terminal has: Windows has no termios. A hidden line is read here
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.prompt.reader import LineReader, PromptSetup
    from mira_cli.terminal.streams import Streams


def open_prompt(streams: Streams, setup: PromptSetup, keyboard: Keyboard) -> LineReader:
    """The reader that fits the terminal. Where a line can be edited this loads prompt_toolkit."""
    if keyboard.edits:
        from mira_cli.terminal.prompt.session import Prompt

        return Prompt(streams, setup, keyboard)
    from mira_cli.terminal.prompt.reader import PlainPrompt

    return PlainPrompt(streams, setup, keyboard)
