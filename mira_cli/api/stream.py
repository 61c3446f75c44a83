"""Reads the body of a 200 as a reply: detects its form, decodes it as it arrives, checks its end."""

from __future__ import annotations

import time
from itertools import chain
from typing import TYPE_CHECKING

from mira_cli.api.deadline import BrokenBody, DeadlineExceeded
from mira_cli.api.decode import Decoder, parse
from mira_cli.api.sse import EventReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mira_cli.api.call import Call
    from mira_cli.api.deadline import Observer
    from mira_cli.api.request import RequestInfo
    from mira_cli.conversation.reply import Chunk

_MAX_WHOLE = 32 * 1024 * 1024
# Seconds for the usage and [DONE] after a finish_reason; they follow at once or not at all.
_GRACE = 2.0

_FAILURE_FIELDS = ("error", "errors", "detail", "message")
_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_FIELDS = (b":", b"data:", b"event:", b"id:", b"retry:")


class ReplyStream:
    """A reply that is arriving. Iterating yields its chunks; text that arrived together is one chunk.

    `response` is closed after the last chunk, and by `close`. `started` is when the first try was sent, on
    `time.monotonic`.

    Raises:
        MiraError: While iterating: nothing came in time, it is not a reply, has no text, or was cut off.
        ReaderGone: The reader of our output is gone.
    """

    def __init__(self, response: Call, info: RequestInfo, observer: Observer, started: float) -> None:
        self._response = response
        self._info = info
        self._observer = observer
        self._started = started
        self._decoder = Decoder()
        self._closed = False

    def __iter__(self) -> Iterator[Chunk]:
        decoder = self._decoder
        keep = begun = False
        cause: Exception | None = None
        try:
            try:
                for chunk in self._read():
                    if not begun:
                        begun = True
                        self._log("first data")
                    yield chunk
            except (BrokenBody, DeadlineExceeded) as reason:
                cause = reason
            yield from decoder.finish()
            keep = decoder.complete and decoder.has_text and not decoder.refusal
            if not keep:
                from mira_cli.api.network_errors import failed_reply

                raise failed_reply(decoder, cause, self._info) from cause
        finally:
            if count := decoder.unreadable:
                events = "1 event" if count == 1 else f"{count} events"
                self._observer.notice("unreadable", f"Skipped {events} of the answer that could not be read.")
            self.close(keep=keep)
        self._log("complete")

    def close(self, *, keep: bool = False) -> None:
        """Close the connection, or `keep` it for the next request. May be called again."""
        if not self._closed:
            self._closed = True
            self._response.close(keep=keep)

    def _log(self, what: str) -> None:
        self._observer.log(f"{what} after {time.monotonic() - self._started:.2f} s")

    def _read(self) -> Iterator[Chunk]:
        """Detect the form of the body by its first bytes, whatever its Content-Type, and read it."""
        says_stream = "event-stream" in self._response.headers.get("content-type", "")
        pieces = iter(self._response.read, b"")
        start = b""
        for piece in pieces:
            start = (start + piece).lstrip(_BLANK).removeprefix(_BOM).lstrip(_BLANK)
            if start.startswith(b"{"):
                yield from self._read_whole(start, pieces)
                return
            is_open = any(field.startswith(start) for field in (*_FIELDS, _BOM))
            if start.startswith(_FIELDS) or (says_stream and not is_open and not start.startswith(b"<")):
                yield from self._read_stream(start, pieces)
                return
            if not is_open:
                break
        raise BrokenBody("empty" if not start else "html" if start.startswith(b"<") else "other")

    def _read_stream(self, start: bytes, pieces: Iterator[bytes]) -> Iterator[Chunk]:
        reader, decoder = EventReader(), self._decoder
        for piece in chain((start,), pieces):
            seen, ended = decoder.progress, bool(decoder.finish_reason)
            yield from decoder.feed(reader.feed(piece))
            if decoder.done or decoder.failure is not None:
                return
            if decoder.progress > seen:
                self._response.deadline.got_data()
            if decoder.finish_reason and not ended:
                self._response.deadline.end_within(_GRACE)
        yield from decoder.feed(reader.finish())

    def _read_whole(self, start: bytes, pieces: Iterator[bytes]) -> Iterator[Chunk]:
        body = bytearray(start)
        self._response.deadline.got_data()
        for piece in pieces:
            body += piece
            self._response.deadline.got_data()
            if len(body) > _MAX_WHOLE:
                raise BrokenBody("oversized")
        value = parse(body.decode("utf-8", "replace"))
        if not isinstance(value, dict):
            raise BrokenBody("json")
        if value.get("choices"):
            yield from self._decoder.take_whole(value)
        elif any(value.get(field) for field in _FAILURE_FIELDS):
            self._decoder.failure = value
        else:
            raise BrokenBody("other")
