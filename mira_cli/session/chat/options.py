"""Options of one `mira chat`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """Options of one `mira chat` that are not settings.

    Attributes:
        words: A question to begin with.
        files: Names of files that go with the first question.
        load: File of the conversation to begin with, None for none.
        save: File that gets the conversation after each turn, None for none.
        raw: Print Markdown unrendered.
        quiet: Only answers and errors.
        verbose: Requests, retries and timings as well.
    """

    words: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    load: str | None = None
    save: str | None = None
    raw: bool = False
    quiet: bool = False
    verbose: bool = False
