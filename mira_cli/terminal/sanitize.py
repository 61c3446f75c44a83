"""Keeps text from outside from controlling the terminal. The text may be fed in any pieces.

Each dangerous character is replaced on its own, visibly. Sequences aren't parsed, so an unfinished one cannot
swallow text. Invisible characters are dropped and counted.
"""

from __future__ import annotations

import re

LONGEST_LINE = 800  # characters of outside text in one of our lines
_LONGEST_INPUT = 4096  # characters examined to make that line

_CARET = 0x40  # distance between a control character and its letter in ^X

# Parts of character classes.
_CONTROLS = "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u202a-\u202e\u2066-\u2069"  # C0, DEL, C1, what reorders text
_INVISIBLE = (
    "\ufe00-\ufe0f"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
)
_TAGS, _SELECTORS = "\U000e0000-\U000e007f", "\U000e0100-\U000e01ef"
_NONCHARACTERS = "\ud800-\udfff\ufdd0-\ufdef" + "".join(
    chr(last - 1) + chr(last) for last in range(0xFFFF, 0x110000, 0x10000)
)

# Everything that may need replacing. Includes all of planes 2 and up, which are rare: one range is faster to
# test than noncharacters, tags and selectors separately.
_SPECIAL = re.compile(
    f"[{_CONTROLS}\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff{_INVISIBLE}\U0001fffe-\U0010ffff]"
)
_FLAG = "(?<=\U0001f3f4)[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}"  # tags behind the black flag
_VISIBLE = f"[^\\s\u200c\u200d{_CONTROLS}{_NONCHARACTERS}{_INVISIBLE}{_TAGS}{_SELECTORS}]"
_IDEOGRAPHS = "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]"

# What becomes of the special characters; of alternatives the first one counts.
_KINDS = (
    "(?P<line_end>\r\n?|[\u2028\u2029])"
    f"|(?P<noncharacter>[{_NONCHARACTERS}])"
    f"|(?P<kept>{_FLAG}\U000e007f|(?<={_VISIBLE})[\ufe00-\ufe0f]|(?<={_IDEOGRAPHS})[{_SELECTORS}])"
    f"|(?P<control>[{_CONTROLS}])"
    f"|(?P<invisible>[{_INVISIBLE}{_TAGS}{_SELECTORS}])"
)
_BREAKS = re.compile(r"[\t\n]+")


class Sanitizer:
    """Makes text safe to show, piece by piece.

    The result doesn't depend on how the text is split, and sanitising twice changes nothing. Unchanged are:
    tab, newline, the joiners U+200C and U+200D, one variation selector after a visible character, and the
    tags of a well-formed flag. `dropped` counts the characters that were left out.

    The state is the previous character and the tags of a flag that may still be completed.
    """

    def __init__(self, *, show_controls: bool = True) -> None:
        self.dropped = 0
        self._show_controls = show_controls
        self._before = ""
        self._held = ""

    def feed(self, text: str) -> str:
        """The next piece, safe to show at once."""
        if not text:
            return ""
        if not self._held and self._before != "\r" and _SPECIAL.search(text) is None:
            self._before = text[-1]
            return text
        text, start = self._before + self._held + text, len(self._before)
        self._held = ""
        if text.startswith("\r\n") and start:
            start = 2  # the CR already made the line end
        unfinished = re.search(f"{_FLAG}\\Z", text)
        if unfinished is not None:
            self._held = unfinished[0]
            text = text[: unfinished.start()]
        self._before = text[-1]
        parts: list[str] = []
        for special in _SPECIAL.finditer(text, start):
            found = re.compile(_KINDS).match(text, special.start())
            if found is not None and found.start() >= start:
                parts += (text[start : found.start()], self._replacement(found))
                start = found.end()
        return "".join([*parts, text[start:]])

    def finish(self) -> None:
        """End the text: tags that were held back didn't make a flag, so they are dropped."""
        self.dropped += len(self._held)
        self._before = self._held = ""

    def _replacement(self, found: re.Match[str]) -> str:
        kind, char = found.lastgroup, found[0]
        if kind == "line_end":
            return "\n"
        if kind == "noncharacter":
            return "\ufffd"
        if kind == "kept":
            return char
        if kind == "control" and self._show_controls:
            return f"^{chr(ord(char) ^ _CARET)}" if char.isascii() else f"<U+{ord(char):04X}>"
        self.dropped += 1
        return ""


def clean(text: str) -> str:
    """A whole text, safe to show; newlines and tabs stay."""
    return Sanitizer().feed(text)


def clean_line(text: str, limit: int = LONGEST_LINE) -> str:
    """Text from outside for one of our lines: safe, no tabs or newlines, at most `limit` characters."""
    line = _BREAKS.sub(" ", clean(text[:_LONGEST_INPUT])).strip()
    cut = len(text) > _LONGEST_INPUT or len(line) > limit
    return f"{line[: limit - 1]}…" if cut else line


def clean_paste(text: str) -> tuple[str, int]:
    """Pasted text without characters that could hide instructions, and the number of dropped characters.

    Also drops control and bidi characters, which nobody types on purpose. Tabs and newlines stay; CR LF
    becomes LF.
    """
    sanitizer = Sanitizer(show_controls=False)
    kept = sanitizer.feed(text)
    sanitizer.finish()
    return kept, sanitizer.dropped
