"""What somebody wants of one `mira batch`, beside the settings."""

from __future__ import annotations

from typing import NamedTuple


class BatchWish(NamedTuple):
    """One `mira batch`, beside the settings.

    Attributes:
        input: File of questions; `-` is standard input.
        output: File of answers, None for standard output.
        lines: Each line is a question as it stands.
        as_completed: Answers in whatever order they come.
        jobs: Requests at a time.
        per_minute: Requests a minute at most, 0 for no limit.
        limit: Rows to ask at most, None for all.
        retry_failed: Ask rows again that failed before.
        json_reply: Each reply must be a JSON object.
        schema: File of the JSON Schema that each reply must fit, None for none.
        reask: Ask once more when it does not.
        quiet: Only answers and errors.
        verbose: Requests, retries and timings as well.
    """

    input: str
    output: str | None = None
    lines: bool = False
    as_completed: bool = False
    jobs: int = 2
    per_minute: int = 60
    limit: int | None = None
    retry_failed: bool = False
    json_reply: bool = False
    schema: str | None = None
    reask: bool = True
    quiet: bool = False
    verbose: bool = False
