"""What a chat needs of whoever reads the person's lines, and what it tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mira_cli.terminal.keyboard import Keyboard

LEAVING = "Ctrl-D or /exit leaves."


def _nothing() -> None:
    """Do nothing."""


class PromptSetup(NamedTuple):
    """What the prompt cannot know by itself.

    Attributes:
        history_file: Where the lines are kept from one chat to the next; "" keeps none.
        vi: Edit as vi does, instead of as Emacs does.
        commands: The slash commands, each with what it does: ("/model", "Change the model.").
        values: What completes the argument of a command: values("/model"), values("/set"),
            values("/set theme"). Answers at once, from what is known.
        paths_after: The commands that a path follows.
        toolbar: Columns -> text of the bottom toolbar. Called at each key.
        edit: A text -> what the person's editor made of it; a MiraError is shown.
        note: Shows one dim line; the prompt makes room for it.
        cleared: Told that Ctrl-C took the text away.
    """

    history_file: str
    vi: bool
    commands: Sequence[tuple[str, str]]
    values: Callable[[str], Sequence[str]]
    paths_after: frozenset[str]
    toolbar: Callable[[int], str]
    edit: Callable[[str], str]
    note: Callable[[str], None]
    cleared: Callable[[], None] = _nothing


class LineReader(Protocol):
    """Reads what the person types, one message at a time.

    Attributes:
        keyboard: Held from the beginning and between two reads, so that nothing typed in between is shown or
            loses its meaning: it is kept for the next read, where a held Enter sends. Whoever opened the
            reader releases it in the end.
    """

    keyboard: Keyboard

    def read(self, draft: str = "", placeholder: str = "") -> str:
        """The next message. Blank ones are not sent.

        Args:
            draft: The text to begin with.
            placeholder: Shown while nothing is typed.

        Raises:
            EOFError: The person leaves (Ctrl-D).
        """
        ...

    def ask(self, question: str) -> str:
        """One short answer, on a line of its own; "" for Ctrl-D and Ctrl-C. Not kept in the history."""
        ...

    def use_vi(self, on: bool) -> None:
        """Edit as vi does from the next read on, or as Emacs does."""
        ...


def is_ctrl_c(stop: KeyboardInterrupt) -> bool:
    """Whether it is a Ctrl-C; TERM and HUP, which are to end the chat, arrive as kinds of it."""
    return type(stop) is KeyboardInterrupt


def note_dropped_of_paste(dropped: int) -> str:
    """What is said of characters that were left out of a pasted text."""
    what, were = ("character", "was") if dropped == 1 else ("characters", "were")
    return f"note: {dropped:,} invisible or control {what} of the pasted text {were} left out"
