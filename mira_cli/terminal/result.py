"""A complete reply with its metadata, as text for people and as JSON for programs, and the JSON writers."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Final

from mira_cli.errors import MiraError, ReaderGone
from mira_cli.masking import redact
from mira_cli.terminal.writers import Writer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.conversation.reply import Usage
    from mira_cli.terminal.streams import Streams


ABSENT: Final = object()  # not None, which is a value of JSON

_ATOMIC = 512  # bytes that a pipe takes all or none of (POSIX: PIPE_BUF)
_LONG = 100.0  # seconds from which tenths are left out

# An escape of JSON; a surrogate without its other half is the group.
_ESCAPE = r"\\(?:ud[89ab]..\\ud[c-f]..|u(d[89a-f]..)|.)"


@dataclass(frozen=True, slots=True)
class Result:
    """A complete reply with its metadata, as printed by `--json`, `--events` and `batch`.

    Attributes:
        finish_reason: As the server sent it, or "".
        usage: As reported, or our estimate.
        id: The server's id of the completion, or "".
        truncated: Whether max_tokens cut the reply.
        trimmed: Messages of the conversation that were left out of the request.
        elapsed: Seconds from sending to the end.
        reasoning: "" if there was none.
        data: The JSON value in the reply; ABSENT unless one was asked for.
    """

    text: str
    model: str
    finish_reason: str
    usage: Usage
    id: str = ""
    truncated: bool = False
    trimmed: int = 0
    elapsed: float = 0.0
    reasoning: str = ""
    data: object = ABSENT

    def as_json(self) -> dict[str, object]:
        """The object that `--json` prints, without nulls, keys always in this order. API keys are masked."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values |= {name: redact(values[name]) for name in ("model", "finish_reason", "id")}
        values |= {"usage": asdict(self.usage), "elapsed": round(float(self.elapsed), 3)}
        if not self.reasoning:
            del values["reasoning"]
        if self.data is ABSENT:
            del values["data"]
        return values


def as_line(values: Mapping[str, object]) -> str:
    """One JSON object as one line of ASCII with its newline: safe in any terminal, locale and parser."""
    line = json.dumps(values, separators=(",", ":")) + "\n"
    if "\\ud" in line:  # a lone surrogate, such as from a file name that is not UTF-8; many parsers reject it
        line = re.sub(_ESCAPE, lambda found: r"\ufffd" if found[1] else found[0], line)
    return line


def usage_line(usage: Usage, elapsed: float, between: str = " · ") -> str:
    """The usage line, `1,204 in · 312 out · 2.4 s`, with `~` before estimates."""
    about = "~" if usage.estimated else ""
    seconds = f"{elapsed:,.0f}" if elapsed >= _LONG else f"{elapsed:.1f}"
    parts = (f"{about}{usage.prompt_tokens:,} in", f"{about}{usage.completion_tokens:,} out", f"{seconds} s")
    return between.join(parts)


def write_failure(streams: Streams, error: MiraError, *, events: bool) -> None:
    """Write the error object, unless the last object has already been written.

    Args:
        streams: Where it goes.
        error: The error, with the part of the reply that arrived in `partial`.
        events: Write the last event of `--events`, not the object of `--json`.

    Raises:
        OutputError, ReaderGone, Interrupted: Standard output cannot be written.
    """
    if streams.reported:
        return
    streams.reported = True
    values: dict[str, object] = {"event": "error"} if events else {}
    values["error"] = {**error.as_json(), "message": redact(error.message)}
    streams.write("\n" * streams.torn + as_line(values))


def _write_line(streams: Streams, values: Mapping[str, object]) -> None:
    """Write an object. If an interrupt ends it part way, `streams.torn` stays set."""
    line = as_line(values)
    streams.torn = len(line) > _ATOMIC
    streams.write(line)
    streams.torn = False


class JsonWriter(Writer):
    """Writes one object, with the result or the error: `--json`."""

    _events = False

    def done(self, result: Result) -> None:
        """Write the result."""
        _write_line(self._streams, result.as_json())
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
        self._event("start", model=model)

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
        _write_line(self._streams, {"event": event, **values})
