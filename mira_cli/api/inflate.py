"""Takes a compression off that was not asked for, in small pieces. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.api.exchange_errors import Garbled, Oversized

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = 64 * 1024
_EITHER_HEADER = 47  # zlib's window of 32 KB, gzip or zlib header found by itself
_NO_HEADER = -15
_GZIP_MARK = 0x1F
_ZLIB_METHOD = 8  # in the lower half of the first byte
_INFLATED = {"gzip", "x-gzip", "deflate"}
_OTHERS = {"br", "zstd", "compress", "x-compress", "dcb", "dcz"}
# Chat answers shrink 50-fold at the very most; what shrinks 100-fold over this much is made to do harm.
_BOMB_SIZE = 64 * 1024 * 1024
_BOMB_RATIO = 100


class Inflater:
    """Decodes a body by its Content-Encoding.

    Args:
        encoding: The header's value, "" if there is none. Values that name no compression mean nothing:
            servers send "none" to keep proxies from compressing a stream, or a character set.

    Raises:
        Garbled: The compression is not one that the standard library knows.
    """

    def __init__(self, encoding: str) -> None:
        names = [name.strip() for name in encoding.lower().split(",")]
        compressions = [name for name in names if name in _INFLATED | _OTHERS]
        self._plain = not compressions
        if self._plain:
            return
        if len(compressions) > 1 or compressions[0] in _OTHERS:
            raise Garbled
        import zlib

        self._zlib = zlib
        self._stream = zlib.decompressobj(_EITHER_HEADER)
        self._in = 0
        self._out = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The plain bytes, a piece at a time.

        Raises:
            Garbled: The data are broken.
            Oversized: They are a bomb.
        """
        if self._plain:
            yield data
            return
        if not self._in and data and not _has_header(data):
            self._stream = self._zlib.decompressobj(_NO_HEADER)
        while data:
            try:
                piece = self._stream.decompress(data, _PIECE)
            except self._zlib.error as error:
                raise Garbled from error
            self._in += len(data) - len(self._stream.unconsumed_tail)
            self._out += len(piece)
            if self._out > _BOMB_SIZE and self._out > self._in * _BOMB_RATIO:
                raise Oversized
            data = self._stream.unconsumed_tail
            if self._stream.eof:
                data = self._stream.unused_data
                self._stream = self._zlib.decompressobj(_EITHER_HEADER)
            if piece:
                yield piece


def _has_header(data: bytes) -> bool:
    """Whether gzip's or zlib's header comes first. Some servers leave it out (RFC 9110, 8.4.1.2)."""
    return data[0] == _GZIP_MARK or data[0] & 15 == _ZLIB_METHOD
