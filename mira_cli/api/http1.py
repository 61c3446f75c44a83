"""HTTP/1.x as bytes: the head of an answer and the framing of its body (RFC 9112). Pure and lenient."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mira_cli.api.exchange_errors import Garbled

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_HEAD = 64 * 1024
_MAX_SIZE_LINE = 4096

_HEAD_END = re.compile(rb"\n\r?\n")
_STATUS_LINE = re.compile(r"HTTP/(\d)(?:\.(\d))?[ \t]+(\d{3})(?:[ \t]+(.*))?$")
# The line end of the chunk before, then the size, maybe an extension.
_SIZE_LINE = re.compile(rb"(?:\r?\n)?[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_SWITCHED = 101  # final: what follows is another protocol
_INFORMATIONAL = range(100, 200)
_WITHOUT_BODY = (_SWITCHED, 204, 304)
# More digits than any body has bytes are no number that anybody meant.
_LENGTH = re.compile(r"[0-9]{1,18}")


class Head(NamedTuple):
    """The head of an answer. Header names are in lower case, values of one name joined by ", "."""

    status: int
    reason: str
    headers: Mapping[str, str]
    persistent: bool

    @property
    def informational(self) -> bool:
        """Whether the answer itself is still to come (100 Continue, 103 Early Hints)."""
        return self.status in _INFORMATIONAL and self.status != _SWITCHED


def split_head(data: bytes) -> tuple[bytes, bytes] | None:
    """The head and what follows it; None while the head is not complete.

    Raises:
        Garbled: This will not become a head.
    """
    data = data.lstrip(b"\r\n")
    if not data[:5].startswith(b"HTTP/"[: len(data)]):
        raise Garbled
    end = _HEAD_END.search(data)
    if end is None:
        if len(data) > MAX_HEAD:
            raise Garbled
        return None
    return data[: end.start()], data[end.end() :]


def parse_head(data: bytes) -> Head:
    """Read a head.

    Raises:
        Garbled: It does not begin with a status line.
    """
    first, *lines = data.decode("latin-1").replace("\r\n", "\n").split("\n")
    match = _STATUS_LINE.match(first.rstrip("\r"))
    if not match:
        raise Garbled
    headers: dict[str, str] = {}
    name = ""
    for line in lines:
        if line[:1] in {" ", "\t"} and name:
            headers[name] += " " + line.strip()
            continue
        name, _, value = line.partition(":")
        name = name.strip().lower()
        headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
    connection = headers.get("connection", "").lower()
    modern = (int(match[1]), int(match[2] or 0)) >= (1, 1)
    persistent = "close" not in connection if modern else "keep-alive" in connection
    return Head(int(match[3]), (match[4] or "").strip(), headers, persistent)


class Body(Protocol):
    """Takes the framing off a body."""

    done: bool
    """Whether the body has ended."""
    rest: bytes
    """What came after the end."""

    def feed(self, data: bytes) -> bytes:
        """The body's bytes in the next piece from the socket.

        Raises:
            Garbled: The framing is broken.
        """
        ...

    def end(self) -> bool:
        """The connection has ended: whether that ends the body as well."""
        ...


def body_of(head: Head) -> Body:
    """How the body of an answer is framed (RFC 9112, section 6.3).

    Raises:
        Garbled: The Content-Length is no number, or the body came in an encoding that nobody asked for.
    """
    if head.status in _WITHOUT_BODY:
        return _Sized(0)
    codings = {name.strip() for name in head.headers.get("transfer-encoding", "identity").lower().split(",")}
    if not codings <= {"chunked", "identity"}:
        raise Garbled
    if "chunked" in codings:
        return _Chunked()
    length = head.headers.get("content-length")
    if length is None:
        return _UntilClose()
    sizes = {size.strip() for size in length.split(",")}
    size = sizes.pop()
    if sizes or not _LENGTH.fullmatch(size):
        raise Garbled
    return _Sized(int(size))


class _Sized:
    """A body of a known length."""

    def __init__(self, size: int) -> None:
        self._left = size
        self.done = size == 0
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        piece, self.rest = data[: self._left], data[self._left :]
        self._left -= len(piece)
        self.done = self._left == 0
        return piece

    def end(self) -> bool:
        return self.done


class _UntilClose:
    """A body that ends with the connection."""

    def __init__(self) -> None:
        self.done = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        return data

    def end(self) -> bool:
        self.done = True
        return True


class _Chunked:
    """A chunked body (RFC 9112, section 7.1). Linear; drops trailers; takes a bare LF as a line end."""

    def __init__(self) -> None:
        self.done = False
        self.rest = b""
        self._left = 0
        self._trailers = False

    def feed(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        if self.rest:
            data = self.rest + data
        position = 0
        while not self._trailers:
            if self._left:
                piece = data[position : position + self._left]
                pieces.append(piece)
                position += len(piece)
                self._left -= len(piece)
                if self._left:
                    break
            size = _SIZE_LINE.match(data, position)
            if not size:
                if not pieces:  # else what came whole is given out first
                    self._check_rest(data, position)
                break
            self._left = int(size[1], 16)
            self._trailers = self._left == 0
            position = size.end()
        while self._trailers and not self.done:
            newline = data.find(b"\n", position)
            if newline < 0:
                break
            self.done = not data[position:newline].strip()
            position = newline + 1
        self.rest = data[position:]
        return b"".join(pieces)

    @staticmethod
    def _check_rest(data: bytes, position: int) -> None:
        """What is no size line yet: whether it may still become one."""
        rest = data[position : position + _MAX_SIZE_LINE]
        if (
            len(rest) == _MAX_SIZE_LINE
            or rest.strip(b"\r\n").count(b"\n")
            or rest.lstrip(b"\r\n").endswith(b"\n")
        ):
            raise Garbled

    def end(self) -> bool:
        # All data came, only the empty line after the last chunk did not.
        return self._trailers
