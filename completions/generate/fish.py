"""The completion script of fish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generate import offers
from generate.template import filled
from generate.tree import COMMANDS, GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generate.offers import Offer
    from generate.tree import Command, Option


_ARGUMENTS = {
    "models": "-x -a '(__mira_models)'",
    "prompts": "-x -a '(__mira_prompts)'",
    "paths": "-r -F",
    "text or @path": "-x -a '(__mira_text_or_file)'",
    "values": "-x -a '(__mira_setting_value)'",
    "call": "-x -a '(__mira_call)'",
}


def fish_script() -> str:
    """The script, complete."""
    valued = offers.valued_options()
    return filled(
        "mira.fish",
        {
            "SWITCHES": offers.switch_letters(),
            "VALUED": " ".join(valued),
            "GROUPS": " ".join(GROUPS),
            "CALLS": " ".join(row.name for row in COMMANDS if row.wraps),
            "MODELS": " ".join(offers.known_models()),
            "SETTING_VALUES": _setting_values(),
            "ROOT": _root(),
            "COMMANDS": (line for row in COMMANDS for line in _command(row)),
        },
    )


def _root() -> Iterator[str]:
    for name, text in offers.first_words().items():
        yield _line(_at(""), f"-a {name}", text)
    yield _line(_at(""), _spelled(offers.VERSION_FLAGS), offers.VERSION_TEXT)
    yield _line(_at(""), _spelled(offers.HELP_FLAGS), offers.HELP_TEXT)
    for group in GROUPS:
        for name, text in offers.second_words(group).items():
            yield _line(_at(group), f"-a {name}", text)
        yield _line(_at(group), _spelled(offers.HELP_FLAGS), offers.HELP_TEXT)


def _command(row: Command) -> Iterator[str]:
    here = _at(row.name, 0 if row.wraps else None)
    for option in row.options:
        yield _line(here, f"{_spelled(option.spellings)}{_value(option)}", option.help)
    yield _line(here, _spelled(offers.HELP_FLAGS), offers.HELP_TEXT)
    for place, argument in enumerate(row.arguments):
        offer = offers.of_argument(row, argument)
        if offer.kind == "commands":
            yield from _names_of_commands(row)
        elif offered := _argument(offer):
            here = _at(row.name, None if argument.repeatable else place)
            yield f"complete -c mira -n {_quoted(here)} {offered}"


def _names_of_commands(row: Command) -> Iterator[str]:
    for name, text in offers.first_words().items():
        yield _line(_at(row.name, 0), f"-a {name}", text)
    for group in GROUPS:
        here = f"{_at(row.name, 1)}; and test (__mira_line)[2] = {group}"
        for name, text in offers.second_words(group).items():
            yield _line(here, f"-a {name}", text)


def _at(command: str, count: int | None = None) -> str:
    name = f'"{command}"' if not command or " " in command else command
    return f"__mira_at {name}" if count is None else f"__mira_at {name} {count}"


def _line(condition: str, what: str, text: str) -> str:
    return f"complete -c mira -n {_quoted(condition)} {what} -d {_quoted(text)}"


def _spelled(spellings: Iterable[str]) -> str:
    return " ".join(f"-l {each[2:]}" if each.startswith("--") else f"-s {each[1:]}" for each in spellings)


def _value(option: Option) -> str:
    if not option.metavar:
        return ""
    argument = _argument(offers.of_option(option))
    return f" {argument}" if argument else " -x"


def _argument(offer: Offer) -> str:
    """The options of `complete` that offer this as an argument; "" if nothing is offered."""
    return (
        f"-x -a {_quoted(' '.join(offer.words))}" if offer.kind == "words" else _ARGUMENTS.get(offer.kind, "")
    )


def _setting_values() -> Iterator[str]:
    table = offers.values_by_setting()
    for offer in dict.fromkeys(table.values()):
        yield f"case {' '.join(name for name, each in table.items() if each == offer)}"
        words = " ".join(offer.words)
        yield f"    printf '%s\\n' {words}" if offer.kind == "words" else f"    __mira_{offer.kind}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
