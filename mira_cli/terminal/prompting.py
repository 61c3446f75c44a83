"""The door to the line reader that fits the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.terminal.keyboard import Keyboard

if TYPE_CHECKING:
    from mira_cli.terminal.line_reader import LineReader, PromptSetup
    from mira_cli.terminal.streams import Streams


def can_edit(streams: Streams) -> bool:
    """Whether there is a terminal on which a line can be edited: not `--plain`, and seen while typed."""
    return streams.in_tty and (streams.err_tty or streams.out_tty) and not streams.plain


def open_prompt(streams: Streams, setup: PromptSetup) -> LineReader:
    """The reader that fits the terminal, its keyboard held.

    Where a line can be edited this loads prompt_toolkit; what is typed meanwhile is held already.
    """
    editable = can_edit(streams)
    write = streams.draw if streams.err_tty else streams.write
    keyboard = Keyboard(write, stopping=streams.without_status) if editable else Keyboard(lines=True)
    try:
        keyboard.hold()
        if editable:
            from mira_cli.terminal.prompt import Prompt

            return Prompt(streams, setup, keyboard)
        from mira_cli.terminal.plain_prompt import PlainPrompt

        return PlainPrompt(streams, setup, keyboard)
    except BaseException:
        keyboard.release()
        raise
