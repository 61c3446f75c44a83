"""What a command is handed: the typed words and flags, the streams and the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mira_cli.commands.flags import value_of_switch
from mira_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.commands.command import Command
    from mira_cli.terminal.streams import Streams


class Call(NamedTuple):
    """One call of a command, read but not yet checked.

    Attributes:
        command: Which command.
        words: Its words by name: a tuple of strings each, () if none was given.
        flags: The flags that were given, by name: True for a switch, a string, or a tuple of strings.
    """

    command: Command
    words: Mapping[str, tuple[str, ...]]
    flags: Mapping[str, object]

    def word(self, name: str) -> str:
        """The one word of that name; "" if it was not given. Not for words that may be many."""
        return (self.words.get(name) or ("",))[0]

    def has(self, name: str) -> bool:
        """Whether this switch was given."""
        return name in self.flags

    def text(self, name: str) -> str | None:
        """The value of this flag, None if it was not given.

        Raises:
            UsageError: It should be the name of a file and is empty, as from a variable that is not set.
        """
        value = self.flags.get(name)
        if value == "" and any(flag.name == name and flag.completes == "path" for flag in self.command.flags):
            raise UsageError(f"--{name} must not be empty.", hint="Name a file.")
        return value if isinstance(value, str) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """The values of this repeatable flag."""
        value = self.flags.get(name, ())
        return value if isinstance(value, tuple) else ()

    @property
    def settings(self) -> dict[str, object]:
        """Of the flags those that are settings, as `settings.resolve` takes them."""
        return {
            flag.name: value_of_switch(flag.name) if flag.kind == "switch" else self.flags[flag.name]
            for flag in self.command.flags
            if flag.setting and flag.name in self.flags
        }


class Surroundings(NamedTuple):
    """What a run has around it: the standard streams and the environment."""

    streams: Streams
    env: Mapping[str, str]
