"""The man page, in mdoc(7)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generate.template import filled
from generate.tree import COMMANDS
from mira_cli import __version__
from mira_cli.commands.layout import EXIT_CODES
from mira_cli.settings.parse import display
from mira_cli.settings.table import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generate.tree import Command
    from mira_cli.settings.table import Setting

RELEASED = "December 1, 2026"
"""The day of the release, as CHANGELOG.md has it; a man page must carry one."""

_ENVIRONMENT = (
    ("MIRA_CONFIG_DIR", "A directory for all files of mira, instead of those below."),
    ("MIRA_DEBUG", "If it is 1, a bug in mira shows its traceback, with keys masked."),
    (
        "NO_COLOR , FORCE_COLOR , CLICOLOR_FORCE , TERM",
        "Whether to use colour. An answer in a pipe only has any with --color always.",
    ),
    ("COLUMNS", "The width of help, and of an answer coloured for a pipe."),
    ("VISUAL , EDITOR", "The editor."),
    ("HTTPS_PROXY , ALL_PROXY , NO_PROXY", "The proxy to the API, and the hosts that need none."),
    ("SSL_CERT_FILE , SSL_CERT_DIR", "The certificates to trust, instead of the system's."),
)
_FILES = (
    ("~/.config/mira/config.toml", "The settings. On any system, mira config path prints where."),
    ("~/.config/mira/key", "The API key, readable by its owner alone."),
    ("~/.local/state/mira/history", "The lines typed in chats, unless history is false."),
    ("~/.cache/mira/models", "The models that mira models last listed, for completion."),
)


def man_page() -> str:
    """The page, complete."""
    variables = ((row.env, f"The setting {row.name}.") for row in SETTINGS)
    codes = ((str(code), f"{meaning[0].upper()}{meaning[1:]}.") for code, meaning in EXIT_CODES)
    return filled(
        "mira.1",
        {
            "RELEASED": RELEASED,
            "VERSION": __version__,
            "SYNOPSIS": (line for row in COMMANDS for line in _synopsis(row)),
            "COMMANDS": (line for row in COMMANDS for line in _command(row)),
            "SETTINGS": (line for row in SETTINGS for line in _setting(row)),
            "ENVIRONMENT": (*_items("Ev", variables), *_items("Ev", _ENVIRONMENT)),
            "FILES": _items("Pa", _FILES),
            "EXIT": _items("", codes),
        },
    )


def _synopsis(row: Command) -> Iterator[str]:
    yield ".Nm"
    yield f".Cm {row.name}"
    if row.options:
        yield ".Op Ar options"
    for argument in row.arguments:
        dots = " ..." if argument.repeatable else ""
        if row.wraps:
            yield f".Op Cm \\-\\- Ar {argument.metavar}{dots}"
        else:
            yield f".{'Ar' if argument.required else 'Op Ar'} {argument.metavar}{dots}"


def _command(row: Command) -> Iterator[str]:
    yield f".Ss mira {row.name}"
    yield from _text(" ".join((row.summary, *row.details)))
    if row.arguments or row.options:
        yield ".Bl -tag -width Ds"
        for argument in row.arguments:
            yield f".It Ar {argument.metavar}"
            yield from _text(argument.help)
        for option in row.options:
            yield f".It {_spelled(option.spellings, option.metavar)}"
            yield from _text(option.help)
        yield ".El"
    yield ".Pp"
    yield "For example:"
    yield from (f".Dl {_escaped(example)}" for example in row.examples)


def _spelled(spellings: Iterable[str], metavar: str) -> str:
    value = f" Ar {metavar}" if metavar else ""
    return " , ".join(f"Fl {spelling[1:]}{value}" for spelling in spellings)


def _setting(row: Setting) -> Iterator[str]:
    yield f".It Va {row.name}"
    yield from _text(row.help)
    default = display(row.default)
    if row.is_switch:
        yield "Takes true or false."
    if default:
        yield from _text(f"By default {default}.")
    if row.flags:
        yield "Flag:"
        yield f".{_spelled(row.flags, row.metavar)} ."


def _items(macro: str, items: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, text in items:
        yield f".It {macro} {name}" if macro else f".It {name}"
        yield from _text(text)


def _text(text: str) -> Iterator[str]:
    """Prose: a new sentence is a new line."""
    return (_escaped(sentence) for sentence in re.split(r"(?<=[.?!]) (?=[A-Z])", text))


def _escaped(text: str) -> str:
    text = re.sub(r"(?<!\w)-", r"\\-", text.replace("\\", "\\e").replace('"', "\\(dq"))
    text = "".join(each if each.isascii() else f"\\[u{ord(each):04X}]" for each in text)
    return f"\\&{text}" if text[:1] in {".", "'"} else text
