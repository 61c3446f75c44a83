"""The flags: those of the settings, from their table, and those that are only for one run. Pure data."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from mira_cli.settings.table import BY_NAME

Kind: TypeAlias = "Literal['switch', 'value', 'values']"
Completes: TypeAlias = "Literal['', 'path', 'words']"


class Flag(NamedTuple):
    """One flag of a command.

    Attributes:
        name: Under this name its value reaches the command.
        spellings: As typed, the long one last.
        kind: "switch" takes no value, "value" one, "values" one each time it is given.
        help: One line for people.
        metavar: The word for its value in help, "" for a switch.
        completes: What a TAB after it offers: nothing, paths, or `choices`.
        choices: Words worth completing.
        setting: Whether it is the flag of a setting.
    """

    name: str
    spellings: tuple[str, ...]
    kind: Kind
    help: str
    metavar: str = ""
    completes: Completes = ""
    choices: tuple[str, ...] = ()
    setting: bool = False


_SWITCH_HELP = {
    "stream": "Show the whole reply at once.",
    "usage": "Print token usage on stderr, also when piped.",
}


def of_setting(name: str) -> Flag:
    """The flag of a setting, as the settings table describes it."""
    row = BY_NAME[name]
    kind: Kind = "switch" if not row.metavar else "values" if row.is_list else "value"
    return Flag(
        name=row.name,
        spellings=row.flags,
        kind=kind,
        help=_SWITCH_HELP.get(name, row.help),
        metavar=row.metavar,
        completes="words" if row.choices and row.metavar else "",
        choices=row.choices if row.metavar else (),
        setting=True,
    )


def value_of_switch(name: str) -> object:
    """What a setting becomes when its switch is given."""
    if name == "usage":
        return "always"
    return not BY_NAME[name].flags[-1].startswith("--no-")


FILE = Flag("file", ("-f", "--file"), "values", "Add a text file (repeatable).", "PATH", "path")
RAW = Flag("raw", ("-r", "--raw"), "switch", "Print Markdown as it comes, unrendered.")
QUIET = Flag("quiet", ("-q", "--quiet"), "switch", "Print only the answer and errors.")
VERBOSE = Flag("verbose", ("-v", "--verbose"), "switch", "Requests, retries and timings on stderr.")
JSON_REPLY = Flag(
    "json_reply", ("--json-reply",), "switch", "Ask for a JSON object and check that it is one."
)
SCHEMA = Flag(
    "schema", ("--schema",), "value", "Ask for JSON that fits this JSON Schema and check it.", "FILE", "path"
)
NO_REASK = Flag("no_reask", ("--no-reask",), "switch", "No second try when the JSON does not fit.")

HOW_TO_ANSWER = tuple(
    of_setting(name) for name in ("model", "system", "temperature", "top_p", "max_tokens", "stop")
)
NETWORK = tuple(of_setting(name) for name in ("timeout", "max_time", "retries", "base_url"))
DISPLAY = tuple(of_setting(name) for name in ("stream", "plain", "color", "theme", "sanitize"))
