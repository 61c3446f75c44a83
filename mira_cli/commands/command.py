"""What a command is: a row of the tree, with its words and its flags. Pure data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mira_cli.commands.flags import Flag


class Words(NamedTuple):
    """The words of a command that are not flags: its arguments.

    Attributes:
        name: Under this name they reach the command.
        metavar: As help shows them.
        help: One line for people.
        required: Whether at least one must stand there.
        many: Whether there may be several.
        choices: Words worth completing; paths are offered when `paths` is set.
        paths: Whether they are file names.
    """

    name: str
    metavar: str
    help: str
    required: bool = False
    many: bool = False
    choices: tuple[str, ...] = ()
    paths: bool = False


class Command(NamedTuple):
    """One command.

    Attributes:
        path: Its words: ("ask",), ("config", "set").
        summary: One line for people.
        examples: Two calls that work.
        words: What it takes beside flags.
        flags: Its flags.
        details: More for people, lines.
        passes_on: Whether all that follows its first word belongs to another command.
        dashed: Whether a word that begins with a dash is no flag.
    """

    path: tuple[str, ...]
    summary: str
    examples: tuple[str, ...]
    words: tuple[Words, ...] = ()
    flags: tuple[Flag, ...] = ()
    details: tuple[str, ...] = ()
    passes_on: bool = False
    dashed: bool = False

    @property
    def name(self) -> str:
        """As it is typed after `mira`."""
        return " ".join(self.path)
