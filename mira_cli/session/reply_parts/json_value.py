"""Strict JSON, and the JSON in a reply. Pure."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import Any

from mira_cli.session.reply_parts.code_blocks import code_blocks

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


class _NotStrictError(ValueError):
    """JSON that Python reads though it is ambiguous or no JSON; says why."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _NotStrictError(f"the key '{twice}' appears twice")
    return value


def _refuse(name: str) -> None:
    raise _NotStrictError(f"{name} is not a JSON number")


def _float(text: str) -> float:
    """The number; one beyond floats is the largest of them, for JSON has no word for infinity."""
    return max(-sys.float_info.max, min(float(text), sys.float_info.max))


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_float)


def parse_strict(text: str) -> JsonValue:
    """The text as one strict JSON value: no NaN or Infinity, no key twice.

    Raises:
        ValueError: It is not; says why in words that can follow a colon.
    """
    text = text.strip(_WHITE)
    try:
        value, end = _STRICT.raw_decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON ({error.msg} at character {error.pos + 1})") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except _NotStrictError as error:
        raise ValueError(f"it is not strict JSON: {error}") from None
    except ValueError:
        raise ValueError("it has a number with too many digits") from None
    if end < len(text):
        raise ValueError(f"it is not JSON (Extra data at character {end + 1})")
    return JsonValue(text, value)


def parse(text: str) -> JsonValue | None:
    """As `parse_strict`, but None for what is not strict JSON."""
    try:
        return parse_strict(text)
    except ValueError:
        return None


def depth(value: Any) -> int:
    """How deep the brackets of a JSON value go, however deep that is."""
    found, level = 0, [value]
    while outer := [each for each in level if isinstance(each, dict | list)]:
        found += 1
        level = [inner for each in outer for inner in (each.values() if isinstance(each, dict) else each)]
    return found


def find(reply: str) -> JsonValue | None:
    """The whole reply, else the first fenced block that parses, else the longest object or array in it."""
    whole = parse(reply)
    if whole is not None:
        return whole
    for block in code_blocks(reply):
        value = parse(block.body)
        if value is not None:
            return value
    return _longest_span(reply)


def _longest_span(text: str) -> JsonValue | None:
    """The first of the longest spans that parse. Gives up when the text takes too many looks."""
    best: JsonValue | None = None
    looks = _LOOKS * len(text)
    opening = _OPENING.search(text)
    while opening is not None and looks > 0:
        start = next_start = opening.start()
        try:
            value, end = _STRICT.raw_decode(text, start)
        except json.JSONDecodeError as error:
            end = error.pos
        except (ValueError, RecursionError):  # not strict, or a number or a nesting beyond what Python reads
            end = len(text)
        else:
            next_start = end - 1  # what lies within is shorter
            if best is None or end - start > len(best.text):
                best = JsonValue(text[start:end], value)
        looks -= end - start + end // _COUNTED + 1
        opening = _OPENING.search(text, next_start + 1)
    return best
