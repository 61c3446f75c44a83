"""The body of a 200 read as an answer: found out what it is, decoded as it comes, judged at its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from mira_cli.api.deadline import Deadline, DeadlineExceeded
from mira_cli.api.decode import Decoder
from mira_cli.api.exchange_errors import Dropped, Garbled, NoReply, Oversized
from mira_cli.api.fields import parse_object
from mira_cli.api.sse import EventReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mira_cli.api.asked import Asked
    from mira_cli.api.terms import Observer
    from mira_cli.api.transport import Exchange
    from mira_cli.conversation.reply import Chunk

_MAX_WHOLE = 32 * 1024 * 1024
# After a finish_reason the usage and [DONE] come at once, or not at all.
_GRACE = 2.0

_FAILURE_FIELDS = ("error", "errors", "detail", "message")
_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_FIELD = re.compile(rb":|(?:data|event|id|retry)[:\r\n]")
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", _BOM)

Kind: TypeAlias = "Literal['stream', 'whole', 'other', '']"


class Answer:
    """One answer on its way.

    Args:
        exchange: The exchange whose head said 2xx. Closed by `chunks`, whatever happens.
        deadline: The clock, which runs since the request was sent.
        asked: What was asked, for the words of a failure.
        observer: Told of events that could not be read.
    """

    def __init__(self, exchange: Exchange, deadline: Deadline, asked: Asked, observer: Observer) -> None:
        self._exchange = exchange
        self._deadline = deadline
        self._asked = asked
        self._observer = observer
        self._decoder = Decoder()

    def chunks(self) -> Iterator[Chunk]:
        """The answer's chunks as they come; text that came together is one chunk.

        Raises:
            ServerError: It is no answer, or one without any text.
            NoAnswerError: Nothing came in time.
            IncompleteError: It was cut after some text.
        """
        keep = False
        trouble: Exception | None = None
        try:
            try:
                yield from self._read()
            except (Dropped, Garbled, DeadlineExceeded, NoReply) as reason:
                trouble = reason
            yield from self._decoder.finish()
            self._tell_unreadable()
            keep = self._decoder.complete and self._decoder.has_text
            if not keep:
                from mira_cli.api.exchange_failures import judge

                raise judge(self._decoder, trouble, self._asked) from trouble
        finally:
            self._exchange.close(keep=keep)

    def _tell_unreadable(self) -> None:
        count = self._decoder.unreadable
        if count:
            events = "1 event" if count == 1 else f"{count} events"
            self._observer.notice("unreadable", f"Skipped {events} of the answer that could not be read.")

    def _read(self) -> Iterator[Chunk]:
        pieces = self._pieces()
        start = b""
        for piece in pieces:
            start = (start + piece).lstrip(_BLANK).removeprefix(_BOM).lstrip(_BLANK)
            kind = self._kind(start)
            if kind == "stream":
                yield from self._stream(start, pieces)
                return
            if kind == "whole":
                yield from self._read_whole(start, pieces)
                return
            if kind == "other":
                break
        if not start:
            raise NoReply("empty")
        if start.startswith(b"<"):
            raise NoReply("html")
        raise NoReply("other")

    def _kind(self, start: bytes) -> Kind:
        """What a body is by its first bytes, whatever its Content-Type says; "" while that is open."""
        if start.startswith(b"{"):
            return "whole"
        if _FIELD.match(start):
            return "stream"
        if any(field.startswith(start) for field in _FIELDS):
            return ""
        says_stream = "event-stream" in self._exchange.headers.get("content-type", "")
        return "stream" if says_stream and not start.startswith(b"<") else "other"

    def _stream(self, start: bytes, pieces: Iterator[bytes]) -> Iterator[Chunk]:
        reader, decoder = EventReader(), self._decoder
        piece: bytes | None = start
        while piece is not None:
            seen, ended = decoder.progress, bool(decoder.finish_reason)
            yield from decoder.feed(reader.feed(piece))
            if decoder.done or decoder.failure is not None:
                return
            if decoder.progress > seen:
                self._deadline.got_data()
            if decoder.finish_reason and not ended:
                self._deadline.end_within(_GRACE)
            piece = next(pieces, None)
        yield from decoder.feed(reader.finish())

    def _read_whole(self, start: bytes, pieces: Iterator[bytes]) -> Iterator[Chunk]:
        body = bytearray(start)
        self._deadline.got_data()
        trouble: Exception = NoReply("json")
        try:
            for piece in pieces:
                body += piece
                self._deadline.got_data()
                if len(body) > _MAX_WHOLE:
                    raise Oversized
        except (Dropped, DeadlineExceeded) as cut:
            # A Content-Length that was too large: what came may be whole all the same.
            trouble = cut
        text = body.decode("utf-8", "replace")
        del body
        value = parse_object(text)
        if value is None:
            raise trouble
        if not value.get("choices"):
            if not any(value.get(field) for field in _FAILURE_FIELDS):
                raise NoReply("other")
            self._decoder.failure = value
            return
        yield from self._decoder.take_whole(value)

    def _pieces(self) -> Iterator[bytes]:
        encoding = self._exchange.headers.get("content-encoding", "")
        if encoding:
            yield from self._inflated(encoding)
            return
        while data := self._exchange.read(self._deadline):
            yield data

    def _inflated(self, encoding: str) -> Iterator[bytes]:
        from mira_cli.api.inflate import Inflater

        inflater = Inflater(encoding)
        while data := self._exchange.read(self._deadline):
            for piece in inflater.feed(data):
                yield piece
                self._deadline.left()  # one read may hold any number of pieces
