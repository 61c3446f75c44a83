"""Options of one `mira batch`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """Options of one `mira batch` that are not settings.

    Attributes:
        input: File of questions; `-` is standard input.
        output: File of answers, None for standard output.
        lines: Treat each line as a question.
        as_completed: Answers in whatever order they come.
        jobs: Concurrent requests.
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
