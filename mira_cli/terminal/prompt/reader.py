"""Who reads the person's lines: the base of both readers, and the one for `--plain` and TERM=dumb."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.terminal.prompt.tty import read_line
from mira_cli.terminal.sanitize import clean_line, clean_paste

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.streams import Streams

_MOST_LINES, _LINES_OF_LONG = 20, 5  # a message of more lines is shown as its first ones
_PROMPT, _MORE = "> ", "  "
_ENDS = (b"\0", b"\x04")  # a Ctrl-D that was typed ahead
_MAX_SHOWN = 60  # characters of a question that Enter alone sends again
LEAVING = "Press Ctrl-D or type /exit to quit."


@dataclass(frozen=True, slots=True)
class PromptSetup:
    """What a chat brings to the prompt.

    Attributes:
        history_file: Where the lines are kept from one chat to the next; "" keeps none.
        vi: Edit as vi does, instead of as Emacs does.
        theme: The setting, which says in which colour questions are shown.
        words: The words that may follow "" (a command), "/model", "/set theme", each with a description; None
            where a path goes. Returns at once.
        toolbar: Columns -> text of the bottom toolbar. Called at each key.
        edit: A text -> what the person's editor made of it; a MiraError is shown.
        drawn: Called each time the input line has been drawn.
        cleared: Called when the draft is gone: Ctrl-C has cleared the text, or it has given way.
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
    """Reads what the person types, one message at a time.

    Attributes:
        keyboard: Held from the beginning and between two reads: what is typed meanwhile is not echoed, and
            kept for the next read, where a held Enter sends.
    """

    def __init__(self, streams: Streams, setup: PromptSetup, keyboard: Keyboard) -> None:
        self._streams = streams
        self._setup = setup
        self.keyboard = keyboard

    def read(self, draft: str = "", placeholder: str = "", *, returned: bool = False) -> str:
        """The next message. Blank ones are not sent.

        Args:
            draft: The text to begin with.
            placeholder: Shown while nothing is typed.
            returned: The draft is a question that was stopped: if anything was typed ahead, that is shown
                instead of it.

        Raises:
            EOFError: The person leaves (Ctrl-D).
            Interrupted: The terminal is gone.
        """
        raise NotImplementedError

    def ask(self, question: str) -> str:
        """One short answer, on a line of its own; "" for Ctrl-D and Ctrl-C. Not kept in the history.

        What was typed before the question was shown is not the answer: it is kept for the next read.
        """
        with self.keyboard.free():
            try:
                self.keyboard.write(f"{question} ")
                line = read_line()
            except KeyboardInterrupt as stop:
                if type(stop) is not KeyboardInterrupt:  # TERM and HUP end the chat
                    raise
                line = b""
            if not line.endswith(b"\n"):
                self.keyboard.write("\n")
        return line.decode("utf-8", "replace").strip()

    def remember(self, text: str) -> None:
        """Put a message that was not typed here, a question of the command line, under ↑, if there is one."""

    def use_vi(self, on: bool) -> None:
        """Edit as vi does from the next read on, or as Emacs does, if it is we who edit."""


class PlainPrompt(LineReader):
    """The terminal itself edits the line, and a backslash continues it. No escape sequences, no redrawing."""

    _ahead = b""  # read, but not returned yet

    def read(self, draft: str = "", placeholder: str = "", *, returned: bool = False) -> str:
        """The next message. A draft cannot be edited here: Enter alone sends it again.

        No placeholder is shown, since it could not be erased again.
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

    def _message(self) -> str:
        """Lines, up to the first one that does not end in a backslash; "" if they are blank."""
        lines = [self._line(_PROMPT)]
        while lines[-1].endswith("\\"):
            lines[-1] = lines[-1][:-1]
            lines.append(self._line(_MORE))
        text = clean_pasted("\n".join(lines), self._streams.note)
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


def show_question(streams: Streams, text: str, theme: str) -> None:
    """Show a question that was sent, of a long one its first lines, except to a screen reader."""
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
    """Pasted text without characters that could hide instructions; `note` says how many were left out."""
    kept, dropped = clean_paste(text)
    if dropped:
        what, were = ("character", "was") if dropped == 1 else ("characters", "were")
        note(f"note: {dropped:,} invisible or control {what} in the pasted text {were} left out")
    return kept
