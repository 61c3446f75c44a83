"""How a reply is written out: the base class, the plain writers, and the function that picks one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal, TypeAlias

from mira_cli.errors import MiraError, ReaderGone

if TYPE_CHECKING:
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.sanitize import Sanitizer
    from mira_cli.terminal.streams import Streams

Form: TypeAlias = Literal["text", "json", "events"]
"""`text` is for people, the other two are for programs."""


class Writer:
    """Takes one reply as it arrives. After `done` or `fail` it must not be called again.

    Every method but `notice` does nothing here; a writer overrides what it needs. `write` and `done` raise
    OutputError, ReaderGone or Interrupted when standard output fails; `fail` never raises.

    Attributes:
        at_end: Whether nothing is shown before the end of the reply: the waiting line stays until then.
    """

    at_end = False

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def start(self, model: str) -> None:
        """A question is about to be asked of `model`."""

    def prepare(self) -> None:
        """The request has been sent: time to load what drawing needs. May be called again."""

    def write(self, text: str) -> None:
        """Take the next piece of the answer."""

    def reasoning(self, text: str) -> None:
        """Take the next piece of the model's reasoning, which is not part of the answer."""

    def notice(self, kind: str, message: str) -> None:
        """Show a notice on standard error: trimmed, reask, unreadable, log and so on.

        Retries are left to the waiting line.
        """
        if kind != "retry":
            self._streams.note(message)

    def done(self, result: Result) -> None:
        """End a complete reply."""

    def fail(self, error: MiraError | ReaderGone) -> None:
        """End a reply that was cut or never came; what arrived stays. Tells programs why, not people."""


class SilentWriter(Writer):
    """Shows nothing of a reply: with `--code` and `--json-reply` the caller prints a part at the end."""

    at_end = True


class PlainWriter(Writer):
    """The reply's text exactly as it comes, then a newline if it does not end in one. For pipes and files.

    With a sanitizer (`--sanitize always`) the text is made safe first.
    """

    def __init__(self, streams: Streams, sanitizer: Sanitizer | None = None) -> None:
        super().__init__(streams)
        self._sanitizer = sanitizer
        self._last = ""

    def write(self, text: str) -> None:
        """Write the piece at once."""
        if self._sanitizer is not None:
            text = self._sanitizer.feed(text)
        if text:
            self._last = text[-1]
            self._streams.write(text)

    def done(self, result: Result) -> None:  # noqa: ARG002 - the base class has it
        """End the last line, and say how many characters were not shown."""
        self._end_line()
        self._note_dropped()

    def fail(self, error: MiraError | ReaderGone) -> None:  # noqa: ARG002 - the base class has it
        """End the last line, if that is still possible."""
        with suppress(MiraError, ReaderGone):
            self._end_line()
        self._note_dropped()

    def _end_line(self) -> None:
        if self._last not in {"", "\n"}:
            self._last = "\n"
            self._streams.write("\n")

    def _note_dropped(self) -> None:
        if self._sanitizer is not None:
            note_dropped(self._streams, self._sanitizer)


class TerminalWriter(PlainWriter):
    """The reply's text on a terminal, not drawn: `--raw`, `--plain`, TERM=dumb. Writes no escape sequences.

    Notices that arrive during the reply wait for its end, so that they do not interrupt a line.
    """

    def __init__(self, streams: Streams, sanitizer: Sanitizer | None, prefix: str = "") -> None:
        super().__init__(streams, sanitizer)
        self._prefix = prefix
        self._notices: list[tuple[str, str]] = []
        self._begun = False

    def write(self, text: str) -> None:
        """Write the piece at once, the first one after the prefix."""
        if text and not self._begun:
            self._begun = True
            text = self._prefix + text
        super().write(text)

    def notice(self, kind: str, message: str) -> None:
        """Show it now, or after the reply if that has begun."""
        if self._begun:
            self._notices.append((kind, message))
        else:
            super().notice(kind, message)

    def done(self, result: Result) -> None:
        """End the last line, then show the notices that waited."""
        super().done(result)
        self._show_notices()

    def fail(self, error: MiraError | ReaderGone) -> None:
        """Leave the cursor on a fresh row, then show the notices that waited."""
        super().fail(error)
        self._show_notices()

    def _show_notices(self) -> None:
        for kind, message in self._notices:
            super().notice(kind, message)
        self._notices.clear()


class WholeWriter(Writer):
    """Keeps the reply until its end and shows it at once, through another writer: `--no-stream`."""

    at_end = True

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._pieces: list[str] = []

    def start(self, model: str) -> None:
        """Pass it on."""
        self._writer.start(model)

    def prepare(self) -> None:
        """Pass it on."""
        self._writer.prepare()

    def write(self, text: str) -> None:
        """Keep the piece."""
        self._pieces.append(text)

    def reasoning(self, text: str) -> None:
        """Pass it on."""
        self._writer.reasoning(text)

    def notice(self, kind: str, message: str) -> None:
        """Pass it on: nothing of the reply is shown yet."""
        self._writer.notice(kind, message)

    def done(self, result: Result) -> None:
        """Show the reply."""
        self._writer.write(self._take())
        self._writer.done(result)

    def fail(self, error: MiraError | ReaderGone) -> None:
        """Show what arrived."""
        with suppress(MiraError, ReaderGone):
            self._writer.write(self._take())
        self._writer.fail(error)

    def _take(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        return text


def note_dropped(streams: Streams, sanitizer: Sanitizer) -> None:
    """At the end of a reply: say how many invisible characters were left out of it."""
    sanitizer.finish()
    if sanitizer.dropped == 1:
        streams.note("note: 1 invisible character in this reply was not shown")
    elif sanitizer.dropped:
        streams.note(f"note: {sanitizer.dropped:,} invisible characters in this reply were not shown")


def open_writer(
    streams: Streams,
    *,
    form: Form = "text",
    raw: bool = False,
    stream: bool = True,
    sanitize: str = "auto",
    theme: str = "",
    prefix: str = "",
) -> Writer:
    """The writer for one reply.

    Args:
        streams: Where it goes; `streams.color.answer` and `streams.plain` decide how.
        form: For people, or one of the two forms for programs.
        raw: Show Markdown as it comes.
        stream: Show the reply while it arrives; else all of it at the end.
        sanitize: Neutralise control characters: auto (on a terminal), always, never. Text drawn as Markdown
            is always made safe, so `never` on a terminal also means unrendered.
        theme: Name of the colours of code.
        prefix: Written before the reply on a terminal that cannot draw: `Mira: ` in a plain chat.
    """
    if form == "json":
        from mira_cli.terminal.json_writers import JsonWriter

        return JsonWriter(streams)
    if form == "events":
        from mira_cli.terminal.json_writers import EventsWriter

        return EventsWriter(streams)
    rendered = not raw and sanitize != "never"
    if rendered and streams.out_tty and not streams.plain:
        from mira_cli.terminal.drawn_writers import MarkdownWriter, RenderedWriter

        return MarkdownWriter(streams, theme) if stream else RenderedWriter(streams, theme)
    writer = _static_writer(streams, rendered=rendered, sanitize=sanitize, theme=theme, prefix=prefix)
    return writer if stream else WholeWriter(writer)


def _static_writer(streams: Streams, *, rendered: bool, sanitize: str, theme: str, prefix: str) -> Writer:
    """A writer that never moves the cursor: for pipes, and for terminals that cannot or should not redraw."""
    if rendered and not streams.out_tty and streams.color.answer:
        from mira_cli.terminal.drawn_writers import PagedWriter

        return PagedWriter(streams, theme)
    sanitizer = sanitizer_for(streams, sanitize)
    if streams.out_tty:
        return TerminalWriter(streams, sanitizer, prefix)
    return PlainWriter(streams, sanitizer)


def sanitizer_for(streams: Streams, when: str) -> Sanitizer | None:
    """The sanitizer for undrawn text; None where exact bytes are wanted. `when` is that of `--sanitize`."""
    if when == "always" or (when == "auto" and streams.out_tty):
        from mira_cli.terminal.sanitize import Sanitizer

        return Sanitizer()
    return None
