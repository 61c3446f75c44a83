"""Compression that was not asked for: taken off in pieces, bombs refused."""

from __future__ import annotations

import gzip
import zlib

import pytest

from mira_cli.api.exchange_errors import Garbled
from mira_cli.api.inflate import Inflater

TEXT = b"data: {}\n\n" * 1000


def inflate(encoding, data, step=100):
    inflater = Inflater(encoding)
    return b"".join(
        piece for at in range(0, len(data), step) for piece in inflater.feed(data[at : at + step])
    )


@pytest.mark.parametrize("encoding", ["", "identity", " Identity ", "none", "utf-8", "chunked"])
def test_nothing_is_done_to_what_is_plain(encoding):
    assert inflate(encoding, TEXT) == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "deflate"])
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_gzip_and_deflate(encoding, step):
    packed = zlib.compress(TEXT) if encoding == "deflate" else gzip.compress(TEXT)
    assert inflate(encoding, packed, step) == TEXT


@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_deflate_without_its_header(step):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    assert inflate("deflate", packer.compress(TEXT) + packer.flush(), step) == TEXT


def test_members_one_after_the_other():
    assert inflate("gzip", gzip.compress(b"one ") + gzip.compress(b"two")) == b"one two"


def test_what_is_not_known_or_broken_is_refused():
    for encoding in ("br", "zstd", "gzip, br"):
        with pytest.raises(Garbled):
            Inflater(encoding)
    with pytest.raises(Garbled):
        inflate("gzip", b"no gzip at all")


def test_no_piece_is_large_and_a_bomb_is_refused():
    pieces = Inflater("gzip").feed(gzip.compress(bytes(100 * 1024 * 1024), compresslevel=1))
    sizes = []
    with pytest.raises(Garbled):
        sizes.extend(len(piece) for piece in pieces)
    assert max(sizes) <= 64 * 1024
    assert sum(sizes) <= 64 * 1024 * 1024
