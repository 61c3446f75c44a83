"""`mira batch`: every question of a file."""

from __future__ import annotations

from mira_cli.errors import UsageError
from mira_cli.light_typing import TYPE_CHECKING
from mira_cli.settings.coerce import BadValueError, whole

if TYPE_CHECKING:
    from mira_cli.commands.call import Call, Surroundings

_MOST_JOBS = 3  # what the API allows


def run(call: Call, around: Surroundings) -> int:
    """Ask all rows as the flags say; 8 when some failed."""
    from mira_cli.session.batch import BatchWish, batch

    wish = BatchWish(
        input=call.word("input"),
        output=None if call.text("output") == "-" else call.text("output"),
        lines=call.has("lines"),
        as_completed=call.has("as_completed"),
        jobs=_number(call, "jobs", 1, _MOST_JOBS) or 2,
        per_minute=60 if call.text("per_minute") is None else _number(call, "per_minute") or 0,
        limit=_number(call, "limit"),
        retry_failed=call.has("retry_failed"),
        json_reply=call.has("json_reply"),
        schema=call.text("schema"),
        reask=not call.has("no_reask"),
        quiet=call.has("quiet"),
        verbose=call.has("verbose"),
    )
    return batch(wish, call.settings, around.streams, around.env)


def _number(call: Call, name: str, low: int = 0, high: int | None = None) -> int | None:
    text = call.text(name)
    if text is None:
        return None
    words = f"{low} or more" if high is None else f"{low} to {high}"
    try:
        return whole(text, low, high, words)
    except BadValueError as error:
        flag = f"--{name.replace('_', '-')}"
        if error.kind == "range":
            colon = ":" if high is None else ""
            raise UsageError(f"{flag}: {text} is out of range{colon} {error.must}.") from error
        raise UsageError(f"{flag} must be {error.must}, not {text or 'empty'}.") from error
