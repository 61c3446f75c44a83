"""The input line with editing: a prompt_toolkit session."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, cast

from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.input import create_input
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.lexers import SimpleLexer
from prompt_toolkit.output import ColorDepth, create_output
from prompt_toolkit.shortcuts import PromptSession

from mira_cli.terminal.prompt import screen
from mira_cli.terminal.prompt.completion import CommandCompleter, is_command
from mira_cli.terminal.prompt.history import LineHistory
from mira_cli.terminal.prompt.keys import bindings
from mira_cli.terminal.prompt.reader import LineReader, is_long, show_question
from mira_cli.terminal.sanitize import clean_line
from mira_cli.terminal.stdio import STDIN, terminal_gone
from mira_cli.terminal.streams import accent

if TYPE_CHECKING:
    from types import FrameType

    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.input import Input
    from prompt_toolkit.input.vt100 import Vt100Input
    from prompt_toolkit.key_binding import KeyPress
    from prompt_toolkit.output import Output

    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.prompt.reader import PromptSetup
    from mira_cli.terminal.streams import Streams

_MENU_ROWS = 8  # kept free below the text while a menu is open


class Prompt(LineReader):
    """Edits, completes and remembers lines."""

    def __init__(self, streams: Streams, setup: PromptSetup, keyboard: Keyboard) -> None:
        super().__init__(streams, setup, keyboard)
        self._placeholder = ""
        self._input, self._output = self._open_terminal()
        self._history = LineHistory(setup.history_file)
        colored = streams.stderr.color
        self._session = session = PromptSession[str](
            "› " if streams.unicode_err else "> ",
            multiline=True,
            complete_while_typing=Condition(lambda: is_command(session.default_buffer.text)),
            completer=CommandCompleter(setup.words),
            reserve_space_for_menu=_MENU_ROWS,
            auto_suggest=AutoSuggestFromHistory() if colored else None,
            style=screen.style(color=colored, accent=accent(setup.theme)),
            lexer=SimpleLexer("class:question"),
            include_default_pygments_style=False,
            color_depth=None if colored else ColorDepth.DEPTH_1_BIT,
            history=self._history,
            key_bindings=bindings(setup, self._note),
            bottom_toolbar=self._toolbar,
            placeholder=self._show_placeholder,
            input_processors=[screen.LongLines(), screen.Tabs(char1=" ", char2=" ")],
            enable_suspend=True,
            input=self._input,
            output=self._output,
        )
        screen.fit(session)
        session.app.before_render += self._erase_long_message
        session.app.after_render += lambda _app: setup.drawn()
        self.use_vi(setup.vi)

    def _open_terminal(self) -> tuple[Input, Output]:
        """prompt_toolkit's input and output."""
        if os.name == "nt":
            return create_input(), create_output(always_prefer_tty=True)
        from mira_cli.terminal.prompt.vt100 import TerminalInput, TerminalOutput

        return TerminalInput(sys.stdin), TerminalOutput(self._streams, self.keyboard.write)

    def _erase_long_message(self, app: Application[str]) -> None:
        """Erase a long message when it is sent; its first lines are shown instead."""
        app.erase_when_done = is_long(self._session.default_buffer.text)

    def read(self, draft: str = "", placeholder: str = "", *, returned: bool = False) -> str:
        """Read the next message; see LineReader."""
        self._placeholder = placeholder
        with ExitStack() as stack:
            self._handle("SIGINT", stack)
            stack.enter_context(self.keyboard.lent())  # removes its own handler of SIGCONT
            self._handle("SIGCONT", stack)
            ahead = self._typed_ahead()
            if ahead and draft and returned:
                self._setup.cleared()
                draft = ""
            text = self._prompt(draft, ahead)
        if is_long(text):
            show_question(self._streams, text, self._setup.theme)
        if self._history.problem:
            self._streams.note(self._history.problem)
            self._history.problem = ""
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def _typed_ahead(self) -> list[KeyPress]:
        """The keys that were typed before this prompt."""
        ahead = get_typeahead(self._input)
        if typed := self.keyboard.take():  # never on Windows
            parser = cast("Vt100Input", self._input).vt100_parser
            parser.feed(typed.decode("utf-8", "surrogateescape"))
        return ahead + self._input.read_keys()

    def take_line(self) -> str:
        """Take the first line that was typed ahead; see LineReader."""
        ahead, line = self._typed_ahead(), ""
        while ahead and not line.endswith("\n"):
            line += ahead.pop(0).data.replace("\r", "\n")
        store_typeahead(self._input, ahead)
        return line

    def _prompt(self, draft: str, ahead: list[KeyPress]) -> str:
        """Run the prompt with the draft, process the keys that were typed ahead, and return the text."""
        app, buffer = self._session.app, self._session.default_buffer

        async def feed() -> None:
            app.key_processor.feed_multiple(ahead)
            app.key_processor.process_keys()

        def fail(_loop: object, context: dict[str, Any]) -> None:
            error = context.get("exception")
            if isinstance(error, Exception) and not app.is_done:  # signals end the prompt anyway
                app.exit(exception=error)

        def begin() -> None:
            # prompt_toolkit's own handler would print a traceback and wait for Enter.
            asyncio.get_running_loop().set_exception_handler(fail)
            starting.close()
            buffer.load_history_if_not_yet_loaded()  # in a task; a key may be ↑
            if ahead:
                app.create_background_task(feed())

        try:
            with ExitStack() as starting:  # asyncio complains if a signal breaks into its start
                starting.enter_context(self._streams.uninterrupted())
                return self._session.prompt(
                    default=draft, pre_run=begin, handle_sigint=False, set_exception_handler=False
                )
        except (EOFError, OSError) as error:
            if os.isatty(STDIN):
                raise
            raise terminal_gone() from error

    def remember(self, text: str) -> None:
        """Add a message to the history."""
        self._history.append_string(text)

    def use_vi(self, on: bool) -> None:
        """Use vi keys from the next read on, or Emacs keys."""
        self._session.editing_mode = EditingMode.VI if on else EditingMode.EMACS
        # After so many seconds Escape is a key, not the start of an escape sequence.
        self._session.app.ttimeoutlen = 0.05 if on else 0.5

    def _handle(self, name: str, stack: ExitStack) -> None:
        """Handle a signal until the stack is closed, if the system has it."""
        if number := getattr(signal, name, None):
            stack.callback(signal.signal, number, signal.signal(number, self._on_signal))

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Handle SIGINT and SIGCONT in the event loop: an exception here could break prompt_toolkit's parser.

        After Ctrl-Z and in an editor nothing is drawn, and prompt_toolkit itself redraws the prompt later.
        """
        app = self._session.app
        if app.loop is None:
            return
        if number == signal.SIGINT:
            app.loop.call_soon_threadsafe(app.key_processor.send_sigint)
        elif app.renderer.last_rendered_screen is not None:
            app.loop.call_soon_threadsafe(self._set_up)

    def _set_up(self) -> None:
        """Set the terminal mode again after a SIGSTOP, and redraw."""
        self._input.raw_mode().__enter__()
        self._session.app.renderer.reset()
        self._session.app.invalidate()

    def _toolbar(self) -> StyleAndTextTuples:
        return [("", f" {clean_line(self._setup.toolbar(self._output.get_size().columns))}")]

    def _show_placeholder(self) -> StyleAndTextTuples:
        """The placeholder, but not when the prompt is done, nor during a search."""
        app = self._session.app
        shown = not (app.is_done or app.layout.is_searching)
        return [("class:placeholder", self._placeholder)] if shown else []

    def _note(self, text: str) -> None:
        """Show a line and an empty row above the prompt. run_in_terminal() would leave the key mode."""
        self._session.app.renderer.erase()
        self._streams.note(text)
        self._streams.empty_row()
        self._session.app.invalidate()
