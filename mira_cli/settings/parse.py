"""Parsers of the settings: from what was typed, exported or written in TOML to the value of a setting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mira_cli.settings import base_url

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_ON = frozenset(("1", "true", "yes", "on"))
_OFF = frozenset(("0", "false", "no", "off"))
_MOST_STOPS = 4  # the API's limit
_LARGEST_WHOLE = 2**63 - 1  # what every JSON reader takes
_LONGEST_WAIT = 1_000_000  # seconds; beyond it the clocks of some systems overflow
_SHORTEST_PREFIX = 3  # letters; fewer could be short for many words
_LONGEST_SHOWN = 60  # characters of a bad value in a message
_AROUND = " \t\r\n\v\f\ufeff\u00a0\u200b\"'`“”„‘’«»"


class BadValueError(ValueError):
    """A value that a setting does not take.

    Args:
        problem: What is wrong, to follow the setting's name: "must be true or false, not maybe".
        out_of_range: The same for a number that a flag gave: "9 is out of range 0 to 2"; "" for the rest.
        hint: What was probably meant, "" if unknown.
    """

    def __init__(self, problem: str, *, out_of_range: str = "", hint: str = "") -> None:
        super().__init__(problem)
        self.out_of_range = out_of_range
        self.hint = hint

    def of(self, name: str) -> str:
        """What is wrong with the value of this setting or flag."""
        if self.out_of_range and name.startswith("-"):
            return f"{name}: {self.out_of_range}"
        return f"{name} {self}"


@dataclass(frozen=True, slots=True)
class Parser(Generic[T]):
    """Reads the values of a setting; called with a string or a TOML value, it raises BadValueError.

    Attributes:
        read: From the raw value to the setting's.
        accepts: The possible values in a few words: "0 to 2", "true or false"; "" for any text.
    """

    read: Callable[[object], T]
    accepts: str = ""

    def __call__(self, value: object) -> T:
        """The setting's value."""
        return self.read(value)


def number(low: int, high: int) -> Parser[float]:
    """A finite number from `low` to `high`."""
    accepts = f"{low} to {high}"

    def read(value: object) -> float:
        result = _float(value, accepts)
        if not low <= result <= high:
            raise _outside(accepts, value)
        return result

    return Parser(read, accepts)


def whole(low: int = 0, high: int | None = None) -> Parser[int]:
    """A whole number from `low` to `high` (None: no upper bound); 5.0 is one, the string "5.0" is not."""
    accepts = f"{low} or more" if high is None else f"{low} to {high}"

    def read(value: object) -> int:
        result = value
        if isinstance(value, str):
            try:
                result = int(_digits(value))
            except ValueError as error:
                raise _wrong(f"a whole number, {accepts}", value) from error
        elif isinstance(value, float) and value.is_integer():
            result = int(value)
        if isinstance(result, bool) or not isinstance(result, int):
            raise _wrong(f"a whole number, {accepts}", value)
        if result < low or (high is not None and result > high):
            raise _outside(accepts, value)
        if result > _LARGEST_WHOLE:
            raise _outside(f"at most {_LARGEST_WHOLE}", value)
        return result

    return Parser(read, accepts)


def _seconds(value: object) -> float:
    result = _float(value, "more than 0 seconds")
    if result <= 0:
        raise _outside("more than 0 seconds", value)
    if result > _LONGEST_WAIT:
        raise _outside(f"at most {_LONGEST_WAIT} seconds", value)
    return result


def _switch(value: object) -> bool:
    word = unwrap(str(value)).lower()
    if word not in _ON | _OFF:
        raise _wrong("true or false", value)
    return word in _ON


def choice(*choices: str) -> Parser[str]:
    """One of these words in any case. For auto, always and never, "yes" is always and "no" is never."""
    accepts = ", ".join(choices[:-1]) + " or " + choices[-1]

    def read(value: object) -> str:
        word = unwrap(str(value)).lower()
        if "always" in choices and word in _ON | _OFF:
            return "always" if word in _ON else "never"
        if word not in choices:
            raise _wrong(accepts, value)
        return word

    return Parser(read, accepts)


def theme(*own: str) -> Parser[str]:
    """One of our `own` themes, or a style of Pygments or of one of its plugins."""

    def read(value: object) -> str:
        result = word(value)
        if result in own:
            return result
        from pygments.styles import get_all_styles

        if result in get_all_styles():
            return result
        near = nearest(result, (*own, *get_all_styles()))
        raise _wrong(
            f"{', '.join(own)} or a Pygments style", value, hint=f"Did you mean {near}?" if near else ""
        )

    return Parser(read)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _wrong("text", value)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise _wrong("text in UTF-8", value) from error
    return value


def _not_empty(text: str) -> str:
    if not text:
        raise BadValueError("must not be empty")
    return text


def _texts(value: object) -> tuple[str, ...]:
    listed = _listed(value) if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not all(isinstance(part, str) for part in listed):
        raise _wrong("a text or a list of texts", value)
    if len(listed) > _MOST_STOPS:
        raise BadValueError(f"must be at most {_MOST_STOPS} texts, not {len(listed)}")
    return tuple(_not_empty(_text(part)) for part in listed)


def _listed(value: str) -> list[Any]:
    if value.startswith("["):
        import json

        try:
            parsed: list[Any] = json.loads(value)
        except (ValueError, RecursionError):
            return [value]
        if all(isinstance(part, str) for part in parsed):
            return parsed
    return [value]


def _url(value: object) -> str:
    text = _not_empty(unwrap(_text(value)))
    try:
        return base_url.normalise(text)
    except ValueError as error:
        raise BadValueError(str(error)) from error


def _command(value: object) -> str:
    import shlex

    result = _not_empty(_text(value).strip())
    try:
        shlex.split(result)
    except ValueError as error:
        raise BadValueError(f"cannot be split into words: {str(error).lower()}") from error
    return result


seconds = Parser(_seconds, "seconds, more than 0")
"""A duration of more than 0 seconds."""
switch = Parser(_switch, "true or false")
"""A boolean, in the words that people use in environment variables."""
text = Parser(_text)
"""Any text that can be written as UTF-8; may be empty."""
word = Parser(lambda value: _not_empty(unwrap(_text(value))))
"""Text that is not empty, without the white space and quotes around it."""
texts = Parser(_texts)
"""Up to four texts, none empty; a string is one text or a JSON list of them."""
url = Parser(_url)
"""A base URL, normalised, without the quotes that a paste leaves around it."""
command = Parser(_command)
"""A command line that can be split as a shell splits it."""


def unwrap(text: str) -> str:
    """The text without what a paste or an env file leaves around it: white space, quotes, a BOM."""
    return text.strip(_AROUND)


def nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word that `word` abbreviates or resembles, "" if there is none."""
    word = word.lower()
    longer = [each for each in known if each.startswith(word)]
    if len(longer) == 1 and len(word.lstrip("-")) >= _SHORTEST_PREFIX:
        return longer[0]
    from difflib import get_close_matches

    matches = get_close_matches(word, known, n=1)
    return matches[0] if matches else ""


def shown(value: object) -> str:
    """A bad value in a message, as config.toml writes it but for the quotes around a text."""
    if isinstance(value, dict):
        return "a table"
    try:
        result = str(value)
        if isinstance(value, bool | list):
            import json

            result = json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return "a huge number"
    return result if len(result) <= _LONGEST_SHOWN else result[: _LONGEST_SHOWN - 1] + "…"


def _wrong(must: str, value: object, *, hint: str = "") -> BadValueError:
    return BadValueError(f"must be {must}, not {shown(value) or 'empty'}", hint=hint)


def _outside(limits: str, value: object) -> BadValueError:
    colon = "" if " to " in limits else ":"
    return BadValueError(
        f"must be {limits}, not {shown(value)}",
        out_of_range=f"{shown(value)} is out of range{colon} {limits}",
    )


def _digits(text: str) -> str:
    """A number as typed; "" for spellings that only Python takes."""
    return unwrap(text) if text.isascii() and "_" not in text else ""


def _float(value: object, must: str) -> float:
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise _wrong(must, value)
        result = float(_digits(value) if isinstance(value, str) else value)
    except OverflowError as error:  # an int of 400 digits
        raise _outside(must, value) from error
    except ValueError as error:
        raise _wrong(must, value) from error
    if not math.isfinite(result):
        raise _wrong(must, value)
    return result
