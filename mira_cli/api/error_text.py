"""Finds errors that a server sends as if they were the answer. Pure, streaming."""

from __future__ import annotations

import re

# A whole delta begins so; the words in the middle of an answer mean nothing.
_ERROR_DELTAS = ("Ошибка: ", "Ошибка безопасности: ")

# A whole answer that is one bracketed Russian sentence: "[Модель недоступна. Попробуйте позже.]". Patterns
# are compiled when an answer begins with a bracket: few do.
_MAY_BECOME = r"\[(?:[А-ЯЁ][^\[\]\n]{0,400}(?:\]\s*)?)?"
_SENTENCE = r"\s*\[([А-ЯЁ][^\[\]\n]*)\]\s*"
_ENDS_AS_SENTENCE = (".", "!", "?", "…")
_SPEAKS_OF_FAILURE = r"(?i)ошибк|недоступ|не удалось|попробуйте|повторите|превышен|перегруж|лимит"


def is_error_delta(text: str) -> bool:
    """Whether a delta, taken whole, is an error message."""
    return text.startswith(_ERROR_DELTAS)


class BracketGuard:
    """Holds an answer back as long as it may turn out to be one bracketed Russian sentence, nothing else."""

    def __init__(self) -> None:
        self._blank: list[str] = []  # white space before anything else
        self._held = ""
        self._decided = False

    def feed(self, text: str) -> str:
        """The answer's text that may be shown."""
        if self._decided:
            return text
        if not self._held and not text.strip():
            self._blank.append(text)
            return ""
        self._held += text
        start = self._held.lstrip()
        if start.startswith("[") and re.fullmatch(_MAY_BECOME, start):
            return ""
        return self.release()

    def release(self) -> str:
        """Give out what is held."""
        self._decided = True
        held = "".join(self._blank) + self._held
        self._blank, self._held = [], ""
        return held

    @property
    def error(self) -> str:
        """The reply has ended: the server's sentence, if it is all that came, else ""."""
        match = re.fullmatch(_SENTENCE, self._held) if self._held else None
        if not match:
            return ""
        sentence = match[1].strip()
        says_so = sentence.endswith(_ENDS_AS_SENTENCE) or re.search(_SPEAKS_OF_FAILURE, sentence)
        return sentence if says_so else ""
