"""The input line for `--plain` and TERM=dumb: no escape sequences, no redrawing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mira_cli.terminal.prompt.reader import LEAVING, is_ctrl_c, note_dropped_of_paste
from mira_cli.terminal.sanitize import clean_line, clean_paste
from mira_cli.terminal.stdio import STDIN

if TYPE_CHECKING:
    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.prompt.reader import PromptSetup
    from mira_cli.terminal.streams import Streams

_PROMPT, _MORE = "> ", "  "
_ENDS = (b"\0", b"\x04")  # a Ctrl-D that was typed ahead
_MAX_SHOWN = 60  # characters of a question that Enter alone sends again


class PlainPrompt:
    """The terminal itself edits the line; a backslash continues it. A LineReader."""

    def __init__(self, streams: Streams, setup: PromptSetup, keyboard: Keyboard) -> None:
        self._streams = streams
        self._setup = setup
        self.keyboard = keyboard
        self._ahead = b""  # read, but not returned yet

    def read(self, draft: str = "", placeholder: str = "", *, returned: bool = False) -> str:
        """The next message; see LineReader. A draft cannot be edited here: Enter alone sends it again."""
        del placeholder  # it could not be erased again
        self.keyboard.release()
        self._ahead += self.keyboard.take()
        if self._ahead and draft and returned:
            self._setup.cleared()
            draft = ""
        if draft:
            self._setup.note(f"Enter alone sends again: {clean_line(draft, _MAX_SHOWN)}")
        text = ""
        while not text.strip():
            try:
                text = self._message()
            except KeyboardInterrupt as stop:
                if not is_ctrl_c(stop):
                    raise
                self._streams.draw("\n")
                self._setup.note(LEAVING)
                continue
            if not text.strip() and draft:
                text = draft
        self.keyboard.hold()
        return text

    def _message(self) -> str:
        """Lines, up to the first one that does not end in a backslash."""
        lines = [self._line(_PROMPT)]
        while lines[-1].endswith("\\"):
            lines[-1] = lines[-1][:-1]
            lines.append(self._line(_MORE))
        text, dropped = clean_paste("\n".join(lines))
        if dropped:
            self._setup.note(note_dropped_of_paste(dropped))
        return text

    def _line(self, prompt: str) -> str:
        """One line. What was typed ahead is shown after the prompt, as if it were typed now.

        Raises:
            EOFError: Ctrl-D on an empty line.
        """
        self._streams.draw(prompt)
        line, end, self._ahead = self._ahead.partition(b"\n")
        if line.startswith(_ENDS):  # Ctrl-D was typed ahead
            self._streams.draw("\n")
            raise EOFError
        line = line.translate(None, b"".join(_ENDS))
        self._streams.draw(clean_line(line.decode("utf-8", "replace")) + end.decode())
        while not end:
            part = os.read(STDIN, 1 << 16)
            if not part:  # Ctrl-D, which the terminal does not echo
                self._streams.draw("\n")
                if not line:
                    raise EOFError
                break
            line, end, self._ahead = (line + part).partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")

    def ask(self, question: str) -> str:
        """One short answer; "" for Ctrl-D and Ctrl-C."""
        with self.keyboard.free():
            ahead, self._ahead = self._ahead, b""
            try:
                return self._line(f"{question} ").strip()
            except EOFError:
                return ""
            except KeyboardInterrupt as stop:
                if not is_ctrl_c(stop):
                    raise
                self._streams.draw("\n")
                return ""
            finally:
                self._ahead = ahead + self._ahead

    def remember(self, text: str) -> None:
        """Nothing: there is no ↑ here."""

    def use_vi(self, on: bool) -> None:
        """Nothing: the terminal edits the line."""
