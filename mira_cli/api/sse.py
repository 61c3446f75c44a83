"""Server-sent events: bytes in, events out (WHATWG HTML, section 9.2.6). Pure, linear, bounded."""

from __future__ import annotations

from mira_cli.api.network_errors import Oversized

_BOM = b"\xef\xbb\xbf"
_DATA = b"data: "
_JSON = b"data: {"
DONE = "[DONE]"
_DONE = b"[DONE]"
_DONE_LINES = (b"data: [DONE]", b"data:[DONE]")

_MAX_EVENT = 16 * 1024 * 1024


Event = tuple[str, str]
"""An event: its data lines joined by LF, and its name, "" as a rule."""


class EventReader:
    """Turns the bytes of a stream, split anywhere, into events.

    Args:
        limit: Most bytes that one event may take, its comments and field names included.
    """

    def __init__(self, limit: int = _MAX_EVENT) -> None:
        self._limit = limit
        self._begun = False
        self._tail: list[bytes] = []
        self._tail_size = 0
        self._skip_newline = False
        self._data: list[bytes] = []
        self._data_size = 0
        self._name = b""

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete.

        Raises:
            Oversized: An event is over the limit.
        """
        if self._skip_newline and data:
            # The CR that ended the last line may have been the first half of a CRLF.
            self._skip_newline = False
            if data[:1] == b"\n":
                data = data[1:]
        if not data:
            return []
        events: list[Event] = []
        if b"\r" in data:
            # Lines end in LF, CR or CRLF and nowhere else: U+2028, U+2029, U+0085 travel raw inside JSON.
            self._skip_newline = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *blocks, data = data.split(b"\n\n")
        for block in blocks:
            self._block(self._take_tail() + block if self._tail else block, events)
        *lines, tail = data.split(b"\n")
        for line in lines:
            self._line(self._take_tail() + line if self._tail else line, events)
        self._keep(tail)
        if tail in _DONE_LINES:
            self._line(self._take_tail(), events)
        return events

    def finish(self) -> list[Event]:
        """The stream has ended: the last event, if it lacks its blank line."""
        events: list[Event] = []
        self._line(self._take_tail(), events)
        self._dispatch(events)
        return events

    def _block(self, block: bytes, events: list[Event]) -> None:
        """Lines that end in a blank one; as a rule one data line that is JSON, which is read at once."""
        if (
            block.startswith(_JSON)
            and b"\n" not in block
            and not (self._data or self._name)
            and len(block) <= self._limit
        ):
            self._begun = True
            events.append((block[6:].decode("utf-8", "replace"), ""))
            return
        for line in block.split(b"\n"):
            self._line(line, events)
        self._line(b"", events)

    def _line(self, line: bytes, events: list[Event]) -> None:
        if not self._begun:
            self._begun = True
            line = line.removeprefix(_BOM)
        if not line:
            self._dispatch(events)
        elif line.startswith(_DATA):
            self._datum(line[6:], events)
        else:
            field, _, value = line.partition(b":")
            if field == b"data":
                self._datum(value, events)
            elif field == b"event":
                self._name = value.removeprefix(b" ")

    def _datum(self, value: bytes, events: list[Event]) -> None:
        if value.strip() == _DONE:
            # The last event: it counts without its blank line, and without the one before it.
            self._dispatch(events)
            events.append((DONE, ""))
            return
        self._data.append(value)
        self._data_size += len(value) + 1
        if self._data_size > self._limit:
            raise Oversized

    def _dispatch(self, events: list[Event]) -> None:
        if self._data:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            if data:
                events.append((data.decode("utf-8", "replace"), self._name.decode("utf-8", "replace")))
            self._data = []
            self._data_size = 0
        self._name = b""

    def _keep(self, piece: bytes) -> None:
        if piece:
            self._tail.append(piece)
            self._tail_size += len(piece)
            if self._tail_size + self._data_size > self._limit:
                raise Oversized

    def _take_tail(self) -> bytes:
        tail = b"".join(self._tail)
        self._tail = []
        self._tail_size = 0
        return tail
