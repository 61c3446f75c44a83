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
        words: The words of the question; `-` is standard input.
        files: Names of files to add; `-` is standard input.
        conversation: File of the conversation to continue, None for none.
        edit: Write the question in an editor.
        code: Print code blocks only.
        lang: Of this language only, None for any.
        code_all: All of them, not the first.
        raw: Print Markdown unrendered.
        form: For people, or one of the forms for programs.
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
    lang: str | None = None
    code_all: bool = False
    raw: bool = False
    form: Form = "text"
    json_reply: bool = False
    schema: str | None = None
    reask: bool = True
    dry_run: bool = False
    no_stdin: bool = False
    quiet: bool = False
    verbose: bool = False

    @property
    def wants_code(self) -> bool:
        """Whether only code blocks are wanted."""
        return self.code or self.code_all or self.lang is not None

    @property
    def wants_json(self) -> bool:
        """Whether the reply must be JSON."""
        return self.json_reply or self.schema is not None


def check_options(options: AskOptions) -> None:
    """Check that the options can be combined, and that a language has a name.

    Raises:
        UsageError: Two can't, or the language is empty, as from a variable that is not set.
    """
    if options.lang == "":
        raise UsageError("--lang must not be empty.", hint="Leave it out for code of any language.")
    code = "--code-all" if options.code_all else "--lang" if options.lang is not None else "--code"
    data = "--schema" if options.schema is not None else "--json-reply"
    if options.wants_code and options.form != "text":
        raise _exclusive(f"--{options.form}", code)
    if options.wants_code and options.wants_json:
        raise _exclusive(code, data)


def _exclusive(one: str, other: str) -> UsageError:
    return UsageError(f"{one} and {other} can't be combined.", hint="Use only one.")


def form_of(*, json: bool, events: bool) -> Form:
    """The form that the two flags ask for.

    Raises:
        UsageError: They can't be combined.
    """
    if json and events:
        raise _exclusive("--json", "--events")
    return "json" if json else "events" if events else "text"
