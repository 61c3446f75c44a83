"""The input line for `--plain` and TERM=dumb: no escape sequences, no redrawing."""

from __future__ import annotations

from mira_cli.terminal.prompt.hidden import read_line
from mira_cli.terminal.prompt.reader import LEAVING, LineReader, is_ctrl_c, note_dropped_of_paste
from mira_cli.terminal.sanitize import clean_line, clean_paste

_PROMPT, _MORE = "> ", "  "
_ENDS = (b"\0", b"\x04")  # a Ctrl-D that was typed ahead
_MAX_SHOWN = 60  # characters of a question that Enter alone sends again


class PlainPrompt(LineReader):
    """The terminal itself edits the line; a backslash continues it."""

    _ahead = b""  # read, but not returned yet

    def read(self, draft: str = "", placeholder: str = "", *, returned: bool = False) -> str:
        """The next message; see LineReader. A draft cannot be edited here: Enter alone sends it again.

        No placeholder is shown, since it could not be erased again.
        """
        self.keyboard.release()
        self._ahead += self.keyboard.take()
        if self._ahead and draft and returned:
            self._setup.cleared()
            draft = ""
        if draft:
            self._streams.note(f"Enter alone sends again: {clean_line(draft, _MAX_SHOWN)}")
        text = ""
        while not text.strip():
            try:
                text = self._message() or draft
            except KeyboardInterrupt as stop:
                if not is_ctrl_c(stop):
                    raise
                self._streams.draw("\n")
                self._streams.note(LEAVING)
        self.keyboard.hold()
        return text

    def _message(self) -> str:
        """Lines, up to the first one that does not end in a backslash; "" if they are blank."""
        lines = [self._line(_PROMPT)]
        while lines[-1].endswith("\\"):
            lines[-1] = lines[-1][:-1]
            lines.append(self._line(_MORE))
        text, dropped = clean_paste("\n".join(lines))
        if dropped:
            self._streams.note(note_dropped_of_paste(dropped))
        return text if text.strip() else ""

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
        if not end:
            line += read_line()
            if not line.endswith(b"\n"):  # Ctrl-D, which the terminal does not echo
                self._streams.draw("\n")
            if not line:
                raise EOFError
        return line.decode("utf-8", "replace").rstrip("\r\n")
