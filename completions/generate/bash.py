"""The completion script of bash; it holds for bash 3.2, for `set -u` and for `set -e` too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generate import offers
from generate.template import filled
from generate.tree import COMMANDS, GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generate.offers import Offer
    from generate.tree import Command

_WIDTH = 88
_ACTIONS = {
    "models": "_mira_offer_models",
    "prompts": "_mira_offer_prompts",
    "paths": "_mira_offer_paths",
    "text or @path": 'if [[ $typed == "$lead@"* ]]; then lead+=@ && _mira_offer_paths; fi',
    "values": '_mira_offer_setting_value "$first"',
    "call": '_mira_offer_call "${places[i]}"',
}


def bash_script() -> str:
    """The script, complete."""
    valued = offers.valued_options()
    return filled(
        "mira.bash",
        {
            "MODELS": _offering(offers.known_models()),
            "VALUES": _by_offer(valued),
            "FLAGS": _flags(),
            "SETTING_VALUES": _by_offer(offers.values_by_setting()),
            "SWITCHES": offers.switch_letters(),
            "VALUED": " | ".join(valued),
            "GROUPS": "|".join(GROUPS),
            "CALLS": _either(row.name for row in COMMANDS if row.wraps),
            "WORDS": _words(),
        },
    )


def _either(words: Iterable[str]) -> str:
    several = tuple(words)
    return several[0] if len(several) == 1 else f"@({'|'.join(several)})"


def _by_offer(table: dict[str, Offer]) -> Iterator[str]:
    """An arm of a `case` for each offer, with all the names it is made for."""
    for offer in dict.fromkeys(table.values()):
        if action := _action(offer):
            names = " | ".join(name for name, each in table.items() if each == offer)
            yield f"{names})"
            yield _indented(action) + " ;;"


def _action(offer: Offer) -> str:
    return _offering(offer.words) if offer.kind == "words" else _ACTIONS.get(offer.kind, "")


def _flags() -> Iterator[str]:
    yield "'')"
    yield _indented(_offering((*offers.VERSION_FLAGS, *offers.HELP_FLAGS))) + " ;;"
    for group in GROUPS:
        yield f"{group})"
        yield _indented(_offering(offers.HELP_FLAGS)) + " ;;"
    for row in COMMANDS:
        spellings = [spelling for option in row.options for spelling in option.spellings]
        yield f"{_quoted(row.name)})"
        yield _indented(_offering((*spellings, *offers.HELP_FLAGS))) + " ;;"


def _words() -> Iterator[str]:
    yield "'')"
    yield _indented(_offering(offers.first_words())) + " ;;"
    for group in GROUPS:
        yield f"{group})"
        yield _indented(_offering(offers.second_words(group))) + " ;;"
    for row in COMMANDS:
        if steps := list(_steps(row)):
            yield f"{_quoted(row.name)})"
            yield _indented("\n".join(steps)) + " ;;"


def _steps(row: Command) -> Iterator[str]:
    """What is offered for each word of a command, by how many stand before it."""
    for place, argument in enumerate(row.arguments):
        offer = offers.of_argument(row, argument)
        if offer.kind == "commands":
            yield from _names_of_commands()
        elif offer.kind == "call":
            yield _action(offer)
        elif action := _action(offer):
            yield f"if ((count == {place})); then\n{_indented(action)}\nfi"


def _names_of_commands() -> Iterator[str]:
    yield f"if ((count == 0)); then\n{_indented(_offering(offers.first_words()))}\nfi"
    for group in GROUPS:
        names = _offering(offers.second_words(group))
        yield f"if ((count == 1)) && [[ $first == {group} ]]; then\n{_indented(names)}\nfi"


def _offering(words: Iterable[str]) -> str:
    r"""The call that offers these words, over several lines ended by `\` where one would be too long."""
    lines = ["_mira_offer"]
    for word in words:
        if len(lines[-1]) + len(word) >= _WIDTH:
            lines[-1] += " \\"
            lines.append(" " * 4 + word)
        else:
            lines[-1] += f" {word}"
    return "\n".join(lines)


def _quoted(name: str) -> str:
    return f"'{name}'" if " " in name else name


def _indented(text: str) -> str:
    return "\n".join(" " * 4 + line for line in text.split("\n"))
