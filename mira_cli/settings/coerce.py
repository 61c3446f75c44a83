"""Plain coercers: from what was typed, exported or written in TOML to the value of a setting."""

from __future__ import annotations

from typing import Literal

from mira_cli.settings.base_url import normalise
from mira_cli.settings.nearest import nearest

_ON = frozenset(("1", "true", "yes", "on"))
_OFF = frozenset(("0", "false", "no", "off"))
_MOST_STOPS = 4  # what the API's documentation allows
_LONGEST_WAIT = 1_000_000  # seconds; beyond it the clocks of some systems overflow


class BadValueError(ValueError):
    """A value that a setting does not take.

    Args:
        must: What the value must be, to follow "must be"; or, with `kind` "sentence", words of their own.
        kind: "range" for a number out of range, "shape" for something else altogether, "sentence".
        hint: What was probably meant, "" if that is not known.
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


def range_words(low: int, high: int | None) -> str:
    """A range as people read it: "0 to 2", "1 or more" (`high` None)."""
    return f"{low} or more" if high is None else f"{low} to {high}"


def choice_words(choices: tuple[str, ...]) -> str:
    """Choices as people read them: "auto, always or never"."""
    return ", ".join(choices[:-1]) + " or " + choices[-1]


def number(value: object, low: int, high: int | None) -> float:
    """A finite number from `low` to `high` (None: no upper bound)."""
    words = range_words(low, high)
    result = _number(value, words)
    if result < low or (high is not None and result > high):
        raise BadValueError(words, "range")
    return result


def seconds(value: object) -> float:
    """A time in seconds, more than 0."""
    words = "more than 0 seconds"
    result = _number(value, words, infinite=True)
    if result <= 0:
        raise BadValueError(words, "range")
    if result > _LONGEST_WAIT:
        raise BadValueError(f"at most {_LONGEST_WAIT} seconds", "range")
    return result


def whole(value: object, low: int, high: int | None) -> int:
    """A whole number from `low` to `high` (None: no upper bound)."""
    words = range_words(low, high)
    if isinstance(value, str) and value.isascii() and "_" not in value:
        try:
            value = int(value)
        except ValueError as error:
            raise BadValueError(f"a whole number, {words}") from error
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadValueError(f"a whole number, {words}")
    if value < low or (high is not None and value > high):
        raise BadValueError(words, "range")
    return value


def switch(value: object) -> bool:
    """True or false, in the words that people use in environment variables."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _ON:
        return True
    if word in _OFF:
        return False
    raise BadValueError("true or false")


def choice(value: object, choices: tuple[str, ...]) -> str:
    """One of `choices`, whatever its case. Of auto, always and never, a plain yes is always, a no never."""
    word = str(value).strip().lower()
    if word in choices:
        return word
    if "always" in choices and (word in _ON or word in _OFF):
        return "always" if word in _ON else "never"
    raise BadValueError(choice_words(choices))


def theme(value: object, own: tuple[str, ...]) -> str:
    """One of our `own` themes, or a style that Pygments or a plugin of it brings."""
    result = word(value)
    if result in own:
        return result
    from pygments.styles import STYLE_MAP, get_all_styles

    if result in STYLE_MAP:  # before plugins are looked for, which takes longer than all else here
        return result
    styles = tuple(get_all_styles())
    if result in styles:
        return result
    near = nearest(result, (*own, *styles))
    raise BadValueError(f"{', '.join(own)} or a Pygments style", hint=f"Did you mean {near}?" if near else "")


def text(value: object) -> str:
    """Any text that can be written as UTF-8; it may be empty."""
    if not isinstance(value, str):
        raise BadValueError("text")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise BadValueError("text in UTF-8")
    return value


def word(value: object) -> str:
    """Text that says something, without white space around it."""
    result = text(value).strip()
    if not result:
        raise BadValueError("must not be empty", "sentence")
    return result


def texts(value: object) -> tuple[str, ...]:
    """Up to four texts, none of them empty. A string is one text, or a JSON list of them."""
    if isinstance(value, str):
        value = _listed(value)
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        raise BadValueError("a text or a list of texts")
    result = tuple(text(part) for part in value)
    if "" in result:
        raise BadValueError("must not be empty", "sentence")
    if len(result) > _MOST_STOPS:
        raise BadValueError(f"must be at most {_MOST_STOPS} texts, not {len(result)}", "sentence")
    return result


def url(value: object) -> str:
    """A base URL, normalised."""
    try:
        return normalise(word(value))
    except BadValueError:
        raise
    except ValueError as error:
        raise BadValueError(str(error), "sentence") from error


def command(value: object) -> str:
    """A command line that splits into words as a shell would split it."""
    import shlex

    result = word(value)
    try:
        shlex.split(result)
    except ValueError as error:
        raise BadValueError(f"cannot be split into words: {str(error).lower()}", "sentence") from error
    return result


def _number(value: object, words: str, *, infinite: bool = False) -> float:
    if isinstance(value, str) and value.isascii() and "_" not in value:
        try:
            value = float(value)
        except ValueError as error:
            raise BadValueError(words) from error
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValueError(words)
    try:
        result = float(value)
    except OverflowError as error:  # an int of 400 digits
        raise BadValueError(words, "range") from error
    if result != result or (abs(result) == float("inf") and not infinite):  # noqa: PLR0124 - math.isnan costs an import
        raise BadValueError(words)
    return result


def _listed(value: str) -> list[object]:
    if value.startswith("["):
        import json

        try:
            parsed = json.loads(value)
        except ValueError:
            return [value]
        if isinstance(parsed, list) and all(isinstance(part, str) for part in parsed):
            return parsed
    return [value]
