"""Reads the usual shapes of a call without Typer, which takes longer to load than all the rest takes to run.

Whatever is not plain sailing (help, a flag that is not known, a missing value, a word too many) is left to
Typer, which knows how to say what is wrong. A property test shows that both read every call alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.commands.call import Call
from mira_cli.commands.tree import BY_PATH, GROUPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mira_cli.commands.command import Command
    from mira_cli.commands.flags import Flag


def read(argv: Sequence[str]) -> Call | None:
    """The call that `argv` (without the program's name) makes; None: ask Typer."""
    length = 2 if argv and argv[0] in GROUPS else 1
    command = BY_PATH.get(tuple(argv[:length]))
    if command is None or command.path == ("help",):
        return None
    found = _split(command, list(argv[length:]))
    if found is None:
        return None
    flags, rest = found
    words = _share_out(command, rest)
    return None if words is None else Call(command, words, flags)


def _share_out(command: Command, rest: Sequence[str]) -> dict[str, tuple[str, ...]] | None:
    """The words by name; None if there are too few or too many."""
    words: dict[str, tuple[str, ...]] = {}
    left = list(rest)
    for row in command.words:
        count = len(left) if row.many else 1
        words[row.name] = tuple(left[:count])
        if row.required and not words[row.name]:
            return None
        left = left[count:]
    return None if left else words


def _split(command: Command, args: list[str]) -> tuple[dict[str, object], list[str]] | None:
    """Flags and words apart."""
    known = {spelling: flag for flag in command.flags for spelling in flag.spellings}
    flags: dict[str, object] = {}
    rest: list[str] = []
    args.reverse()
    while args:
        arg = args.pop()
        if arg == "--":
            rest += reversed(args)
            break
        if len(arg) < 2 or not arg.startswith("-"):  # noqa: PLR2004 - a lone dash is a word
            rest.append(arg)
            if command.passes_on:
                rest += reversed(args)
                break
            continue
        name, equals, value = arg.partition("=") if arg.startswith("--") else (arg, "", "")
        flag = known.get(name)
        if flag is None or (equals and flag.kind == "switch"):
            return None
        if flag.kind != "switch" and not equals:
            if not args:
                return None
            value = args.pop()
        _put(flags, flag, value)
    return flags, rest


def _put(flags: dict[str, object], flag: Flag, value: str) -> None:
    """The last one given counts; a repeatable flag keeps all."""
    if flag.kind == "switch":
        flags[flag.name] = True
    elif flag.kind == "value":
        flags[flag.name] = value
    else:
        before = flags.get(flag.name, ())
        flags[flag.name] = (*(before if isinstance(before, tuple) else ()), value)
