"""`mira batch`: every question of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.commands.numbers import whole

if TYPE_CHECKING:
    from mira_cli.commands.call import Call, Surroundings

_MOST_JOBS = 3  # what the API allows


def run(call: Call, around: Surroundings) -> int:
    """Ask all rows as the flags say; 8 when some failed."""
    from mira_cli.session.batch.options import BatchOptions
    from mira_cli.session.batch.run import batch

    options = BatchOptions(
        input=call.word("input"),
        output=None if call.text("output") == "-" else call.text("output"),
        lines=call.has("lines"),
        as_completed=call.has("as_completed"),
        jobs=whole(call, "jobs", 1, _MOST_JOBS) or 2,
        per_minute=60 if call.text("per_minute") is None else whole(call, "per_minute") or 0,
        limit=whole(call, "limit"),
        retry_failed=call.has("retry_failed"),
        json_reply=call.has("json_reply"),
        schema=call.text("schema"),
        reask=not call.has("no_reask"),
        quiet=call.has("quiet"),
        verbose=call.has("verbose"),
    )
    return batch(options, call.settings, around.streams, around.env)
