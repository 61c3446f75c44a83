"""Options of one `mira ask`, and which of them can't be combined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.errors import UsageError

if TYPE_CHECKING:
    from mira_cli.terminal.writers import Form


@dataclass(frozen=True, slots=True)
class AskOptions:
    """Options of one `mira ask` that are not settings.

    Attributes:
        words: The question; `-` is standard input.
        files: Names of files to add; `-` is standard input.
        conversation: File of the conversation to continue, None for none.
        edit: Write the question in an editor.
        code: Print the first code block only.
        code_flag: How `code` was typed, for messages: `-x` or `--code`.
        lang: Of this language only, None for any.
        code_all: All of them, not the first.
        raw: Print Markdown unrendered.
        json: Print one JSON object.
        events: Print events as JSON lines.
        json_reply: The reply must be a JSON object.
        schema: File of the JSON Schema that the reply must fit, None for none.
        reask: Ask once more when it does not.
        dry_run: Print the request and stop.
        no_stdin: Leave standard input alone.
        quiet: Only the answer and errors.
        verbose: Requests, retries and timings as well.
    """

    words: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    conversation: str | None = None
    edit: bool = False
    code: bool = False
    code_flag: str = "--code"
    lang: str | None = None
    code_all: bool = False
    raw: bool = False
    json: bool = False
    events: bool = False
    json_reply: bool = False
    schema: str | None = None
    reask: bool = True
    dry_run: bool = False
    no_stdin: bool = False
    quiet: bool = False
    verbose: bool = False

    @property
    def form(self) -> Form:
        """The form of the output: for people, or one of those for programs."""
        return "json" if self.json else "events" if self.events else "text"

    @property
    def wants_code(self) -> bool:
        """Whether only code blocks are wanted."""
        return self.code or self.code_all or self.lang is not None

    @property
    def wants_json(self) -> bool:
        """Whether the reply must be JSON."""
        return self.json_reply or self.schema is not None

    def check(self) -> None:
        """Check that no two options exclude each other (scripts may rely on it: nothing is sent).

        Raises:
            UsageError: Two do, or `--lang` is empty, as from a variable that is not set.
        """
        if self.lang == "":
            raise UsageError("--lang must not be empty.", hint="Leave it out for code in any language.")
        code = "--code-all" if self.code_all else "--lang" if self.lang is not None else self.code_flag
        data = "--schema" if self.schema is not None else "--json-reply"
        if self.json and self.events:
            raise _cannot_combine("--json", "--events")
        if self.wants_code and self.form != "text":
            raise _cannot_combine(f"--{self.form}", code)
        if self.wants_code and self.wants_json:
            raise _cannot_combine(code, data)


def _cannot_combine(one: str, other: str) -> UsageError:
    return UsageError(f"{one} and {other} can't be combined.", hint="Use only one.")
