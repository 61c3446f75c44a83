"""Shows a model's reasoning on standard error as it arrives, before the answer."""

from __future__ import annotations

import re
from string import ascii_letters, digits
from typing import TYPE_CHECKING

from mira_cli.masking import redact
from mira_cli.terminal.sanitize import Sanitizer

if TYPE_CHECKING:
    from mira_cli.terminal.streams import Streams

_OF_KEYS = f"{ascii_letters}{digits}-_%"  # the characters of API keys, URL-encoded ones too
_PARTS = re.compile(r"\n|[^\S\n]+|\S+")
_LABEL = "Reasoning: "  # used without colour, to tell it from the answer


class ReasoningView:
    """The reasoning of one reply: dim, sanitised, and on a terminal wrapped between words.

    Text is written as it arrives, except a last word that may be incomplete: it may wrap, or be a key.
    """

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._sanitizer = Sanitizer()
        self._folds = streams.err_tty and not streams.plain
        self._word = ""  # not written yet, like the space before it
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
        self._write(self._fold(text) if self._folds else self._whole(text))

    def end(self) -> None:
        """End the last line, and add an empty one before an answer on the same terminal."""
        if not self._begun:
            return
        self._write(self._take_word() if self._folds else self._word)
        end = "" if self._column == 0 else "\n"
        self._streams.draw(end + ("\n" if self._streams.err_tty and self._streams.out_tty else ""))

    def _whole(self, text: str) -> str:
        """The text without its last word, if that may go on."""
        text = self._word + text
        whole = text.rstrip(_OF_KEYS)
        self._word = text[len(whole) :]
        return whole

    def _fold(self, text: str) -> str:
        """The text with line breaks, without its last word."""
        shown = ""
        for part in _PARTS.findall(text):
            if not part.isspace():
                self._word += part
                continue
            shown += self._take_word()
            if part == "\n":
                self._column = 0
                shown += part
        return shown

    def _take_word(self) -> str:
        """The last word, on a new row if it does not fit on this one."""
        from mira_cli.terminal.cells import width

        word, self._word = self._word, ""
        if not word:
            return ""
        before = " " if self._column else ""
        self._column += len(before) + width(word)
        if before and self._column > self._streams.err_width():
            before, self._column = "\n", width(word)
        return before + word

    def _write(self, text: str) -> None:
        if text:
            if not self._folds:
                self._column = 0 if text.endswith("\n") else 1
            self._streams.draw(self._streams.styled(redact(text), "dim"))
