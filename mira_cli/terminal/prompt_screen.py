"""How the prompt is drawn and where it reads from."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from prompt_toolkit.layout.dimension import Dimension, to_dimension
from prompt_toolkit.layout.processors import TabsProcessor
from prompt_toolkit.renderer import Renderer
from prompt_toolkit.styles import Style

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.input import Input
    from prompt_toolkit.layout import Layout
    from prompt_toolkit.output import Output
    from prompt_toolkit.shortcuts import PromptSession

    from mira_cli.terminal.streams import Streams

_COLOURED = {
    "prompt": "bold",
    "placeholder": "dim",
    "auto-suggestion": "fg:default dim",
    "bottom-toolbar": "noreverse dim",
}
_COLOURLESS = {
    "prompt": "nobold",
    "bottom-toolbar": "noreverse",
    "completion-menu.completion.current": "reverse",
}
_TOOLBAR_ROWS = 1
_KEPT_ROWS = 6  # above a long text: what was said last stays in sight


class KnownHeight(Renderer):
    """Draws the toolbar at once, right below the text.

    The original asks the terminal where the cursor is and draws no toolbar before the answer has come;
    a terminal that does not answer costs a second at each Enter. Here nobody is asked.
    """

    @property
    def height_is_known(self) -> bool:
        """Always: what is drawn takes the rows that it needs."""
        return True

    def render(self, app: Application[Any], layout: Layout, is_done: bool = False) -> None:
        """Draw; anew when fewer rows are needed, since the original never gives one back."""
        drawn = self.last_rendered_screen
        if drawn is not None:
            size = self.output.get_size()
            wanted = layout.container.preferred_height(size.columns, size.rows).preferred
            if wanted < drawn.height:
                self._last_screen = None
        super().render(app, layout, is_done)


def fit(session: PromptSession[str], output: Output) -> None:
    """Draw a prompt as a chat needs it: known height, tabs as the space that they take, room above."""
    app = session.app
    app.renderer = KnownHeight(app.renderer.style, output)
    if os.name == "posix":
        app.terminal_size_polling_interval = None  # SIGWINCH tells
    session.input_processors = [TabsProcessor(char1=" ", char2=" ")]
    _leave_room_above(session, output)


def _leave_room_above(session: PromptSession[str], output: Output) -> None:
    """Let a text taller than the screen scroll in its window: why it was refused stays in sight.

    What was sent is shown as it always is: as much as the screen takes.
    """
    window = session.layout.current_window
    usual = window.height

    def height() -> Dimension:
        wanted = to_dimension(usual)
        if session.app.is_done:
            return wanted
        rows = output.get_size().rows
        least = min(wanted.min, max(rows - _TOOLBAR_ROWS, 0))  # on a low screen a menu has fewer rows
        return Dimension(min=least, max=max(rows - _KEPT_ROWS, rows // 2, least))

    window.height = height


def style(*, color: bool) -> Style:
    """The looks of prompt, suggestion and toolbar; without colour only what is selected shows."""
    return Style.from_dict(_COLOURED if color else _COLOURLESS)


def open_terminal(streams: Streams) -> tuple[Input, Output]:
    """Where keys are read from, and where the prompt is drawn.

    It is drawn on standard error where that is the terminal, so that standard output can be a file.

    Raises:
        EOFError: One of them was closed behind our back.
    """
    file = sys.__stderr__ if streams.err_tty else sys.__stdout__
    if file is None or sys.__stdin__ is None:
        raise EOFError
    if os.name == "nt":
        from prompt_toolkit.input import create_input
        from prompt_toolkit.output import create_output

        return create_input(sys.__stdin__), create_output(file)
    from mira_cli.terminal import prompt_vt100

    return prompt_vt100.TerminalInput(sys.__stdin__), prompt_vt100.open_output(file, streams.env)
