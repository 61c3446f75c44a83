"""What a TAB offers at each place of the command line; every shell's script is made from this (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from generate.tree import COMMANDS, GROUPS
from mira_cli.commands.completion import SCRIPTS
from mira_cli.settings.table import BY_NAME, SETTINGS
from mira_cli.simulator.faults import FAULTS

if TYPE_CHECKING:
    from generate.tree import Argument, Command, Option
    from mira_cli.settings.table import Setting

HELP_FLAGS = ("-h", "--help")
HELP_TEXT = "Show this message and exit."
VERSION_FLAGS = ("-V", "--version")
VERSION_TEXT = "Show the version."

_FILES = ("FILE", "PATH")

Kind: TypeAlias = (
    "Literal['nothing', 'words', 'models', 'prompts', 'paths', 'text or @path', 'values', 'commands', 'call']"
)
"""What is offered: "values" are those of the setting named before, "call" is a command with its arguments."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a TAB offers; `words` are the fixed words of "words" and "models"."""

    kind: Kind = "nothing"
    words: tuple[str, ...] = ()


def of_option(option: Option) -> Offer:
    """What is offered as the value of an option."""
    if option.metavar in _FILES:
        return Offer("paths")
    if option.name == "fail":
        return Offer("words", tuple(FAULTS))
    setting = BY_NAME.get(option.name)
    return of_setting(setting) if setting else Offer()


def of_setting(setting: Setting) -> Offer:
    """What is offered as the value of a setting."""
    if setting.is_switch:
        return Offer("words", ("true", "false"))
    if setting.name == "model":
        return Offer("models", setting.choices)
    if setting.name == "prompt":
        return Offer("prompts")
    return Offer("text or @path") if setting.name == "system" else _words(setting.choices)


def of_argument(command: Command, argument: Argument) -> Offer:
    """What is offered for an argument of a command; a question is the person's own."""
    if argument.metavar in _FILES:
        return Offer("paths")
    if command.wraps:
        return Offer("call")
    if command.path[0] == "prompts":
        return Offer("prompts")
    return {
        "KEY": Offer("words", tuple(BY_NAME)),
        "VALUE": Offer("values"),
        "COMMAND": Offer("commands"),
        "SHELL": Offer("words", tuple(SCRIPTS)),
    }.get(argument.metavar, Offer())


def _words(choices: tuple[str, ...]) -> Offer:
    return Offer("words", choices) if choices else Offer()


def known_models() -> tuple[str, ...]:
    """The models that are offered until `mira models` has asked the server."""
    return of_setting(BY_NAME["model"]).words


def values_by_setting() -> dict[str, Offer]:
    """What is offered after `mira config set NAME`, by name, where there is something to offer."""
    offers = {setting.name: of_setting(setting) for setting in SETTINGS}
    return {name: offer for name, offer in offers.items() if offer.kind in {"words", "models", "prompts"}}


def first_words() -> dict[str, str]:
    """The words that may stand after `mira`, with a line each."""
    return {row.path[0]: GROUPS.get(row.path[0], row.summary) for row in COMMANDS}


def second_words(group: str) -> dict[str, str]:
    """The words that may stand after a group, with a line each."""
    return {row.path[1]: row.summary for row in COMMANDS if row.path[0] == group and len(row.path) > 1}


def switch_letters() -> str:
    """The letters of the options without a value, behind which another may stand in the same word."""
    switches = [*HELP_FLAGS, *VERSION_FLAGS]
    for row in COMMANDS:
        switches += [each for option in row.options if not option.metavar for each in option.spellings]
    return "".join(sorted({each[1] for each in switches if not each.startswith("--")}))


def valued_options() -> dict[str, Offer]:
    """Every spelling of an option that takes a value, and what is offered for it; alike in all commands."""
    return {
        spelling: of_option(option)
        for row in COMMANDS
        for option in row.options
        if option.metavar
        for spelling in option.spellings
    }
