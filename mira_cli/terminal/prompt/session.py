"""The input line, where a line can be edited: a prompt_toolkit session."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.lexers import SimpleLexer
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.shortcuts import PromptSession, print_formatted_text

from mira_cli.masking import redact
from mira_cli.terminal import stdio
from mira_cli.terminal.prompt import screen
from mira_cli.terminal.prompt.completion import CommandCompleter, is_command
from mira_cli.terminal.prompt.history import LineHistory
from mira_cli.terminal.prompt.keys import bindings, feed_after_history, map_new_lines
from mira_cli.terminal.prompt.reader import first_lines, is_ctrl_c
from mira_cli.terminal.sanitize import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyPress

    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.prompt.reader import PromptSetup
    from mira_cli.terminal.streams import Streams

_MENU_ROWS = 8  # kept free below the text while a menu is open
_VI_ESCAPE = 0.05  # seconds after which Escape is a key of its own, not the start of a sequence


class Prompt:
    """Edits, completes and remembers lines; a LineReader."""

    def __init__(self, streams: Streams, setup: PromptSetup, keyboard: Keyboard) -> None:
        map_new_lines()
        self._streams = streams
        self._setup = setup
        self.keyboard = keyboard
        self._placeholder = ""
        self._later: list[str] = []  # notes for when the prompt is done
        self._input, self._output = screen.open_terminal(streams)
        self._session = self._make_session()
        self._usual_escape = self._session.app.ttimeoutlen
        self.use_vi(setup.vi)

    def _make_session(self) -> PromptSession[str]:
        color = self._streams.stderr.color
        session: PromptSession[str] = PromptSession(
            "› " if self._streams.unicode_err else "> ",
            multiline=True,
            complete_while_typing=Condition(self._names_command),
            completer=CommandCompleter(self._setup),
            reserve_space_for_menu=_MENU_ROWS,
            auto_suggest=AutoSuggestFromHistory() if color else None,
            style=screen.style(color=color, accent=self._setup.accent),
            lexer=SimpleLexer("class:question"),
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
        screen.fit(session, self._output)
        session.app.before_render += self._erase_long_message
        session.app.after_render += lambda _app: self._setup.drawn()
        return session

    def _erase_long_message(self, app: Application[str]) -> None:
        """A long message is erased once it is sent: its first lines are shown instead."""
        app.erase_when_done = first_lines(self._session.default_buffer.text)[1] > 0

    def read(self, draft: str = "", placeholder: str = "", *, returned: bool = False) -> str:
        """The next message; see LineReader."""
        self._placeholder = placeholder
        text = self._edit(draft, returned=returned)
        shown, hidden = first_lines(text)
        if hidden:
            self._show_start(shown, hidden)
        while self._later:
            self._setup.note(self._later.pop(0))
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def _show_start(self, shown: str, hidden: int) -> None:
        mark = "› " if self._streams.unicode_err else "> "
        lines = clean(redact(shown)).replace("\n", "\n  ")
        print_formatted_text(
            FormattedText([("class:prompt", mark), ("class:question", lines)]),
            output=self._output,
            style=self._session.style,
            color_depth=self._session.app.color_depth,
            include_default_pygments_style=False,
        )
        self._streams.note(f"… {hidden:,} more lines", always=True)

    def _edit(self, draft: str, *, returned: bool) -> str:
        with _ctrl_c_is_a_key(), self.keyboard.lent(), self._redrawn_after_stop():
            session, ahead = self._session, self._typed_ahead()
            if ahead and draft and returned:
                self._setup.cleared()
                draft = ""

            def begin() -> None:
                feed_after_history(session.app, session.default_buffer, ahead)

            return self._run(lambda: session.prompt(default=draft, pre_run=begin))

    def ask(self, question: str) -> str:
        """One short answer; see LineReader."""
        session: PromptSession[str] = PromptSession(f"{question} ", input=self._input, output=self._output)
        with self.keyboard.lent():
            ahead = get_typeahead(self._input)
            try:
                return self._run(lambda: session.prompt(pre_run=self.keyboard.collect)).strip()
            except EOFError:
                return ""
            except KeyboardInterrupt as stop:
                if not is_ctrl_c(stop):
                    raise
                return ""
            finally:
                store_typeahead(self._input, [*ahead, *get_typeahead(self._input)])

    def _run(self, prompt: Callable[[], str]) -> str:
        """What `prompt` returns; whatever interrupts it, the terminal is left in order.

        Raises:
            EOFError: The person leaves.
            Interrupted: The terminal is gone.
        """
        try:
            return prompt()
        except OSError as error:
            if stdio.is_terminal_gone(error):
                raise stdio.terminal_gone() from error
            raise
        except EOFError:
            if not os.isatty(stdio.STDIN):
                raise stdio.terminal_gone() from None
            self._reset_modes()
            raise
        except BaseException:
            self._reset_modes()
            raise

    def remember(self, text: str) -> None:
        """Put a message under ↑; see LineReader."""
        self._session.history.append_string(text)

    def use_vi(self, on: bool) -> None:
        """Edit as vi does from the next read on, or as Emacs does."""
        self._session.editing_mode = EditingMode.VI if on else EditingMode.EMACS
        self._session.app.ttimeoutlen = _VI_ESCAPE if on else self._usual_escape

    @contextmanager
    def _redrawn_after_stop(self) -> Iterator[None]:
        """After a SIGSTOP, which cannot be handled, set the terminal up again when SIGCONT comes.

        Not after Ctrl-Z, nor within an editor: there prompt_toolkit itself brings the prompt back.
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

        def soon(_number: int, _frame: FrameType | None) -> None:  # it may have interrupted a drawing
            if app.loop is not None and app.renderer.last_rendered_screen is not None:
                app.loop.call_soon_threadsafe(set_up)

        before = signal.signal(number, soon)
        try:
            yield
        finally:
            signal.signal(number, before)

    def _typed_ahead(self) -> list[KeyPress]:
        """The keys that were typed before the prompt was there."""
        ahead = get_typeahead(self._input)
        self.keyboard.collect()
        if typed := self.keyboard.take():
            self._give(typed)
            ahead += self._input.read_keys()
        return ahead

    def _reset_modes(self) -> None:
        """Leave no mode of the terminal behind: a signal may interrupt a drawing."""
        self._output.reset_attributes()
        self._output.enable_autowrap()
        self._output.disable_bracketed_paste()
        self._output.show_cursor()
        self._output.flush()

    def _give(self, typed: bytes) -> None:
        if os.name == "posix":
            from mira_cli.terminal.prompt.vt100 import TerminalInput

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

        Not by run_in_terminal(), which gives up the key mode for a moment.
        """
        app = self._session.app
        if app.is_running and not app.is_done:
            app.renderer.erase()
            self._setup.note(text)
            app.invalidate()
        else:
            self._later.append(text)


@contextmanager
def _ctrl_c_is_a_key() -> Iterator[None]:
    """Around the prompt Ctrl-C does nothing, and within it it is a key like others.

    A signal that interrupted prompt_toolkit's key parser would leave it deaf to all keys.
    """
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
