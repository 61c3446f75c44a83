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

_NARROWEST, _LOWEST = 20, 4  # columns and rows under which a terminal gets the text as it is


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


class TextWriter(Writer):
    """A reply for people. A subclass puts text out in `write` and ends it in `_end`."""

    def __init__(self, streams: Streams, sanitizer: Sanitizer | None) -> None:
        super().__init__(streams)
        self._sanitizer = sanitizer
        self._holds = False  # notices wait for the end of the reply, so that they do not interrupt it
        self._notices: list[str] = []

    def notice(self, kind: str, message: str) -> None:
        """Show it before the reply or after it."""
        if self._holds and kind != "retry":
            self._notices.append(message)
        else:
            super().notice(kind, message)

    def done(self, result: Result) -> None:
        """Put out the rest, then the notices that waited, and say how many characters were not shown."""
        self._end(None)
        self._tell()

    def fail(self, error: MiraError | ReaderGone) -> None:
        """Put out what came, if that is still possible, and end on a fresh row."""
        with suppress(MiraError, ReaderGone):
            self._end(error)
        self._tell()

    def _end(self, error: MiraError | ReaderGone | None) -> None:
        """Put out what is left of a reply that is complete, or was cut by `error`."""

    def _tell(self) -> None:
        if self._sanitizer is not None:
            self._sanitizer.finish()
            dropped = self._sanitizer.dropped
            if dropped == 1:
                self._streams.note("note: 1 invisible character in this reply was not shown")
            elif dropped:
                self._streams.note(f"note: {dropped:,} invisible characters in this reply were not shown")
        for message in self._notices:
            self._streams.note(message)
        self._notices.clear()


class PlainWriter(TextWriter):
    """The reply's text as it comes, then a newline if it does not end in one. Writes no escape sequences.

    For pipes and files, and for terminals that cannot or should not draw: `--raw`, `--plain`, TERM=dumb.

    Args:
        streams: Where it goes.
        sanitizer: Makes the text safe; without one it is written exactly as it comes.
        prefix: Written before the reply.
    """

    def __init__(self, streams: Streams, sanitizer: Sanitizer | None = None, prefix: str = "") -> None:
        super().__init__(streams, sanitizer)
        self._prefix = prefix
        self._last = ""

    def write(self, text: str) -> None:
        """Write the piece at once, the first one after the prefix."""
        if text:
            text, self._prefix = self._prefix + text, ""
            self._holds = self._streams.out_tty
        if self._sanitizer is not None:
            text = self._sanitizer.feed(text)
        if text:
            self._last = text[-1]
            self._streams.write(text)

    def _end(self, error: MiraError | ReaderGone | None) -> None:
        if self._last not in {"", "\n"}:
            self._last = "\n"
            self._streams.write("\n")


class WholeWriter(Writer):
    """Keeps the reply until its end and puts it out at once, through another writer: `--no-stream`."""

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
        self._writer.write("".join(self._pieces))
        self._writer.done(result)

    def fail(self, error: MiraError | ReaderGone) -> None:
        """Show what arrived."""
        with suppress(MiraError, ReaderGone):
            self._writer.write("".join(self._pieces))
        self._writer.fail(error)


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
        streams: Where it goes; `streams.stdout.color` and `streams.plain` decide how.
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
    drawn = not raw and sanitize != "never"
    if drawn and streams.out_tty and not streams.plain and not _is_tiny(*streams.stdout.size()):
        from mira_cli.terminal.drawn_writers import MarkdownWriter, RenderedWriter

        return MarkdownWriter(streams, theme) if stream else WholeWriter(RenderedWriter(streams, theme))
    if drawn and not streams.out_tty and streams.stdout.color:
        from mira_cli.terminal.drawn_writers import PagedWriter

        writer: Writer = PagedWriter(streams, theme)
    else:
        prefix = prefix if streams.out_tty else ""
        writer = PlainWriter(streams, sanitizer_for(streams, sanitize), prefix)
    return writer if stream else WholeWriter(writer)


def _is_tiny(columns: int, rows: int) -> bool:
    """Whether a terminal is too small to draw on."""
    return columns < _NARROWEST or rows < _LOWEST


def sanitizer_for(streams: Streams, when: str) -> Sanitizer | None:
    """The sanitizer for undrawn text; None where exact bytes are wanted. `when` is that of `--sanitize`."""
    if when == "always" or (when == "auto" and streams.out_tty):
        from mira_cli.terminal.sanitize import Sanitizer

        return Sanitizer()
    return None
