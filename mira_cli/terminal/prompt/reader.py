"""The base of whoever reads the person's lines, and what a chat brings to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.terminal.prompt.hidden import read_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.streams import Streams

_MOST_LINES, _LINES_OF_LONG = 20, 5  # a message of more lines is shown as its first ones
LEAVING = "Press Ctrl-D or type /exit to quit."


@dataclass(frozen=True, slots=True)
class PromptSetup:
    """What the prompt cannot know by itself.

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
            kept for the next read, where a held Enter sends. Whoever opened the reader releases it.
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
                if not is_ctrl_c(stop):
                    raise
                line = b""
            if not line.endswith(b"\n"):
                self.keyboard.write("\n")
        return line.decode("utf-8", "replace").strip()

    def remember(self, text: str) -> None:
        """Put a message that was not typed here, a question of the command line, under ↑, if there is one."""

    def use_vi(self, on: bool) -> None:
        """Edit as vi does from the next read on, or as Emacs does, if it is we who edit."""


def show_question(streams: Streams, text: str, theme: str) -> None:
    """Show a question that was sent, of a long one its first lines, except to a screen reader."""
    lines = text.split("\n")
    if streams.plain or len(lines) <= _MOST_LINES:
        streams.question(text, theme)
    else:
        streams.question("\n".join(lines[:_LINES_OF_LONG]), theme)
        streams.note(f"… {len(lines) - _LINES_OF_LONG:,} more lines", always=True)


def is_long(text: str) -> bool:
    """Whether only the first lines of a question are shown once it is sent."""
    return text.count("\n") >= _MOST_LINES


def is_ctrl_c(stop: KeyboardInterrupt) -> bool:
    """Whether it is Ctrl-C; TERM and HUP, which end the chat, arrive as subclasses of it."""
    return type(stop) is KeyboardInterrupt


def note_dropped_of_paste(dropped: int) -> str:
    """The note on characters that were left out of a pasted text."""
    what, were = ("character", "was") if dropped == 1 else ("characters", "were")
    return f"note: {dropped:,} invisible or control {what} in the pasted text {were} left out"
