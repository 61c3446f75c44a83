"""Parsers of the settings: from what was typed, exported or written in TOML to the value of a setting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

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
_AROUND = " \t\r\n\v\f\ufeff\u00a0\u200b\"'`“”„‘’«»"


class BadValueError(ValueError):
    """A value that a setting does not take.

    Args:
        must: What the value must be, to follow "must be"; or, with `kind` "sentence", to follow the name.
        kind: "range" for a number out of range, "shape" for anything else, "sentence".
        hint: What was probably meant, "" if unknown.
    """

    def __init__(
        self, must: str, kind: Literal["range", "shape", "sentence"] = "shape", *, hint: str = ""
    ) -> None:
        super().__init__(must)
        self.must = must
        self.kind = kind
        self.hint = hint

    def of_setting(self, name: str, shown: str) -> str:
        """What is wrong with a setting's value: "temperature must be 0 to 2, not 9"."""
        if self.kind == "sentence":
            return f"{name} {self.must}"
        return f"{name} must be {self.must}, not {shown or 'empty'}"

    def of_flag(self, flag: str, shown: str) -> str:
        """What is wrong with a flag's value: "--temperature: 9 is out of range 0 to 2"."""
        if self.kind != "range":
            return self.of_setting(flag, shown)
        colon = "" if " to " in self.must else ":"
        return f"{flag}: {shown} is out of range{colon} {self.must}"


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


def number(low: int, high: int | None = None) -> Parser[float]:
    """A finite number from `low` to `high` (None: no upper bound)."""
    accepts = _range(low, high)

    def read(value: object) -> float:
        result = _float(value, accepts)
        if result < low or (high is not None and result > high):
            raise BadValueError(accepts, "range")
        return result

    return Parser(read, accepts)


def whole(low: int = 0, high: int | None = None) -> Parser[int]:
    """A whole number from `low` to `high` (None: no upper bound); 5.0 is one, the string "5.0" is not."""
    accepts = _range(low, high)

    def read(value: object) -> int:
        if isinstance(value, str):
            try:
                value = int(_digits(value))
            except ValueError as error:
                raise BadValueError(f"a whole number, {accepts}") from error
        elif isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadValueError(f"a whole number, {accepts}")
        if value < low or (high is not None and value > high):
            raise BadValueError(accepts, "range")
        if value > _LARGEST_WHOLE:
            raise BadValueError(f"at most {_LARGEST_WHOLE}", "range")
        return value

    return Parser(read, accepts)


def _seconds(value: object) -> float:
    must = "more than 0 seconds"
    result = _float(value, must, infinite=True)
    if result <= 0:
        raise BadValueError(must, "range")
    if result > _LONGEST_WAIT:
        raise BadValueError(f"at most {_LONGEST_WAIT} seconds", "range")
    return result


def _switch(value: object) -> bool:
    word = _unquoted(str(value)).lower()
    if word in _ON:
        return True
    if word in _OFF:
        return False
    raise BadValueError("true or false")


def choice(*choices: str) -> Parser[str]:
    """One of these words in any case. For auto, always and never, "yes" is always and "no" is never."""
    accepts = ", ".join(choices[:-1]) + " or " + choices[-1]

    def read(value: object) -> str:
        word = _unquoted(str(value)).lower()
        if word in choices:
            return word
        if "always" in choices and (word in _ON or word in _OFF):
            return "always" if word in _ON else "never"
        raise BadValueError(accepts)

    return Parser(read, accepts)


def theme(*own: str) -> Parser[str]:
    """One of our `own` themes, or a style of Pygments or of one of its plugins."""

    def read(value: object) -> str:
        result = word(value)
        if result in own:
            return result
        from pygments.styles import STYLE_MAP, get_all_styles

        if result in STYLE_MAP:  # looking for plugins takes much longer
            return result
        styles = tuple(get_all_styles())
        if result in styles:
            return result
        near = nearest(result, (*own, *styles))
        raise BadValueError(
            f"{', '.join(own)} or a Pygments style", hint=f"Did you mean {near}?" if near else ""
        )

    return Parser(read)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadValueError("text")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise BadValueError("text in UTF-8")
    return value


def _not_empty(text: str) -> str:
    if not text:
        raise BadValueError("must not be empty", "sentence")
    return text


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = _listed(value)
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        raise BadValueError("a text or a list of texts")
    result = tuple(_not_empty(_text(part)) for part in value)
    if len(result) > _MOST_STOPS:
        raise BadValueError(f"must be at most {_MOST_STOPS} texts, not {len(result)}", "sentence")
    return result


def _url(value: object) -> str:
    try:
        return base_url.normalise(_not_empty(unwrap(_text(value))))
    except BadValueError:
        raise
    except ValueError as error:
        raise BadValueError(str(error), "sentence") from error


def _command(value: object) -> str:
    import shlex

    result = _not_empty(_text(value).strip())
    try:
        shlex.split(result)
    except ValueError as error:
        raise BadValueError(f"cannot be split into words: {str(error).lower()}", "sentence") from error
    return result


seconds = Parser(_seconds, "seconds, more than 0")
"""A duration of more than 0 seconds."""
switch = Parser(_switch, "true or false")
"""A boolean, in the words that people use in environment variables."""
text = Parser(_text)
"""Any text that can be written as UTF-8; may be empty."""
word = Parser(lambda value: _not_empty(_unquoted(_text(value))))
"""Text that is not empty, without the white space and quotes around it."""
texts = Parser(_texts)
"""Up to four texts, none empty; a string is one text or a JSON list of them."""
url = Parser(_url)
"""A base URL, normalised, without the quotes that a paste leaves around it."""
command = Parser(_command)
"""A command line that can be split as a shell splits it."""


def unwrap(text: str) -> str:
    """The text without what a paste or a careless export leaves around it: white space, quotes, a BOM."""
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


def _range(low: int, high: int | None) -> str:
    return f"{low} or more" if high is None else f"{low} to {high}"


def _unquoted(text: str) -> str:
    """The text without white space and one pair of quotes around it, which env files often keep."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1].strip()
    return text


def _digits(text: str) -> str:
    """A number as typed; "" for spellings that only Python takes."""
    return _unquoted(text) if text.isascii() and "_" not in text else ""


def _float(value: object, must: str, *, infinite: bool = False) -> float:
    if isinstance(value, str):
        try:
            value = float(_digits(value))
        except ValueError as error:
            raise BadValueError(must) from error
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValueError(must)
    try:
        result = float(value)
    except OverflowError as error:  # an int of 400 digits
        raise BadValueError(must, "range") from error
    if math.isnan(result) or (math.isinf(result) and not infinite):
        raise BadValueError(must)
    return result


def _listed(value: str) -> list[Any]:
    if value.startswith("["):
        import json

        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            return [value]
        if isinstance(parsed, list) and all(isinstance(part, str) for part in parsed):
            return parsed
    return [value]
