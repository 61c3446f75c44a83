"""The completion script of zsh: a function for `fpath`, which may be sourced as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generate import offers
from generate.template import filled
from generate.tree import COMMANDS, GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generate.offers import Offer
    from generate.tree import Argument, Command, Option


_ACTIONS = {
    "models": "__mira_models",
    "prompts": "__mira_saved_prompts",
    "paths": "_files",
    "text or @path": "__mira_text_or_file",
    "values": "__mira_setting_value",
}


def zsh_script() -> str:
    """The script, complete."""
    return filled(
        "_mira",
        {
            "MODELS": " ".join(offers.known_models()),
            "SETTING_VALUES": _setting_values(),
            "FUNCTIONS": "\n\n".join(map(_function, COMMANDS)),
            "GROUPS": "\n\n".join(map(_group, GROUPS)),
            "ROOT": _root(),
        },
    )


def _root() -> str:
    version = _leaving(offers.VERSION_FLAGS, offers.VERSION_TEXT)
    return _level("mira", "mira", offers.first_words(), (version,), ("*[[:space:]]*) _mira_ask && ret=0 ;;",))


def _group(name: str) -> str:
    return _level(f"mira_{name}", name, offers.second_words(name))


def _level(
    function: str,
    title: str,
    names: Mapping[str, str],
    flags: tuple[str, ...] = (),
    arms: tuple[str, ...] = (),
) -> str:
    """The function that offers the words at one level, and hands on to that of the word that stands there."""
    return filled(
        "level.zsh",
        {
            "FUNCTION": function,
            "TITLE": title,
            "NAMES": _described(names),
            "FLAGS": " \\\n".join((*flags, _help_flag())),
            "DISPATCH": (*(f"{name}) _{function}_{name} && ret=0 ;;" for name in names), *arms),
        },
    ).rstrip()


def _function(row: Command) -> str:
    """The function of one command: its flags and words, as `_arguments` takes them."""
    specs = [*map(_option, row.options), _help_flag(), *_arguments(row)]
    head = f"_mira_{'_'.join(row.path)}() {{\n    _arguments -s -S \\\n"
    return head + " \\\n".join(" " * 8 + spec for spec in specs) + "\n}"


def _option(option: Option) -> str:
    several = "*" if option.repeatable else ""
    value = (
        ""
        if not option.metavar
        else f":{_escaped(option.metavar.lower())}:{_action(offers.of_option(option))}"
    )
    text = f"[{_escaped(option.help)}]"
    # A value stands after --long= or in the next word, and after -s in the same word or the next.
    ends = ("", "") if not option.metavar else ("+", "=")
    forms = [spelling + ends[spelling.startswith("--")] for spelling in option.spellings]
    if len(forms) == 1:
        return _quoted(f"{several}{forms[0]}{text}{value}")
    others = several or f"({' '.join(option.spellings)})"
    return f"{_quoted(others)}{{{','.join(forms)}}}{_quoted(text + value)}"


def _leaving(spellings: tuple[str, ...], text: str) -> str:
    """A flag beside which nothing else counts."""
    return f"'(- *)'{{{','.join(spellings)}}}{_quoted(f'[{_escaped(text)}]')}"


def _help_flag() -> str:
    return _leaving(offers.HELP_FLAGS, offers.HELP_TEXT)


def _arguments(row: Command) -> Iterator[str]:
    for place, argument in enumerate(row.arguments, 1):
        offer = offers.of_argument(row, argument)
        if offer.kind == "commands":
            yield "'1: :__mira_command'"
            arms = " ".join(f"({name}) __mira_{name}_command ;;" for name in GROUPS)
            yield _quoted(f"2: :{{ case ${{words[2]}} in {arms} esac }}")
        elif offer.kind == "call":
            yield "'(-)1: :_command_names -e'"
            yield "'*:: : __mira_call'"
        else:
            # The space that is nothing shows a message, beside which zsh only lists the flag that was begun.
            action = "{:}" if offer.kind == "nothing" else _action(offer)
            yield _quoted(f"{_position(argument, place)}:{argument.metavar.lower()}:{action}")


def _position(argument: Argument, place: int) -> str:
    return "*" if argument.repeatable else str(place)


def _action(offer: Offer) -> str:
    """What `_arguments` is to do; a space is nothing."""
    return f"({' '.join(offer.words)})" if offer.kind == "words" else _ACTIONS.get(offer.kind, " ")


def _setting_values() -> Iterator[str]:
    table = offers.values_by_setting()
    for offer in dict.fromkeys(table.values()):
        names = "|".join(name for name, each in table.items() if each == offer)
        action = _ACTIONS.get(offer.kind) or f"compadd - {' '.join(offer.words)}"
        yield f"{names}) {action} ;;"


def _described(words: Mapping[str, str]) -> Iterator[str]:
    return (_quoted(f"{name}:{_escaped(text)}") for name, text in words.items())


def _escaped(text: str) -> str:
    return text.translate({ord(character): f"\\{character}" for character in "\\[]:"})


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
