"""What a chat needs of whoever reads the person's lines, what it tells them, and which reader fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mira_cli.terminal.prompt.keyboard import can_edit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mira_cli.terminal.prompt.keyboard import Keyboard
    from mira_cli.terminal.streams import Streams

_MOST_LINES, _LINES_OF_LONG = 20, 5  # a message of more lines is shown as its first ones
LEAVING = "Press Ctrl-D or type /exit to quit."


def _do_nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class PromptSetup:
    """What the prompt cannot know by itself.

    Attributes:
        history_file: Where the lines are kept from one chat to the next; "" keeps none.
        vi: Edit as vi does, instead of as Emacs does.
        commands: The slash commands and their descriptions: ("/model", "Change the model.").
        values: The completions of a command's argument: values("/model"), values("/set"),
            values("/set theme"). Returns at once.
        paths_after: The commands that take a path.
        toolbar: Columns -> text of the bottom toolbar. Called at each key.
        edit: A text -> what the person's editor made of it; a MiraError is shown.
        note: Shows one dim line; the prompt makes room for it.
        drawn: Called each time the input line has been drawn.
        cleared: Called when the draft is gone: Ctrl-C has cleared the text, or it has given way.
        accent: The colour of what is typed, `cyan` or `#005f87`.
    """

    history_file: str
    vi: bool
    commands: Sequence[tuple[str, str]]
    values: Callable[[str], Sequence[str]]
    paths_after: frozenset[str]
    toolbar: Callable[[int], str]
    edit: Callable[[str], str]
    note: Callable[[str], None]
    drawn: Callable[[], None] = _do_nothing
    cleared: Callable[[], None] = _do_nothing
    accent: str = ""


class LineReader(Protocol):
    """Reads what the person types, one message at a time.

    Attributes:
        keyboard: Held from the beginning and between two reads: what is typed meanwhile is not echoed, and
            kept for the next read, where a held Enter sends. Whoever opened the reader releases it.
    """

    keyboard: Keyboard

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
        ...

    def ask(self, question: str) -> str:
        """One short answer, on a line of its own; "" for Ctrl-D and Ctrl-C. Not kept in the history.

        What was typed before the question was shown is not the answer: it is kept for the next read.
        """
        ...

    def remember(self, text: str) -> None:
        """Put a message that was not typed here, a question of the command line, under ↑."""
        ...

    def use_vi(self, on: bool) -> None:
        """Edit as vi does from the next read on, or as Emacs does."""
        ...


def open_prompt(streams: Streams, setup: PromptSetup, keyboard: Keyboard) -> LineReader:
    """The reader that fits the terminal. Where a line can be edited this loads prompt_toolkit.

    Args:
        streams: The terminal.
        setup: What the chat brings.
        keyboard: As hold_keys() gave it.
    """
    if can_edit(streams):
        from mira_cli.terminal.prompt.session import Prompt

        return Prompt(streams, setup, keyboard)
    from mira_cli.terminal.prompt.plain import PlainPrompt

    return PlainPrompt(streams, setup, keyboard)


def first_lines(message: str) -> tuple[str, int]:
    """What is shown of a message once it is sent, of a long one its start; and how many lines are not."""
    lines = message.split("\n")
    if len(lines) <= _MOST_LINES:
        return message, 0
    return "\n".join(lines[:_LINES_OF_LONG]), len(lines) - _LINES_OF_LONG


def is_ctrl_c(stop: KeyboardInterrupt) -> bool:
    """Whether it is Ctrl-C; TERM and HUP, which end the chat, arrive as subclasses of it."""
    return type(stop) is KeyboardInterrupt


def note_dropped_of_paste(dropped: int) -> str:
    """The note on characters that were left out of a pasted text."""
    what, were = ("character", "was") if dropped == 1 else ("characters", "were")
    return f"note: {dropped:,} invisible or control {what} in the pasted text {were} left out"
