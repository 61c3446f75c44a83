"""Strict JSON, and the JSON in a reply. Pure."""

from __future__ import annotations

import json
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mira_cli.session.reply_parts.code_blocks import code_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

_WHITE = " \t\n\r"
# A bracket after which an object or an array can go on.
_OPENING = re.compile(rf"""\{{(?=[{_WHITE}]*["}}])|\[(?=[{_WHITE}]*["\[\]{{\-0-9tfn])""")

# How often each character may be looked at in the search for a span: real replies need a few looks, a text of
# nothing but brackets would need as many as it is long.
_LOOKS = 64
# A decoder that fails counts the lines up to there, so many characters in the time of one look.
_COUNTED = 64


@dataclass(frozen=True, slots=True)
class JsonValue:
    """A value and its own characters as the reply has them."""

    text: str
    value: Any


class UnfitError(ValueError):
    """Text that may be JSON, but none that can be used; says why, in words such as "is nested too deeply"."""


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
    """The number; one beyond floats is the largest of them, for JSON has no word for infinity."""
    return max(-sys.float_info.max, min(float(text), sys.float_info.max))


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_float)


def _decode(text: str, start: int) -> tuple[Any, int]:
    """The value that begins there, and where it ends. Raises UnfitError, or JSONDecodeError for no JSON."""
    try:
        return _STRICT.raw_decode(text, start)
    except (json.JSONDecodeError, UnfitError):
        raise
    except RecursionError:
        raise UnfitError("is nested too deeply") from None
    except ValueError:
        raise UnfitError("has a number with too many digits") from None


def parse_strict(text: str) -> JsonValue:
    """The text as one strict JSON value: no NaN or Infinity, no key twice.

    Raises:
        ValueError: It is not; says why, in words such as "is not JSON". UnfitError if it may be JSON.
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
    """How deep the brackets of a JSON value go, however deep that is."""
    found, level = 0, [value]
    while outer := [each for each in level if isinstance(each, dict | list)]:
        found += 1
        level = [inner for each in outer for inner in (each.values() if isinstance(each, dict) else each)]
    return found


def find(reply: str) -> JsonValue | None:
    """The whole reply, else the first fenced block that parses, else the longest object or array in it."""
    for text in _whole_and_blocks(reply):
        with suppress(ValueError):
            return parse_strict(text)
    return _longest_span(reply)


def unfit(reply: str) -> str:
    """Why JSON in a reply is none that can be used, such as "is not strict JSON: …"; "" if that is not so."""
    opening = _OPENING.search(reply)
    for text in (*_whole_and_blocks(reply), reply[opening.start() :] if opening else ""):
        try:
            parse_strict(text)
        except UnfitError as error:
            return str(error)
        except ValueError:
            continue
    return ""


def _whole_and_blocks(reply: str) -> Iterator[str]:
    yield reply
    for block in code_blocks(reply):
        yield block.body


def _longest_span(text: str) -> JsonValue | None:
    """The first of the longest spans that parse. Gives up when the text takes too many looks."""
    best: JsonValue | None = None
    looks = _LOOKS * len(text)
    opening = _OPENING.search(text)
    while opening is not None and looks > 0:
        start = next_start = opening.start()
        try:
            value, end = _decode(text, start)
        except json.JSONDecodeError as error:
            end = error.pos
        except UnfitError:
            end = len(text)
        else:
            next_start = end - 1  # what lies within is shorter
            if best is None or end - start > len(best.text):
                best = JsonValue(text[start:end], value)
        looks -= end - start + end // _COUNTED + 1
        opening = _OPENING.search(text, next_start + 1)
    return best
