"""Where each setting stands in the text of a TOML file, so that one can be changed and all else be kept.

Only for text that tomllib has accepted: what is found here is where things are, not whether they are right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = re.compile(r"[ \t\r\n]*(?:#[^\n]*)?(?:\n|$)|[ \t]+")
_KEY = re.compile(r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'|[ \t]*\.[ \t]*)+""")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_REST = re.compile(r"[^\n]*(?:\n|$)")
_STRING = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""(?:"(?!")|""(?!"))?|\'\'\'.*?\'\'\'(?:'(?!')|''(?!'))?'''
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'""",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^\s#,\]}]+(?:[ ]\d\d:[^\s#,\]}]+)?")  # the space of a date and time


@dataclass(frozen=True, slots=True)
class Assignment:
    """One `key = value` before the first table; offsets into the text.

    Attributes:
        name: The first part of the key, unquoted.
        line: The number of its first line, from 1.
        start: Where its first line starts.
        value_start: Where its value starts.
        value_end: The end of its value, which may be lines further down.
        end: The end of its last line, the newline included.
    """

    name: str
    line: int
    start: int
    value_start: int
    value_end: int
    end: int


def assignments(text: str) -> Iterator[Assignment]:
    """The assignments of the root table, in order."""
    position = 0
    while position < len(text):
        blank = _BLANK.match(text, position)
        if blank and blank.end() > position:
            position = blank.end()
            continue
        key = _KEY.match(text, position)
        if key is None:  # `[table]`
            return
        equals = _EQUALS.match(text, key.end())
        value_start = equals.end() if equals else key.end()
        value_end = _value_end(text, value_start)
        rest = _REST.match(text, value_end)
        end = rest.end() if rest else len(text)
        start = text.rfind("\n", 0, position) + 1
        yield Assignment(
            _name(key.group()), text.count("\n", 0, start) + 1, start, value_start, value_end, end
        )
        position = end


def _value_end(text: str, position: int) -> int:
    depth = 0
    while position < len(text):
        character = text[position]
        if character in "\"'":
            found = _STRING.match(text, position)
            position = found.end() if found else len(text)
        elif character in "[{":
            depth += 1
            position += 1
        elif character in "]}":
            depth -= 1
            position += 1
        elif character == "#":
            newline = text.find("\n", position)
            position = len(text) if newline < 0 else newline
        elif character in " \t\r\n,":
            position += 1
        else:
            found = _PLAIN.match(text, position)
            position = found.end() if found else position + 1
        if depth == 0:
            break
    return position


def _name(key: str) -> str:
    if key[0] in "\"'":
        import tomllib  # noqa: PLC0415 - only a quoted key needs it

        return next(iter(tomllib.loads(f"{key} = 0")))
    return key.partition(".")[0].strip()
