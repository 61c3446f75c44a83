"""`mira models`: which models there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.commands.call import Call, Surroundings


def run(call: Call, around: Surroundings) -> int:
    """List the models."""
    from mira_cli.session.listing import show_models

    show_models(
        around.streams,
        around.env,
        call.settings,
        as_json=call.has("json"),
        quiet=call.has("quiet"),
        verbose=call.has("verbose"),
    )
    return 0
