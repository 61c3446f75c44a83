"""The body of a 200 as a reply: recognised by its first bytes, decoded as it comes, judged at its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from mira_cli.api.deadline import Deadline, DeadlineExceeded
from mira_cli.api.decode import Decoder
from mira_cli.api.fields import parse_object
from mira_cli.api.network_errors import Dropped, NotAReply, Oversized, Unreadable
from mira_cli.api.sse import EventReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mira_cli.api.request import RequestInfo
    from mira_cli.api.transport import Response
    from mira_cli.conversation.reply import Chunk
    from mira_cli.errors import MiraError

_MAX_WHOLE = 32 * 1024 * 1024
# After a finish_reason the usage and [DONE] come at once, or not at all.
_GRACE = 2.0

_FAILURE_FIELDS = ("error", "errors", "detail", "message")
_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_FIELD = re.compile(rb":|(?:data|event|id|retry)[:\r\n]")
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", _BOM)

Kind: TypeAlias = "Literal['stream', 'whole', 'other', '']"


class ReplyStream:
    """One reply on its way.

    Args:
        response: An answer of status 2xx. Closed by `chunks`, whatever happens.
        deadline: The clock, which runs since the request was sent.
        info: What was sent, for the words of an error.
    """

    def __init__(self, response: Response, deadline: Deadline, info: RequestInfo) -> None:
        self._response = response
        self._deadline = deadline
        self._info = info
        self._decoder = Decoder()

    @property
    def unreadable(self) -> int:
        """Events that were not JSON objects."""
        return self._decoder.unreadable

    def chunks(self) -> Iterator[Chunk]:
        """The reply's chunks as they come; text that came together is one chunk.

        Raises:
            ServerError: It is not a reply, or one without any text.
            BlockedError: The model refused to answer.
            NoAnswerError: Nothing came in time.
            IncompleteError: It was cut after some text.
            ReaderGone: Whoever reads our output has left.
        """
        keep = False
        cause: Exception | None = None
        try:
            try:
                yield from self._read()
            except (Dropped, Unreadable, DeadlineExceeded, NotAReply) as reason:
                cause = reason
            yield from self._decoder.finish()
            keep = self._decoder.complete and self._decoder.has_text and not self._decoder.refusal
            if not keep:
                raise self._error(cause) from cause
        finally:
            self._response.close(keep=keep)

    def _error(self, cause: Exception | None) -> MiraError:
        """What is wrong with a reply that began and is not whole, not there, or an error in itself."""
        from mira_cli.api import network_errors
        from mira_cli.api.error_body import words_of

        decoder, info = self._decoder, self._info
        if decoder.failure is not None:
            words = words_of(decoder.failure).text
            return network_errors.reported(words, info, text_came=decoder.has_text)
        if decoder.refusal:
            return network_errors.refused(decoder.refusal, info)
        ended = decoder.complete or (cause is None and decoder.unreadable)
        if ended and not decoder.has_text:
            return network_errors.empty_reply(decoder.finish_reason, decoder.unreadable, info)
        if isinstance(cause, DeadlineExceeded):
            return network_errors.too_late(cause, text_came=decoder.has_text)
        return network_errors.cut_off(cause) if decoder.has_text else network_errors.no_reply(cause, info)

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
            raise NotAReply("empty")
        if start.startswith(b"<"):
            raise NotAReply("html")
        raise NotAReply("other")

    def _pieces(self) -> Iterator[bytes]:
        while data := self._response.read():
            yield data

    def _kind(self, start: bytes) -> Kind:
        """What a body is by its first bytes, whatever its Content-Type says; "" while that is open."""
        if start.startswith(b"{"):
            return "whole"
        if _FIELD.match(start):
            return "stream"
        if any(field.startswith(start) for field in _FIELDS):
            return ""
        says_stream = "event-stream" in self._response.headers.get("content-type", "")
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
        cause: Exception = NotAReply("json")
        try:
            for piece in pieces:
                body += piece
                self._deadline.got_data()
                if len(body) > _MAX_WHOLE:
                    raise Oversized
        except (Dropped, DeadlineExceeded) as cut:
            # A Content-Length that was too large: what came may be whole all the same.
            cause = cut
        text = body.decode("utf-8", "replace")
        del body
        value = parse_object(text)
        if value is None:
            raise cause
        if not value.get("choices"):
            if not any(value.get(field) for field in _FAILURE_FIELDS):
                raise NotAReply("other")
            self._decoder.failure = value
            return
        yield from self._decoder.take_whole(value)
