"""Reads what the person types: the base class, and the reader for `--plain` and TERM=dumb."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.terminal.prompt.tty import read_line
from mira_cli.terminal.sanitize import clean_line, clean_paste

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.streams import Streams

_MOST_LINES, _LINES_OF_LONG = 20, 5  # of a message with more lines the first ones are shown
_PROMPT, _MORE = "> ", "  "
_ENDS = (b"\0", b"\x04")  # how a Ctrl-D that was typed ahead is read
_MAX_SHOWN = 60  # characters of a draft
LEAVING = "Press Ctrl-D or type /exit to quit."


@dataclass(frozen=True, slots=True)
class PromptSetup:
    """The settings and callbacks that a chat gives to the prompt.

    Attributes:
        history_file: File of the input history; "" for none.
        vi: Use vi keys instead of Emacs keys.
        theme: The setting, which chooses the colour of questions.
        words: Text before the cursor ("", "/model", "/set theme") -> the words that may follow, each with a
            description; None if a path follows. Must not block.
        toolbar: Columns -> text of the bottom toolbar. Called at each key.
        edit: Text -> the text from the person's editor. A MiraError is shown.
        drawn: Called each time the input line has been drawn.
        cleared: Called when the draft is dropped: by Ctrl-C, or for text that was typed ahead.
    """

    history_file: str
    vi: bool
    theme: str
    words: Callable[[str], Sequence[tuple[str, str]] | None]
    toolbar: Callable[[int], str]
    edit: Callable[[str], str]
    drawn: Callable[[], None]
    cleared: Callable[[], None]


class LineReader:
    """Reads one message at a time.

    Attributes:
        keyboard: Holds the keys between two reads. The next read gets them, and a held Enter sends.
    """

    def __init__(self, streams: Streams, setup: PromptSetup, keyboard: Keyboard) -> None:
        self._streams = streams
        self._setup = setup
        self.keyboard = keyboard

    def read(self, draft: str = "", placeholder: str = "", *, returned: bool = False) -> str:
        """Read the next message, which is never blank.

        Args:
            draft: The text to begin with.
            placeholder: Shown while the input line is empty.
            returned: Whether the draft is a question that was stopped. Text that was typed ahead replaces it.

        Raises:
            EOFError: The person leaves (Ctrl-D).
            Interrupted: The terminal was closed.
        """
        raise NotImplementedError

    def ask(self, question: str) -> str:
        """Ask a short question and return the answer; "" for Ctrl-D and Ctrl-C.

        Text that was typed before the question was shown is kept for the next read.
        """
        with self.keyboard.free():
            try:
                self.keyboard.write(f"{question} ")
                line = read_line()
            except KeyboardInterrupt as stop:
                if type(stop) is not KeyboardInterrupt:  # a subclass: TERM and HUP end the chat
                    raise
                line = b""
            if not line.endswith(b"\n"):
                self.keyboard.write("\n")
        return line.decode("utf-8", "replace").strip()

    def take_line(self) -> str:
        """Take the first line that was typed ahead, with its newline, for `read_hidden`.

        An unfinished line has none. Only while the keyboard is free.
        """
        raise NotImplementedError

    def remember(self, text: str) -> None:
        """Add a message to the history that was not typed here: a question from the command line."""

    def use_vi(self, on: bool) -> None:
        """Use vi keys from the next read on, or Emacs keys."""


class PlainPrompt(LineReader):
    """The terminal edits the line; a backslash continues it. No escape sequences, no redrawing."""

    _ahead = b""  # typed ahead, not returned yet

    def read(self, draft: str = "", placeholder: str = "", *, returned: bool = False) -> str:
        """Read the next message. A draft can't be edited here: Enter alone sends it again.

        The placeholder is not shown, since it couldn't be erased.
        """
        with self.keyboard.free():
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
                    if type(stop) is not KeyboardInterrupt:
                        raise
                    self._streams.draw("\n")
                    self._streams.note(LEAVING)
        return text

    def take_line(self) -> str:
        """Take the first line that was typed ahead; see LineReader."""
        line, end, self._ahead = (self._ahead + self.keyboard.take()).partition(b"\n")
        return (line + end).decode("utf-8", "replace")

    def _message(self) -> str:
        """Read lines up to the first one that doesn't end with a backslash; "" if they are blank."""
        lines = [self._line(_PROMPT)]
        while lines[-1].endswith("\\"):
            lines[-1] = lines[-1][:-1]
            lines.append(self._line(_MORE))
        text = clean_pasted("\n".join(lines), self._streams.note)
        return text if text.strip() else ""

    def _line(self, prompt: str) -> str:
        """Read one line. Text that was typed ahead is shown after the prompt, as if it were typed now.

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


def show_question(streams: Streams, text: str, theme: str) -> None:
    """Show a question that was sent; only the first lines of a long one, but all of it with `--plain`."""
    if streams.plain or not is_long(text):
        streams.question(text, theme)
    else:
        lines = text.split("\n")
        streams.question("\n".join(lines[:_LINES_OF_LONG]), theme)
        streams.note(f"… {len(lines) - _LINES_OF_LONG:,} more lines", always=True)


def is_long(text: str) -> bool:
    """Whether only the first lines of a question are shown once it is sent."""
    return text.count("\n") >= _MOST_LINES


def clean_pasted(text: str, note: Callable[[str], None]) -> str:
    """Pasted text without characters that could hide instructions; `note` shows how many were dropped."""
    kept, dropped = clean_paste(text)
    if dropped:
        what, were = ("character", "was") if dropped == 1 else ("characters", "were")
        note(f"note: {dropped:,} invisible or control {what} in the pasted text {were} left out")
    return kept
