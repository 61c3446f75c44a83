"""Where each setting stands in the text of a TOML file, so that one can be changed and all else be kept.

Only for text that tomllib has accepted: what is found here is where things are, not whether they are right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = re.compile(r"[ \t\r\n\ufeff]*(?:#[^\n]*)?(?:\n|$)|[ \t\ufeff]+")
_NAME = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'|[ \t]*\.[ \t]*)+"""
_KEY = re.compile(_NAME)
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_REST = re.compile(r"[^\n]*(?:\n|$)")
_STRING = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""(?:"(?!")|""(?!"))?|\'\'\'.*?\'\'\'(?:'(?!')|''(?!'))?'''
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'""",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^\s#,=\"'\[\]{}]+(?:[ ]\d\d:[^\s#,\]}]+)?")  # the space of a date and time

_TABLE = re.compile(r"^\ufeff?[ \t]*\[", re.MULTILINE)
_HEADER = re.compile(rf"^\ufeff?[ \t]*\[\[?[ \t]*({_NAME})", re.MULTILINE)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')


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
        if text.startswith("\ufeff", start):
            start += 1
        yield Assignment(
            _name(key.group()), text.count("\n", 0, start) + 1, start, value_start, value_end, end
        )
        position = end


def line_of(text: str, name: str) -> int:
    """The number, from 1, of the first line that assigns `name` or begins a table `[name]`; 0 for none."""
    end = 0
    for found in assignments(text):
        if found.name == name:
            return found.line
        end = found.end
    for header in _HEADER.finditer(text, end):
        if _name(header.group(1)) == name:
            return text.count("\n", 0, header.start()) + 1
    return 0


def assign(text: str, name: str, value: str) -> str:
    """The text with `name = value`, a TOML literal, in the place of the old value or on its own line.

    A new line goes after the last one of the root table, so that it belongs to no other table.
    """
    end = 1 if text.startswith("\ufeff") else 0
    for found in assignments(text):
        if found.name == name:
            return text[: found.value_start] + value + text[found.value_end :]
        end = found.end
    newline = "\r\n" if "\r\n" in text else "\n"
    if not _TABLE.search(text, 0 if end <= 1 else end):
        end = len(text)
    before = text[:end]
    if before.removeprefix("\ufeff") and not before.endswith("\n"):
        before += newline
    return f"{before}{name} = {value}{newline}{text[end:]}"


def remove(text: str, name: str) -> str:
    """The text without the lines that assign `name`."""
    for found in assignments(text):
        if found.name == name:
            return text[: found.start] + text[found.end :]
    return text


def literal(value: object) -> str:
    """A value as TOML writes it on one line (TOML 1.0.0, String, Integer, Float, Boolean, Array)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(part) for part in value) + "]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        return '"' + _ESCAPED.sub(_escape, value) + '"'
    return repr(value)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _ESCAPES.get(character) or f"\\u{ord(character):04X}"


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
        elif character in " \t\r\n,=":  # `=` of an inline table
            position += 1
        else:
            found = _PLAIN.match(text, position)
            position = found.end() if found else position + 1
        if depth == 0:
            break
    return position


def _name(key: str) -> str:
    if key[0] in "\"'":
        import tomllib

        return next(iter(tomllib.loads(f"{key} = 0")))
    return key.partition(".")[0].strip()
