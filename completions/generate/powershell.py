"""The completion script of PowerShell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generate import offers
from generate.template import filled
from generate.tree import COMMANDS, GROUPS
from mira_cli.commands.completion import SCRIPTS
from mira_cli.settings.table import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generate.offers import Offer


def powershell_script() -> str:
    """The script, complete."""
    valued = offers.valued_options()
    return filled(
        "mira.ps1",
        {
            "ROOT": (f"{_quoted(name)} = {_quoted(text)}" for name, text in offers.first_words().items()),
            "SECOND": (f"{_quoted(name)} = {_list(offers.second_words(name))}" for name in GROUPS),
            "FLAGS": _flags(),
            "SWITCHES": offers.switch_letters(),
            "VALUED": _table(valued),
            "SETTINGS": _table(offers.values_by_setting()),
            "MODELS": _list(offers.known_models()),
            "SHELLS": _list(SCRIPTS),
            "SETTING_NAMES": _list(BY_NAME),
        },
    )


def _flags() -> Iterator[str]:
    yield f"'' = {_list((*offers.VERSION_FLAGS, *offers.HELP_FLAGS))}"
    for group in GROUPS:
        yield f"{_quoted(group)} = {_list(offers.HELP_FLAGS)}"
    for row in COMMANDS:
        spellings = [spelling for option in row.options for spelling in option.spellings]
        yield f"{_quoted(row.name)} = {_list((*spellings, *offers.HELP_FLAGS))}"


def _table(offered: Mapping[str, Offer]) -> Iterator[str]:
    for name, offer in offered.items():
        listed = offer.kind in {"models", "prompts"}
        yield f"{_quoted(name)} = {_quoted(offer.kind) if listed else _list(offer.words)}"


def _list(words: Iterable[str]) -> str:
    return f"@({', '.join(map(_quoted, words))})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
