"""The body of a 200 read as an answer: found out what it is, decoded as it comes, judged at its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from mira_cli.api.bodies import words_of
from mira_cli.api.carrier import Dropped, Exchange, Garbled
from mira_cli.api.decode import Decoder, parse_object
from mira_cli.api.failures import Asked, check_address, in_reply, quote
from mira_cli.api.inflate import Inflater
from mira_cli.api.patience import OutOfPatience, Patience
from mira_cli.api.sse import EventReader, EventTooLarge
from mira_cli.errors import IncompleteError, MiraError, NoAnswerError, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mira_cli.conversation.reply import Chunk

MAX_WHOLE = 32 * 1024 * 1024
# After a finish_reason the usage and [DONE] come at once, or not at all.
_GRACE = 2.0

_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_FIELD = re.compile(rb":|(?:data|event|id|retry)[:\r\n]")
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", _BOM)

DROPPED = "The connection dropped; the answer is incomplete."


class Notices(Protocol):
    """Whom to tell what does not stop the answer."""

    def notice(self, kind: str, message: str) -> None:
        """Something that a person should know, once."""
        ...


class _NoReply(Exception):  # noqa: N818 - says what the body is
    """The body is something else than a reply: what and what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.error = ServerError(message, hint=hint, status=200)


class Answer:
    """One answer on its way.

    Args:
        exchange: The exchange whose head said 2xx. Closed by `chunks`, whatever happens.
        patience: The clock, which runs since the request was sent.
        asked: What was asked, for the words of a failure.
        notices: Told of events that could not be read.
    """

    def __init__(self, exchange: Exchange, patience: Patience, asked: Asked, notices: Notices) -> None:
        self._exchange = exchange
        self._patience = patience
        self._asked = asked
        self._notices = notices
        self._decoder = Decoder()
        self._whole = False

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
            except (Dropped, EventTooLarge, Garbled, OutOfPatience, _NoReply) as reason:
                trouble = reason
            yield from self._decoder.finish()
            self._tell_unreadable()
            error = self._verdict(trouble)
            if error is not None:
                raise error
            keep = True
        finally:
            self._exchange.close(keep=keep)

    def _verdict(self, trouble: Exception | None) -> MiraError | None:
        decoder = self._decoder
        if decoder.failure is not None:
            return in_reply(decoder.failure, self._asked, text_came=decoder.has_text)
        if not (self._whole or decoder.done or decoder.finish_reason):
            return self._cut_short(trouble)
        if decoder.has_text:
            return None
        why = f" (finish_reason {quote(decoder.finish_reason, self._asked)})" if decoder.finish_reason else ""
        return ServerError(f"The answer holds no text{why}.", status=200)

    def _cut_short(self, trouble: Exception | None) -> MiraError:
        has_text = self._decoder.has_text
        if isinstance(trouble, OutOfPatience):
            return too_late(trouble, text_came=has_text)
        if has_text:
            return IncompleteError(DROPPED)
        if isinstance(trouble, _NoReply):
            return trouble.error
        if isinstance(trouble, (EventTooLarge, Garbled)):
            hint = check_address(self._asked)
            return ServerError("The server's answer cannot be read.", hint=hint, status=200)
        return ServerError("The connection dropped before the answer began.", hint="Try again.", status=200)

    def _tell_unreadable(self) -> None:
        count = self._decoder.unreadable
        if count:
            events = "1 event" if count == 1 else f"{count} events"
            self._notices.notice("unreadable", f"Skipped {events} of the answer that could not be read.")

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
            raise _NoReply("The server sent an empty answer.", "Try again later.")
        if start.startswith(b"<"):
            raise _NoReply(
                "The server answered with a web page instead of a reply.", check_address(self._asked)
            )
        raise _NoReply("The server answered with something that is no reply.", check_address(self._asked))

    def _kind(self, start: bytes) -> str:
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
            if decoder.over:
                return
            if decoder.progress > seen:
                self._patience.got_data()
            if decoder.finish_reason and not ended:
                self._patience.end_within(_GRACE)
            piece = next(pieces, None)
        yield from decoder.feed(reader.finish())

    def _read_whole(self, start: bytes, pieces: Iterator[bytes]) -> Iterator[Chunk]:
        self._patience.got_data()
        body = bytearray(start)
        for piece in pieces:
            body += piece
            if len(body) > MAX_WHOLE:
                raise Garbled
        text = body.decode("utf-8", "replace")
        del body
        value = parse_object(text)
        if value is None:
            raise _NoReply("The server answered with broken JSON.", "Try again.")
        if not value.get("choices"):
            self._decoder.failure = words_of(value)
            return
        yield from self._decoder.whole(value)
        self._whole = True

    def _pieces(self) -> Iterator[bytes]:
        inflater = Inflater(self._exchange.headers.get("content-encoding", ""))
        while data := self._exchange.read(self._patience):
            for piece in inflater.feed(data):
                yield piece
                self._patience.left()


def too_late(limit: OutOfPatience, *, text_came: bool) -> MiraError:
    """The error for a limit that was reached."""
    advice = f"Raise it with --{limit.setting}."
    if text_came:
        silence = "took longer than" if limit.setting == "max-time" else "stopped coming for"
        return IncompleteError(f"The answer {silence} {limit.seconds:g} s; it is incomplete. {advice}")
    return NoAnswerError(f"No answer within {limit.seconds:g} s. {advice}")
