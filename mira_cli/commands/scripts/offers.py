"""What a TAB offers at each place of the command line; every shell's script is made from this (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from mira_cli.commands.tree import COMMANDS, GROUPS
from mira_cli.settings.table import BY_NAME, SETTINGS
from mira_cli.simulator.faults.table import FAULTS

if TYPE_CHECKING:
    from mira_cli.commands.command import Command, Words
    from mira_cli.commands.flags import Flag
    from mira_cli.settings.table import Setting

HELP_FLAGS = ("-h", "--help")
HELP_TEXT = "Show this message and exit."
VERSION_FLAGS = ("-V", "--version")
VERSION_TEXT = "Show the version."

Kind: TypeAlias = (
    "Literal['nothing', 'words', 'models', 'paths', 'text or @path', 'values', 'commands', 'call']"
)
"""What is offered: "values" are those of the setting named before, "call" is a command with its arguments."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a TAB offers; `words` are the fixed words of "words" and "models"."""

    kind: Kind = "nothing"
    words: tuple[str, ...] = ()


def of_flag(flag: Flag) -> Offer:
    """What is offered as the value of a flag."""
    if flag.completes == "path":
        return Offer("paths")
    if flag.setting:
        return of_setting(BY_NAME[flag.name])
    return Offer("words", tuple(FAULTS)) if flag.name == "fail" else _words(flag.choices)


def of_setting(setting: Setting) -> Offer:
    """What is offered as the value of a setting."""
    if setting.is_switch:
        return Offer("words", ("true", "false"))
    if setting.name == "model":
        return Offer("models", setting.choices)
    return Offer("text or @path") if setting.name == "system" else _words(setting.choices)


def of_word(command: Command, word: Words) -> Offer:
    """What is offered for a word of a command; the words of a question are the person's own."""
    if word.paths:
        return Offer("paths")
    if command.passes_on:
        return Offer("call")
    if command.path[0] == "config":
        return Offer("words", tuple(BY_NAME)) if word.name == "name" else Offer("values")
    return Offer("commands") if command.path == ("help",) else _words(word.choices)


def _words(choices: tuple[str, ...]) -> Offer:
    return Offer("words", choices) if choices else Offer()


def known_models() -> tuple[str, ...]:
    """The models that are offered until `mira models` has asked the server."""
    return of_setting(BY_NAME["model"]).words


def values_by_setting() -> dict[str, Offer]:
    """What is offered after `mira config set NAME`, by name, where there is something to offer."""
    offers = {setting.name: of_setting(setting) for setting in SETTINGS}
    return {name: offer for name, offer in offers.items() if offer.kind in {"words", "models"}}


def first_words() -> dict[str, str]:
    """The words that may stand after `mira`, with a line each."""
    return {row.path[0]: GROUPS.get(row.path[0], row.summary) for row in COMMANDS}


def second_words(group: str) -> dict[str, str]:
    """The words that may stand after a group, with a line each."""
    return {row.path[1]: row.summary for row in COMMANDS if row.path[0] == group and len(row.path) > 1}


def switch_letters() -> str:
    """The letters of the flags without a value, behind which another may stand in the same word."""
    switches = [*HELP_FLAGS, *VERSION_FLAGS]
    for row in COMMANDS:
        switches += [each for flag in row.flags if flag.kind == "switch" for each in flag.spellings]
    return "".join(sorted({each[1] for each in switches if not each.startswith("--")}))


def valued_flags() -> dict[str, Offer]:
    """Every spelling of a flag that takes a value, and what is offered for it; alike in all commands."""
    return {
        spelling: of_flag(flag)
        for row in COMMANDS
        for flag in row.flags
        if flag.kind != "switch"
        for spelling in flag.spellings
    }
