"""The commands of `mira` as plain values, found by walking its Typer application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typer.main import get_command

from mira_cli.commands.layout import help_text, walk
from mira_cli.commands.root import application


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a command.

    Attributes:
        name: The name of its parameter: `max_tokens`.
        spellings: As typed, the long one last.
        help: One line for people.
        metavar: The word for its value, "" for a switch.
        repeatable: Whether it may be given several times.
    """

    name: str
    spellings: tuple[str, ...]
    help: str
    metavar: str
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command.

    Attributes:
        metavar: As help shows it.
        help: One line for people.
        required: Whether it must be given.
        repeatable: Whether there may be several.
    """

    metavar: str
    help: str
    required: bool
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        path: The words that call it: ("ask",), ("config", "set").
        summary: One line for people.
        details: More lines.
        examples: Calls that work.
        arguments: What it takes, in order.
        options: Its options without `--help`, which all have.
        wraps: Whether all that follows its first argument belongs to another command.
    """

    path: tuple[str, ...]
    summary: str
    details: tuple[str, ...]
    examples: tuple[str, ...]
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]
    wraps: bool

    @property
    def name(self) -> str:
        """As it is typed after `mira`."""
        return " ".join(self.path)


def _command(path: tuple[str, ...], command: Any) -> Command:
    summary, details, examples = help_text(command)
    arguments = [
        Argument(param.metavar, param.help, param.required, param.nargs == -1)
        for param in command.params
        if param.param_type_name == "argument"
    ]
    options = [
        Option(param.name, tuple(param.opts), param.help, param.metavar or "", param.multiple)
        for param in command.params
        if param.param_type_name == "option"
    ]
    return Command(
        path,
        summary,
        tuple(details),
        tuple(examples),
        tuple(arguments),
        tuple(options),
        wraps=not command.context_settings.get("allow_interspersed_args", True),
    )


_ROOT: Any = get_command(application())
COMMANDS = tuple(_command(path, command) for path, command in walk(_ROOT))
GROUPS = {name: help_text(each)[0] for name, each in _ROOT.commands.items() if hasattr(each, "commands")}
