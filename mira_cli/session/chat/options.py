"""Options of one `mira chat`."""

from __future__ import annotations

from dataclasses import dataclass

from mira_cli.errors import UsageError


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """Options of one `mira chat` that are not settings.

    Attributes:
        words: A question to begin with.
        files: Names of files that go with the first question.
        conversation: File of a conversation to continue and to keep up to date, None for none.
        load: File of the conversation to begin with, None for none.
        save: File that gets the conversation after each turn, None for none.
        raw: Print Markdown unrendered.
        quiet: Only answers and errors.
        verbose: Requests, retries and timings as well.
    """

    words: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    conversation: str | None = None
    load: str | None = None
    save: str | None = None
    raw: bool = False
    quiet: bool = False
    verbose: bool = False

    def check(self) -> None:
        """Check that the options can be combined.

        Raises:
            UsageError: Two do.
        """
        for name, value in (("--load", self.load), ("--save", self.save)):
            if self.conversation is not None and value is not None:
                raise UsageError(
                    f"--conversation and {name} can't be combined.",
                    hint="--conversation FILE loads FILE and saves to it.",
                )
