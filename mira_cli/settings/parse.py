"""Parsers of the settings, and the display of their values on one line.

Each parser takes a string, or a TOML value, and raises BadValueError for a bad one.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from mira_cli.errors import UsageError
from mira_cli.loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
WHEN = ("auto", "always", "never")
THEMES = ("auto", "light", "dark", "ansi")
_ON = frozenset(("1", "true", "yes", "on"))
_OFF = frozenset(("0", "false", "no", "off"))
DEFAULT_BASE_URL = "https://api.vmira.ai/v1"
_ENDPOINT = "/chat/completions"
_DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST = r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]"  # urlsplit has checked an IPv6 address
_BAD_HOST = "has no valid host name or port"
_MOST_STOPS = 4  # the API's limit
_LARGEST_WHOLE = 2**63 - 1  # every JSON parser accepts it
_LONGEST_WAIT = 1_000_000  # seconds; beyond it the clocks of some systems overflow
_SHORTEST_PREFIX = 3  # letters; shorter ones are ambiguous
_VERY_NEAR = 0.8  # similarity from 0 to 1, for words with another first letter
_LONGEST_SHOWN = 60  # characters of a bad value in a message
_AROUND = " \t\r\n\v\f\ufeff\u00a0\u200b\"'`“”„‘’«»"


class BadValueError(ValueError):
    """A bad value for a setting; what is wrong, to be put after its name: "must be true or false, not maybe".

    For a number in a flag, `out_of_range` says it another way: "9 is out of range 0 to 2".
    """

    def __init__(self, problem: str, out_of_range: str = "") -> None:
        super().__init__(problem)
        self.out_of_range = out_of_range

    def of(self, name: str) -> str:
        """The message for this setting or flag."""
        if self.out_of_range and name.startswith("-"):
            return f"{name}: {self.out_of_range}"
        return f"{name} {self}"


def typed(parse: Callable[[object], T], value: object, name: str) -> T:
    """The value of a flag, or of a setting that was typed. Raises UsageError if it is bad."""
    try:
        return parse(value)
    except BadValueError as error:
        raise UsageError(f"{error.of(name)}.") from error


def number(low: int, high: int) -> Callable[[object], float]:
    """A number from `low` to `high`."""
    return lambda value: float(_within(value, float, low, high, f"{low} to {high}"))


def whole(low: int = 0, high: int = _LARGEST_WHOLE) -> Callable[[object], int]:
    """A whole number from `low` to `high`; 5.0 is one, the string "5.0" is not."""
    limits = f"{low} or more" if high == _LARGEST_WHOLE else f"{low} to {high}"
    return lambda value: int(_within(value, int, low, high, limits))


def seconds(value: object) -> float:
    """A duration of more than 0 seconds."""
    return float(_within(value, float, math.ulp(0), _LONGEST_WAIT, "more than 0 seconds"))


def _within(value: object, kind: type[float], low: float, high: float, limits: str) -> float:
    """The number in a string, or a TOML value that is a number. `limits` says `low` and `high` in words."""
    result: object = value
    if isinstance(value, str):
        try:  # excludes underscores and non-ASCII digits, which only Python accepts
            result = kind(unwrap(value)) if value.isascii() and "_" not in value else None
        except ValueError:
            result = None
    if isinstance(result, bool) or not isinstance(result, int | float) or (kind is int and result % 1):
        raise _wrong(f"a whole number, {limits}" if kind is int else limits, value)
    if not low <= result <= high:
        if result > high and " to " not in limits:
            limits = f"at most {high}"
        between = " " if " to " in limits else ": "
        out_of_range = f"{shown(value)} is out of range{between}{limits}"
        raise BadValueError(f"must be {limits}, not {shown(value)}", out_of_range)
    return result


def switch(value: object) -> bool:
    """A boolean: true, false, yes, no, on, off, 1 or 0."""
    given = unwrap(str(value)).lower()
    if given not in _ON | _OFF:
        raise _wrong("true or false", value)
    return given in _ON


def when(value: object) -> str:
    """One of WHEN in any case; "yes" is always and "no" is never."""
    given = unwrap(str(value)).lower()
    given = "always" if given in _ON else "never" if given in _OFF else given
    if given not in WHEN:
        raise _wrong("auto, always or never", value)
    return given


def theme(value: object) -> str:
    """One of THEMES, or a Pygments style, plugins included."""
    result = word(value)
    if result in THEMES:
        return result
    from pygments.styles import get_all_styles

    styles = tuple(get_all_styles())
    if result not in styles:
        example = nearest(result, styles) or "monokai"
        raise _wrong(f"{', '.join(THEMES)} or a Pygments style like {example}", value)
    return result


def text(value: object) -> str:
    """Any text that can be encoded as UTF-8; may be empty."""
    if not isinstance(value, str):
        raise _wrong("text", value)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise _wrong("text in UTF-8", value) from error
    return value


def word(value: object) -> str:
    """Non-empty text, without surrounding white space and quotes."""
    return _not_empty(unwrap(text(value)))


def texts(value: object) -> tuple[str, ...]:
    """Up to four non-empty texts; a string is one text or a JSON list of texts."""
    listed = _listed(value) if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not all(isinstance(part, str) for part in listed):
        raise _wrong("a text or a list of texts", value)
    if len(listed) > _MOST_STOPS:
        raise BadValueError(f"must be at most {_MOST_STOPS} texts, not {len(listed)}")
    return tuple(_not_empty(text(part)) for part in listed)


def _listed(value: str) -> list[str]:
    if not value.startswith("["):
        return [value]
    import json

    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return [value]
    return parsed if all(isinstance(part, str) for part in parsed) else [value]


def command(value: object) -> str:
    """A command line that can be split as a shell splits it."""
    import shlex

    result = _not_empty(text(value).strip())
    try:
        shlex.split(result)
    except ValueError as error:
        raise BadValueError(f"cannot be split into words: {str(error).lower()}") from error
    return result


def base_url(value: object) -> str:
    """A base URL, https or http to this machine, without a trailing `/` or `/chat/completions`.

    A bare origin gets `/v1`. Scheme and host are lower-cased, a default port is dropped, and an international
    host name is converted to ASCII (IDNA).
    """
    url = word(value)
    if any(character <= " " or character in "\x7f\\?#" for character in url):
        raise BadValueError("must not contain white space, control characters, a backslash, ? or #")
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
        host = f"[{name}]" if ":" in name else name.encode("idna").decode()
    except ValueError as error:
        raise BadValueError(_BAD_HOST) from error
    if parts.scheme not in _DEFAULT_PORTS or not url[len(parts.scheme) :].startswith("://"):
        raise BadValueError("must begin with https://")
    if "@" in parts.netloc:
        raise BadValueError("must not contain a user name or a password")
    if not re.fullmatch(_HOST, host) or port == 0:
        raise BadValueError(_BAD_HOST)
    if parts.scheme == "http" and not is_loopback(host):
        raise BadValueError(f"must begin with https:// (http:// is for this machine only, not for {host})")
    if port not in {None, _DEFAULT_PORTS[parts.scheme]}:
        host += f":{port}"
    path = parts.path.rstrip("/").removesuffix(_ENDPOINT).strip("/")
    return f"{parts.scheme}://{host}/{path or 'v1'}"


def origin(url: str) -> str:
    """Scheme, host and port of a normalised base URL."""
    return "/".join(url.split("/", 3)[:3])


def unwrap(text: str) -> str:
    """The text without surrounding white space, quotes and BOM, as left by a paste or an env file."""
    return text.strip(_AROUND)


def nearest(word: str, known: Sequence[str]) -> str:
    """The known word that `word` abbreviates or resembles, or ""."""
    word = word.lower()
    bare = word.lstrip("-/")
    longer = [each for each in known if each.startswith(word)]
    if len(longer) == 1 and len(bare) >= _SHORTEST_PREFIX:
        return longer[0]
    from difflib import get_close_matches

    for match in get_close_matches(word, known):
        if match.lstrip("-/")[:1] == bare[:1] or match in word or word in match:
            return match
    return next(iter(get_close_matches(word, known, n=1, cutoff=_VERY_NEAR)), "")


def display(value: object) -> str:
    """The value on one line, "" if not set. Several texts are a JSON list, which `config set` accepts."""
    if value is None or value == ():
        return ""
    if isinstance(value, tuple) and len(value) == 1 and not value[0].startswith("["):
        value = value[0]
    if isinstance(value, float):
        value = str(value).removesuffix(".0")
    if isinstance(value, bool | list | tuple):
        import json

        value = json.dumps(value, ensure_ascii=False, default=str)
    return visible(str(value))


def visible(text: str) -> str:
    """`text` with invisible and control characters as JSON escapes, which keeps JSON equivalent."""
    if text.isprintable():
        return text
    import json

    return "".join(
        each if each.isprintable() else json.dumps(each)[1:-1].replace("\x7f", "\\u007f") for each in text
    )


def shown(value: object) -> str:
    """A bad value in a message, as in config.toml but without quotes around text."""
    try:
        result = "a table" if isinstance(value, dict) else display(value)
    except ValueError:  # Python doesn't print integers of more than 4,300 digits
        return "a huge number"
    return result if len(result) <= _LONGEST_SHOWN else result[: _LONGEST_SHOWN - 1] + "…"


def _not_empty(text: str) -> str:
    if not text:
        raise BadValueError("must not be empty")
    return text


def _wrong(must: str, value: object) -> BadValueError:
    return BadValueError(f"must be {must}, not {shown(value) or 'empty'}")
