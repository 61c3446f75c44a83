"""The line on which the person types, where a line can be edited."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.input.typeahead import get_typeahead
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.shortcuts import PromptSession

from mira_cli.terminal import prompt_screen, sinks
from mira_cli.terminal.line_reader import is_ctrl_c
from mira_cli.terminal.prompt_completion import CommandCompleter, is_command
from mira_cli.terminal.prompt_history import LastLike, LineHistory
from mira_cli.terminal.prompt_keys import bindings, take_with_history, teach_new_lines
from mira_cli.terminal.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from mira_cli.terminal.keyboard import Keyboard
    from mira_cli.terminal.line_reader import PromptSetup
    from mira_cli.terminal.streams import Streams

_MENU_ROWS = 8  # kept free below the text while a menu is open
_VI_ESCAPE = 0.05  # seconds after which Escape is a key of its own, not the beginning of another


class Prompt:
    """Edits, completes and remembers lines (LineReader says how to use it)."""

    def __init__(self, streams: Streams, setup: PromptSetup, keyboard: Keyboard) -> None:
        teach_new_lines()
        self._streams = streams
        self._setup = setup
        self.keyboard = keyboard
        self._placeholder = ""
        self._later: list[str] = []  # notes for when the prompt is done
        self._input, self._output = prompt_screen.open_terminal(streams)
        self._session = self._make_session()
        self._usual_escape = self._session.app.ttimeoutlen
        self.use_vi(setup.vi)

    def _make_session(self) -> PromptSession[str]:
        color = self._streams.color.stderr
        session: PromptSession[str] = PromptSession(
            "› " if self._streams.unicode_err else "> ",
            multiline=True,
            complete_while_typing=Condition(self._names_command),
            completer=CommandCompleter(self._setup),
            reserve_space_for_menu=_MENU_ROWS,
            auto_suggest=LastLike() if color else None,
            style=prompt_screen.style(color=color),
            include_default_pygments_style=False,
            color_depth=None if color else ColorDepth.DEPTH_1_BIT,
            history=LineHistory(self._setup.history_file, self._note),
            key_bindings=bindings(edit=self._setup.edit, note=self._note, cleared=self._setup.cleared),
            bottom_toolbar=self._toolbar,
            placeholder=self._show_placeholder,
            enable_suspend=True,
            input=self._input,
            output=self._output,
        )
        prompt_screen.fit(session, self._output)
        return session

    def read(self, draft: str = "", placeholder: str = "") -> str:
        """The next message; see LineReader.

        Raises:
            EOFError: The person leaves.
            Interrupted: The terminal went away.
        """
        self._placeholder = placeholder
        text = self._edited(draft)
        while self._later:
            self._setup.note(self._later.pop(0))
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def _edited(self, draft: str) -> str:
        """The draft, as the person edited and sent it."""
        with _deaf_to_ctrl_c(), self.keyboard.lent(), self._set_again():
            session, ahead = self._session, self._typed_ahead(as_lines=bool(draft))

            def begin() -> None:
                take_with_history(session.app, session.default_buffer, ahead)

            return self._read_by(lambda: session.prompt(default=draft, pre_run=begin))

    def ask(self, question: str) -> str:
        """One short answer; "" for Ctrl-D and Ctrl-C."""
        with self.keyboard.free():
            session: PromptSession[str] = PromptSession(
                f"{question} ", input=self._input, output=self._output
            )
            try:
                return self._read_by(session.prompt).strip()
            except EOFError:
                return ""
            except KeyboardInterrupt as stop:
                if not is_ctrl_c(stop):
                    raise
                return ""

    def _read_by(self, prompt: Callable[[], str]) -> str:
        """What `prompt` reads; whatever breaks into it, the terminal is left in order."""
        try:
            return prompt()
        except OSError as error:
            if sinks.is_terminal_gone(error):
                raise sinks.terminal_gone() from error
            raise
        except BaseException:
            self._tidy()
            raise

    def use_vi(self, on: bool) -> None:
        """Edit as vi does from the next read on, or as Emacs does."""
        self._session.editing_mode = EditingMode.VI if on else EditingMode.EMACS
        self._session.app.ttimeoutlen = _VI_ESCAPE if on else self._usual_escape

    @contextmanager
    def _set_again(self) -> Iterator[None]:
        """After a SIGSTOP, which nobody sees coming, set the terminal up again.

        Not after Ctrl-Z, nor within an editor: then the library has taken the prompt away and brings it back.
        """
        number = getattr(signal, "SIGCONT", None)
        if number is None:  # Windows
            yield
            return

        app = self._session.app

        def set_up() -> None:
            self._input.raw_mode().__enter__()
            app.renderer.reset()
            app.invalidate()

        def soon(_number: int, _frame: FrameType | None) -> None:  # it may have broken into a drawing
            if app.loop is not None and app.renderer.last_rendered_screen is not None:
                app.loop.call_soon_threadsafe(set_up)

        before = signal.signal(number, soon)
        try:
            yield
        finally:
            signal.signal(number, before)

    def _typed_ahead(self, *, as_lines: bool) -> list[KeyPress]:
        """What was typed before the prompt was there.

        Args:
            as_lines: It goes below the draft, unsent: it was meant for after the answer.
        """
        ahead = get_typeahead(self._input)
        if typed := self.keyboard.take():
            self._give(typed)
        if typed or as_lines:
            ahead += self._input.read_keys()
        if ahead and as_lines:
            return [
                KeyPress(Keys.ControlJ) if key.key == Keys.ControlM else key
                for key in (KeyPress(Keys.ControlJ), *ahead)
            ]
        return ahead

    def _tidy(self) -> None:
        """Leave no mode of the terminal behind: a signal may come in the middle of a drawing."""
        self._output.reset_attributes()
        self._output.enable_autowrap()
        self._output.disable_bracketed_paste()
        self._output.show_cursor()
        self._output.flush()

    def _give(self, typed: bytes) -> None:
        from mira_cli.terminal.prompt_vt100 import TerminalInput

        if isinstance(self._input, TerminalInput):
            self._input.give(typed)

    def _names_command(self) -> bool:
        return is_command(self._session.default_buffer.text)

    def _toolbar(self) -> StyleAndTextTuples:
        columns = self._output.get_size().columns
        return [("", f" {clean_line(self._setup.toolbar(columns - 1))}")]

    def _show_placeholder(self) -> StyleAndTextTuples:
        """Nothing once the prompt is done, where it would stay, nor behind a line that a search found."""
        app = self._session.app
        shown = not (app.is_done or app.layout.is_searching)
        return [("class:placeholder", self._placeholder)] if shown else []

    def _note(self, text: str) -> None:
        """Show a line above the prompt; if the prompt is about to end, after it.

        Not by way of run_in_terminal(), which gives up the key mode for a moment.
        """
        app = self._session.app
        if app.is_running and not app.is_done:
            app.renderer.erase()
            self._setup.note(text)
            app.invalidate()
        else:
            self._later.append(text)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Around the prompt, let Ctrl-C stop nothing; within it, it is a key like others.

    A signal that broke into the library's parser of keys would leave it deaf to all of them.
    """
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
