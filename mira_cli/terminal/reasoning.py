"""Shows a model's reasoning on standard error as it arrives, before the answer."""

from __future__ import annotations

import re
from string import ascii_letters, digits
from typing import TYPE_CHECKING

from mira_cli.masking import redact
from mira_cli.terminal.sanitize import Sanitizer

if TYPE_CHECKING:
    from mira_cli.terminal.streams import Streams

_LABEL = "Reasoning: "  # used without colour, to tell it from the answer
_OF_KEYS = f"{ascii_letters}{digits}-_%"  # the characters of API keys, URL-encoded ones too


class ReasoningView:
    """The reasoning of one reply: dim, sanitised, and on a terminal wrapped between words.

    Text is written as it arrives, except a last word that may be incomplete: it may wrap, or be a key.
    """

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._sanitizer = Sanitizer()
        self._folds = streams.err_tty and not streams.plain
        self._word = ""  # not written yet
        self._column = 0
        self._begun = False

    def feed(self, text: str) -> None:
        """Show the next piece."""
        text = self._sanitizer.feed(text)
        if not self._begun:
            text = text.lstrip()
        if not text:
            return
        if not self._begun:
            self._begun = True
            if self._streams.err_tty and not self._streams.stderr.color:
                text = _LABEL + text
        text = self._word + text
        if self._folds:
            self._word = "" if text[-1].isspace() else text.rsplit(None, 1)[-1]
        else:
            self._word = text[len(text.rstrip(_OF_KEYS)) :]
        self._write(text.removesuffix(self._word))

    def end(self) -> None:
        """End the last line, and add an empty one before an answer on the same terminal."""
        if not self._begun:
            return
        self._write(self._word)
        end = "" if self._column == 0 else "\n"
        self._streams.draw(end + ("\n" if self._streams.err_tty and self._streams.out_tty else ""))

    def _write(self, text: str) -> None:
        """Write whole words."""
        if self._folds:
            text = self._fold(text)
        elif text:
            self._column = 0 if text.endswith("\n") else 1
        if text:
            self._streams.draw(self._streams.styled(redact(text), "dim"))

    def _fold(self, text: str) -> str:
        """The words, each on a new row if it does not fit on this one."""
        from mira_cli.terminal.cells import width

        shown = ""
        for word in re.findall(r"\n|\S+", text):
            before = " " if self._column and word != "\n" else ""
            self._column += len(before) + width(word)
            if before and self._column > self._streams.err_width():
                before, self._column = "\n", width(word)
            if word == "\n":
                self._column = 0
            shown += before + word
        return shown
