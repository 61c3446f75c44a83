"""Keeps text from outside from controlling the terminal. The text may be fed in any pieces.

Each dangerous character is replaced on its own, visibly. Sequences aren't parsed, so an unfinished one cannot
swallow text. Invisible characters are dropped and counted.
"""

from __future__ import annotations

import re

LONGEST_LINE = 800  # characters of outside text in one of our lines
_LONGEST_INPUT = 4096  # characters examined to make that line

_BLACK_FLAG = "\U0001f3f4"
_TAG_END = "\U000e007f"
_LONGEST_FLAG = 6  # tag letters and digits between black flag and tag end
_JOINERS = "\u200c\u200d"
_LAST_TWO = 0xFFFE  # the last two code points of every plane are noncharacters
_CARET = 0x40  # distance between a control character and its letter in ^X

# Everything that may need replacing. Includes all of planes 2 and up, which are rare: one range is faster to
# test than noncharacters, tags and selectors separately.
_SPECIAL = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\ufe00-\ufe0f"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U0001fffe-\U0010ffff]"
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
        return self._sift(self._before + self._held + text, len(self._before))

    def finish(self) -> None:
        """End the text: tags that were held back didn't make a flag, so they are dropped."""
        self.dropped += len(self._held)
        self._before = self._held = ""

    def _sift(self, text: str, start: int) -> str:
        """The safe form of `text` from `start`; the character before `start` is context."""
        self._held = ""
        if start and text[0] == "\r" and text.startswith("\n", 1):
            start = 2  # the CR already made the line end
        parts: list[str] = []
        kept_to = start  # everything before it is done, such as the rest of a CR LF or of a flag
        for match in _SPECIAL.finditer(text, start):
            at = match.start()
            if at < kept_to:
                continue
            end = _end_of_flag(text, at)
            if end == len(text) and text[-1] != _TAG_END:
                self._held = text[at:]
                text = text[:at]
                break
            if end > at:
                kept_to = end
                continue
            parts += (text[start:at], self._instead(text[at], text[at - 1] if at else ""))
            start = kept_to = at + (2 if text.startswith("\r\n", at) else 1)
        parts.append(text[start:])
        self._before = text[-1]
        return "".join(parts)

    def _instead(self, char: str, before: str) -> str:
        """The replacement for a character that is in `_SPECIAL` and not part of a flag."""
        if char in "\r\u2028\u2029":
            return "\n"
        if _is_no_character(char):
            return "\ufffd"
        if _is_harmless(char) or _takes(before, char):
            return char
        if self._show_controls and _is_control(char):
            return _visibly(char)
        self.dropped += 1
        return ""


def _end_of_flag(text: str, at: int) -> int:
    """The end of the flag tags at `at`; the end of `text` if they may continue; `at` if there is no flag."""
    if not _is_flag_tag(text[at]) or text[at - 1 : at] != _BLACK_FLAG:
        return at
    end = at
    while end < len(text) and _is_flag_tag(text[end]):
        end += 1
    if end - at > _LONGEST_FLAG:
        return at
    if end == len(text):
        return end
    return end + 1 if text[end] == _TAG_END else at


def _is_flag_tag(char: str) -> bool:
    """One of the tag digits and small letters that flags are spelled with."""
    return "\U000e0030" <= char <= "\U000e0039" or "\U000e0061" <= char <= "\U000e007a"


def _is_no_character(char: str) -> bool:
    """A surrogate or a noncharacter."""
    return "\ud800" <= char <= "\udfff" or "\ufdd0" <= char <= "\ufdef" or ord(char) & _LAST_TWO == _LAST_TWO


def _is_control(char: str) -> bool:
    """C0, DEL, C1 or one that reorders what follows."""
    return char <= "\x9f" or "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069"


def _visibly(char: str) -> str:
    return f"^{chr(ord(char) ^ _CARET)}" if char.isascii() else f"<U+{ord(char):04X}>"


def _is_harmless(char: str) -> bool:
    """In `_SPECIAL` only because all of the upper planes are."""
    return "\U00020000" <= char < "\U000e0000" or "\U000e0080" <= char < "\U000e0100" or char > "\U000e01ef"


def _takes(before: str, selector: str) -> bool:
    """Whether this is a variation selector, and the character before it can have one."""
    if "\ufe00" <= selector <= "\ufe0f":
        return _is_visible(before)
    return "\U000e0100" <= selector <= "\U000e01ef" and _is_ideograph(before)


def _is_ideograph(char: str) -> bool:
    return (
        "\u4e00" <= char <= "\u9fff"
        or "\u3400" <= char <= "\u4dbf"
        or "\uf900" <= char <= "\ufaff"
        or "\U00020000" <= char <= "\U0003fffd"
    )


def _is_visible(char: str) -> bool:
    if not char or char.isspace() or char in _JOINERS or _is_no_character(char):
        return False
    return _is_harmless(char) or _SPECIAL.match(char) is None


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
