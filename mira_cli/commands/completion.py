"""`mira completion`: the completion script of a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.commands.call import Call, Surroundings


def run(call: Call, around: Surroundings) -> int:
    """Print the script."""
    from mira_cli.commands.scripts import script_for

    around.streams.write(script_for(call.word("shell")))
    return 0
