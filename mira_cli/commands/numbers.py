"""Numbers that are flags and no settings, such as `--port`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.errors import UsageError
from mira_cli.settings import parse

if TYPE_CHECKING:
    from mira_cli.commands.call import Call


def whole(call: Call, name: str, low: int = 0, high: int | None = None) -> int | None:
    """The whole number that this flag was given, None if it was not.

    Raises:
        UsageError: It is none, or not in the range.
    """
    text = call.text(name)
    if text is None:
        return None
    try:
        return parse.whole(low, high)(text)
    except parse.BadValueError as error:
        raise _refused(name, text, error) from error


def number(call: Call, name: str, high: int) -> float | None:
    """The number from 0 to `high` that this flag was given, None if it was not.

    Raises:
        UsageError: It is none, or not in the range.
    """
    text = call.text(name)
    if text is None:
        return None
    try:
        return parse.number(0, high)(text)
    except parse.BadValueError as error:
        raise _refused(name, text, error) from error


def _refused(name: str, text: str, error: parse.BadValueError) -> UsageError:
    flag = f"--{name.replace('_', '-')}"
    return UsageError(f"{error.of_flag(flag, text)}.")
