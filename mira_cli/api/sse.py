"""Server-sent events: bytes in, events out (WHATWG HTML, section 9.2.6). Linear time, bounded memory."""

from __future__ import annotations

from mira_cli.api.deadline import BrokenBody

DONE = "[DONE]"
_DONE = b"[DONE]"
_DONE_LINES = (b"data: [DONE]", b"data:[DONE]")
MAX_EVENT = 16 * 1024 * 1024  # bytes

Event = tuple[str, str]
"""An event: its data lines joined by LF, and its name, which is usually ""."""


class EventReader:
    """Turns the bytes of a stream without a BOM, split anywhere, into events."""

    def __init__(self) -> None:
        self._after_cr = False
        self._rest = bytearray()  # a line that has not ended
        self._data = bytearray()  # the data lines of an event that has not ended, each with an LF
        self._name = b""
        self._events: list[Event] = []

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete.

        Raises:
            BrokenBody: An event is over 16 MB ("oversized").
        """
        if self._after_cr and data:  # that CR may have been the first half of a CRLF
            self._after_cr = False
            data = data.removeprefix(b"\n")
        if b"\r" in data:
            # Lines end in LF, CR or CRLF and nowhere else: U+2028, U+2029, U+0085 travel raw inside JSON.
            self._after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._rest += data
        if b"\n" in data:
            *lines, self._rest = self._rest.split(b"\n")
            for line in lines:
                self._line(line)
        if self._rest in _DONE_LINES:
            self._end_line()
        if len(self._rest) + len(self._data) > MAX_EVENT:
            raise BrokenBody("oversized")
        events, self._events = self._events, []
        return events

    def finish(self) -> list[Event]:
        """At the end of the stream: the last event, if its blank line is missing."""
        self._end_line()
        self._dispatch()
        return self._events

    def _end_line(self) -> None:
        line, self._rest = self._rest, bytearray()
        self._line(line)

    def _line(self, line: bytes | bytearray) -> None:
        if not line:
            self._dispatch()
            return
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            self._name = bytes(value)
        elif field == b"data" and value.strip() == _DONE:
            # The last event, accepted without its blank line and without the one before it.
            self._dispatch()
            self._events.append((DONE, ""))
        elif field == b"data":
            self._data += value
            self._data += b"\n"
            if len(self._data) > MAX_EVENT:
                raise BrokenBody("oversized")

    def _dispatch(self) -> None:
        if len(self._data) > 1:
            data = self._data[:-1].decode("utf-8", "replace")
            self._events.append((data, self._name.decode("utf-8", "replace")))
        self._data.clear()
        self._name = b""
