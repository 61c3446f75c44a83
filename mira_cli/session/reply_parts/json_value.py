"""Parses strict JSON, and finds the JSON in a reply."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from mira_cli.session.reply_parts.code_blocks import code_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

_WHITE = " \t\n\r"
# An opening bracket followed by something that can continue an object or an array.
_OPENING = re.compile(rf"""\{{(?=[{_WHITE}]*["}}])|\[(?=[{_WHITE}]*["\[\]{{\-0-9tfn])""")

# How often the search for a span may visit each character, on average. Real replies need a few visits; text
# that consists of brackets would need quadratic time. A failing decoder also counts the lines before the
# error: this many characters cost as much as one visit.
_LOOKS = _COUNTED = 64


class JsonValue(NamedTuple):
    """A value, and its text in the reply."""

    text: str
    value: Any


class UnfitError(ValueError):
    """The text looks like JSON but can't be used; says why, such as "is nested too deeply"."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UnfitError(f"is not strict JSON: the key '{twice}' appears twice")
    return value


def _refuse(name: str) -> None:
    raise UnfitError(f"is not strict JSON: {name} is not a JSON number")


def _float(text: str) -> float:
    """The number, limited to the range of floats, because JSON has no infinity."""
    return max(-sys.float_info.max, min(float(text), sys.float_info.max))


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_float)


def _decode(text: str, start: int) -> tuple[Any, int]:
    """The value at `start`, and its end. Raises UnfitError, or JSONDecodeError for invalid JSON."""
    try:
        return _STRICT.raw_decode(text, start)
    except (json.JSONDecodeError, UnfitError):
        raise
    except RecursionError:
        raise UnfitError("is nested too deeply") from None
    except ValueError:
        raise UnfitError("has a number with too many digits") from None


def parse_strict(text: str) -> JsonValue:
    """Parse one strict JSON value: no NaN or Infinity, no duplicate keys.

    Raises:
        ValueError: It is not; says why, such as "is not JSON". UnfitError if it looks like JSON.
    """
    text = text.strip(_WHITE)
    try:
        value, end = _decode(text, 0)
        if end < len(text):
            raise json.JSONDecodeError("Extra data", text, end)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON ({error.msg} at character {error.pos + 1})") from None
    return JsonValue(text, value)


def depth(value: Any) -> int:
    """The nesting depth of a JSON value, without recursion."""
    found, level = 0, [value]
    while outer := [each for each in level if isinstance(each, dict | list)]:
        found += 1
        level = [inner for each in outer for inner in (each.values() if isinstance(each, dict) else each)]
    return found


def find(reply: str) -> tuple[JsonValue | None, str]:
    """The JSON in a reply: all of it, else the first fenced block that parses, else the longest span.

    The second value says why other JSON in it can't be used, such as "is not strict JSON: …", "" for nothing.
    """
    unfit = ""
    for text in _whole_and_blocks(reply):
        try:
            return parse_strict(text), unfit
        except UnfitError as error:
            unfit = unfit or str(error)
        except ValueError:
            continue
    found, unfit_span = _longest_span(reply)
    return found, unfit or unfit_span


def _whole_and_blocks(reply: str) -> Iterator[str]:
    yield reply
    for block in code_blocks(reply):
        yield block.body


def _longest_span(text: str) -> tuple[JsonValue | None, str]:
    """The longest object or array in the text, as in `find`. Gives up if the search takes too long."""
    best: JsonValue | None = None
    unfit = ""
    looks = _LOOKS * len(text)
    opening = _OPENING.search(text)
    while opening is not None and looks > 0:
        start = next_start = opening.start()
        try:
            value, end = _decode(text, start)
        except json.JSONDecodeError as error:
            end = error.pos
        except UnfitError as error:
            end = len(text)
            unfit = unfit or str(error)
        else:
            next_start = end - 1  # values inside are shorter
            if best is None or end - start > len(best.text):
                best = JsonValue(text[start:end], value)
        looks -= end - start + end // _COUNTED + 1
        opening = _OPENING.search(text, next_start + 1)
    return best, unfit
