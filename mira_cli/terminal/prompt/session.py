"""The input line, where a line can be edited: a prompt_toolkit session."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.input.typeahead import get_typeahead
from prompt_toolkit.lexers import SimpleLexer
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.shortcuts import PromptSession

from mira_cli.terminal import color, stdio
from mira_cli.terminal.prompt import screen
from mira_cli.terminal.prompt.completion import CommandCompleter, is_command
from mira_cli.terminal.prompt.history import LineHistory
from mira_cli.terminal.prompt.keys import bindings, feed_after_history, map_new_lines
from mira_cli.terminal.prompt.reader import LineReader, is_long, show_question
from mira_cli.terminal.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.input import Input
    from prompt_toolkit.key_binding import KeyPress
    from prompt_toolkit.output import Output

    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.prompt.reader import PromptSetup
    from mira_cli.terminal.streams import Streams

_MENU_ROWS = 8  # kept free below the text while a menu is open
_VI_ESCAPE = 0.05  # seconds after which Escape is a key of its own, not the start of a sequence


class Prompt(LineReader):
    """Edits, completes and remembers lines."""

    def __init__(self, streams: Streams, setup: PromptSetup, keyboard: Keyboard) -> None:
        super().__init__(streams, setup, keyboard)
        map_new_lines()
        self._placeholder = ""
        self._later: list[str] = []  # notes for when the prompt is done
        self._input, self._output = _open_terminal(streams)
        self._session = self._make_session()
        self._usual_escape = self._session.app.ttimeoutlen
        self.use_vi(setup.vi)

    def _make_session(self) -> PromptSession[str]:
        colored, setup = self._streams.stderr.color, self._setup
        session: PromptSession[str] = PromptSession(
            "› " if self._streams.unicode_err else "> ",
            multiline=True,
            complete_while_typing=Condition(lambda: is_command(self._session.default_buffer.text)),
            completer=CommandCompleter(setup.words),
            reserve_space_for_menu=_MENU_ROWS,
            auto_suggest=AutoSuggestFromHistory() if colored else None,
            style=screen.style(color=colored, accent=color.accent(setup.theme)),
            lexer=SimpleLexer("class:question"),
            include_default_pygments_style=False,
            color_depth=None if colored else ColorDepth.DEPTH_1_BIT,
            history=LineHistory(setup.history_file, self._note),
            key_bindings=bindings(setup, self._note),
            bottom_toolbar=self._toolbar,
            placeholder=self._show_placeholder,
            enable_suspend=True,
            input=self._input,
            output=self._output,
        )
        screen.fit(session)
        session.app.before_render += self._erase_long_message
        session.app.after_render += lambda _app: setup.drawn()
        if os.name == "posix":
            session.app.terminal_size_polling_interval = None  # SIGWINCH is enough
        return session

    def _erase_long_message(self, app: Application[str]) -> None:
        """A long message is erased once it is sent: its first lines are shown instead."""
        app.erase_when_done = is_long(self._session.default_buffer.text)

    def read(self, draft: str = "", placeholder: str = "", *, returned: bool = False) -> str:
        """The next message; see LineReader."""
        self._placeholder = placeholder
        app = self._session.app
        # Not within what they interrupt: a signal that broke into the key parser would leave it deaf.
        handlers = {"SIGINT": self._soon(app.key_processor.send_sigint), "SIGCONT": self._soon(self._set_up)}
        with _handling(handlers), self.keyboard.lent():
            ahead = self._typed_ahead()
            if ahead and draft and returned:
                self._setup.cleared()
                draft = ""
            text = self._prompt(draft, ahead)
        if is_long(text):
            show_question(self._streams, text, self._setup.theme)
        while self._later:
            self._streams.note(self._later.pop(0))
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def _prompt(self, draft: str, ahead: list[KeyPress]) -> str:
        """Edit the draft, first with the keys typed ahead. The terminal is left in order however it ends."""
        session = self._session

        def begin() -> None:
            feed_after_history(session.app, session.default_buffer, ahead)

        try:
            return session.prompt(default=draft, pre_run=begin, handle_sigint=False)
        except BaseException as error:
            gone = isinstance(error, OSError) and stdio.is_terminal_gone(error)
            if gone or (isinstance(error, EOFError) and not os.isatty(stdio.STDIN)):
                raise stdio.terminal_gone() from error
            self._reset_modes()
            raise

    def remember(self, text: str) -> None:
        """Put a message under ↑; see LineReader."""
        self._session.history.append_string(text)

    def use_vi(self, on: bool) -> None:
        """Edit as vi does from the next read on, or as Emacs does."""
        self._session.editing_mode = EditingMode.VI if on else EditingMode.EMACS
        self._session.app.ttimeoutlen = _VI_ESCAPE if on else self._usual_escape

    def _soon(self, act: Callable[[], object]) -> Callable[[int, FrameType | None], None]:
        """A signal's handler, which lets the prompt act when it is done with what it is doing."""

        def handle(_number: int, _frame: FrameType | None) -> None:
            loop = self._session.app.loop
            if loop is not None:
                loop.call_soon_threadsafe(act)

        return handle

    def _set_up(self) -> None:
        """Set the terminal up again after a SIGSTOP, which cannot be handled.

        Not after Ctrl-Z, nor within an editor: there prompt_toolkit itself brings the prompt back.
        """
        app = self._session.app
        if app.renderer.last_rendered_screen is not None:
            self._input.raw_mode().__enter__()
            app.renderer.reset()
            app.invalidate()

    def _typed_ahead(self) -> list[KeyPress]:
        """The keys that were typed before the prompt was there."""
        ahead = get_typeahead(self._input)
        self.keyboard.collect()
        if typed := self.keyboard.take():
            from mira_cli.terminal.prompt.vt100 import TerminalInput

            if isinstance(self._input, TerminalInput):
                self._input.vt100_parser.feed(typed.decode("utf-8", "surrogateescape"))
                ahead += self._input.read_keys()
        return ahead

    def _reset_modes(self) -> None:
        """Leave no mode of the terminal behind: a signal may interrupt a drawing."""
        self._output.reset_attributes()
        self._output.enable_autowrap()
        self._output.disable_bracketed_paste()
        self._output.show_cursor()
        self._output.flush()

    def _toolbar(self) -> StyleAndTextTuples:
        return [("", f" {clean_line(self._setup.toolbar(self._output.get_size().columns))}")]

    def _show_placeholder(self) -> StyleAndTextTuples:
        """Nothing once the prompt is done, where it would stay, nor behind a line that a search found."""
        app = self._session.app
        shown = not (app.is_done or app.layout.is_searching)
        return [("class:placeholder", self._placeholder)] if shown else []

    def _note(self, text: str) -> None:
        """Show a line and an empty row above the prompt; if the prompt is about to end, the line after it.

        Not by run_in_terminal(), which gives up the key mode for a moment.
        """
        app = self._session.app
        if app.is_running and not app.is_done:
            app.renderer.erase()
            self._streams.note(text)
            self._streams.empty_row()
            app.invalidate()
        else:
            self._later.append(text)


def _open_terminal(streams: Streams) -> tuple[Input, Output]:
    """Where keys are read from, and where the prompt is drawn.

    Raises:
        EOFError: One of them was closed by somebody else.
    """
    file = sys.__stderr__ if streams.err_tty else sys.__stdout__
    if file is None or sys.__stdin__ is None:
        raise EOFError
    if os.name == "nt":
        from prompt_toolkit.input import create_input
        from prompt_toolkit.output import create_output

        return create_input(sys.__stdin__), create_output(file)
    from mira_cli.terminal.prompt.vt100 import TerminalInput, TerminalOutput

    return TerminalInput(sys.__stdin__), TerminalOutput(streams)


@contextmanager
def _handling(handlers: dict[str, Any]) -> Iterator[None]:
    """Handle signals so, those that the system has."""
    numbers = {getattr(signal, name): handler for name, handler in handlers.items() if hasattr(signal, name)}
    before = {number: signal.signal(number, handler) for number, handler in numbers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
