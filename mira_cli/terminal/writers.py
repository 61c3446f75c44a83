"""Writers of a reply: the base classes, the plain writer, and those for programs."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal, TypeAlias

from mira_cli.errors import MiraError, ReaderGone
from mira_cli.masking import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.terminal.result import Result
    from mira_cli.terminal.sanitize import Sanitizer
    from mira_cli.terminal.streams import Streams

_ATOMIC = 512  # bytes that a pipe takes all or none of (POSIX: PIPE_BUF)

Form: TypeAlias = Literal["text", "json", "events"]
"""`text` is for people, the other two are for programs."""


class Writer:
    """Writes one reply as it arrives. `done` or `fail` is the last call.

    This base class only shows notices, for `--code` and `--json-reply`, which print a part of the reply when
    done. `write` and `done` raise OutputError, ReaderGone or Interrupted if stdout fails; `fail` never
    raises.

    Attributes:
        at_end: Shows nothing before the end of the reply, so the waiting line stays until then.
    """

    at_end = True

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def start(self, model: str) -> None:
        """A question is about to be asked of `model`."""

    def prepare(self) -> None:
        """The request has been sent: load the modules that drawing needs. May be called more than once."""

    def write(self, text: str) -> None:
        """Write the next piece of the answer."""

    def reasoning(self, text: str) -> None:
        """Write the next piece of the model's reasoning, which is not part of the answer."""

    def notice(self, kind: str, message: str) -> None:
        """Show a notice on standard error: trimmed, reask, unreadable, log and so on.

        Retries are shown by the waiting line instead.
        """
        if kind != "retry":
            self._streams.note(message)

    def done(self, result: Result) -> None:
        """End a complete reply."""

    def fail(self, error: MiraError | ReaderGone) -> None:
        """End a reply that failed, keeping the part that arrived. Only JSON writers report the error."""


class TextWriter(Writer):
    """A reply for people. Subclasses write safe text in `_put`, and end the reply in `_end`.

    Without a sanitizer the text is written unchanged. `whole`: in one piece at its end, `--no-stream`.
    """

    def __init__(self, streams: Streams, sanitizer: Sanitizer | None, *, whole: bool = False) -> None:
        super().__init__(streams)
        self.at_end = whole
        self._sanitizer = sanitizer
        self._kept: list[str] = []
        self._holds = False  # notices wait for the end of the reply
        self._notices: list[str] = []

    def write(self, text: str) -> None:
        """Write the piece, or keep it until the end."""
        if self.at_end:
            self._kept.append(text)
        else:
            self._put_safe(text)

    def notice(self, kind: str, message: str) -> None:
        """Show the notice before the reply or after it."""
        if self._holds and kind != "retry":
            self._notices.append(message)
        else:
            super().notice(kind, message)

    def done(self, result: Result) -> None:
        """Write the rest, then the notices that waited and the number of invisible characters."""
        self._finish(None)
        self._tell()

    def fail(self, error: MiraError | ReaderGone) -> None:
        """Write the part that arrived, if possible, and end with a newline."""
        with suppress(MiraError, ReaderGone):
            self._finish(error)
        self._tell()

    def _put_safe(self, text: str) -> None:
        safe = self._sanitizer.feed(text) if self._sanitizer is not None else text
        if safe:
            self._holds = self._streams.out_tty
            self._put(safe)

    def _finish(self, error: MiraError | ReaderGone | None) -> None:
        if self._kept:
            self._put_safe("".join(self._kept))
        self._end(error)

    def _put(self, text: str) -> None:
        """Write the next piece, which is safe and not empty."""

    def _end(self, error: MiraError | ReaderGone | None) -> None:
        """Write the rest of a reply that is complete, or was cut off by `error`."""

    def _tell(self) -> None:
        if self._sanitizer is not None:
            self._sanitizer.finish()
            dropped = self._sanitizer.dropped
            what = "character in this reply was" if dropped == 1 else "characters in this reply were"
            if dropped:
                self._streams.note(f"note: {dropped:,} invisible {what} not shown")
        for message in self._notices:
            self._streams.note(message)
        self._notices.clear()


class PlainWriter(TextWriter):
    """Writes the text as it arrives, and a final newline if it is missing. Writes no escape sequences.

    For pipes and files, and for terminals that cannot or should not draw: `--raw`, `--plain`, TERM=dumb.
    `sanitize`: whether control characters are made visible: auto (on a terminal), always or never. `prefix`
    is written before the reply on a terminal.
    """

    def __init__(
        self, streams: Streams, sanitize: str = "auto", prefix: str = "", *, whole: bool = False
    ) -> None:
        sanitizer = None
        if sanitize == "always" or (sanitize == "auto" and streams.out_tty):
            from mira_cli.terminal.sanitize import Sanitizer

            sanitizer = Sanitizer()
        super().__init__(streams, sanitizer, whole=whole)
        self._prefix = prefix if streams.out_tty else ""
        self._last = ""

    def _put(self, text: str) -> None:
        self._last = text[-1]
        text, self._prefix = self._prefix + text, ""
        self._streams.write(text)

    def _end(self, error: MiraError | ReaderGone | None) -> None:
        if self._last not in {"", "\n"}:
            self._last = "\n"
            self._streams.write("\n")


def write_failure(streams: Streams, error: MiraError, *, events: bool) -> None:
    """Write the error object, unless the last object has already been written.

    `events`: write the last event of `--events`, not the object of `--json`.

    Raises:
        OutputError, ReaderGone, Interrupted: Standard output cannot be written.
    """
    if streams.reported:
        return
    streams.reported = True
    values: dict[str, object] = {"event": "error"} if events else {}
    values["error"] = {**error.as_json(), "message": redact(error.message)}
    _write_object(streams, values)


def _write_object(streams: Streams, values: Mapping[str, object]) -> None:
    """Write an object on a line of its own. If an interrupt ends it part way, `streams.torn` stays set."""
    from mira_cli.terminal.result import as_line

    line = "\n" * streams.torn + as_line(values)
    streams.torn = len(line) > _ATOMIC
    streams.write(line)
    streams.torn = False


class JsonWriter(Writer):
    """Writes one object, with the result or the error: `--json`."""

    _events = False

    def done(self, result: Result) -> None:
        """Write the result."""
        _write_object(self._streams, result.as_json())
        self._streams.reported = True

    def fail(self, error: MiraError | ReaderGone) -> None:
        """Write the error, with the part of the reply that arrived."""
        if isinstance(error, MiraError):
            with suppress(MiraError, ReaderGone):
                write_failure(self._streams, error, events=self._events)


class EventsWriter(JsonWriter):
    """Writes events as they happen, one object a line, the last one `done` or `error`: `--events`."""

    at_end = False
    _events = True

    def start(self, model: str) -> None:
        """Write which model was asked."""
        self._event("start", model=redact(model))

    def write(self, text: str) -> None:
        """Write the piece."""
        if text:
            self._event("delta", text=text)

    def reasoning(self, text: str) -> None:
        """Write the piece of reasoning."""
        if text:
            self._event("reasoning", text=text)

    def notice(self, kind: str, message: str) -> None:
        """Write the notice, and tell the person too."""
        if kind != "log":  # a line of --verbose is for the person alone
            self._event("notice", kind=kind, message=redact(message))
        super().notice(kind, message)

    def done(self, result: Result) -> None:
        """Write the result."""
        self._event("done", **result.as_json())
        self._streams.reported = True

    def _event(self, event: str, /, **values: object) -> None:
        _write_object(self._streams, {"event": event, **values})
