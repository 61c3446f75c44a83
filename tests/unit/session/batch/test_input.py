"""Lines of a batch's input, as they come."""

from __future__ import annotations

import os
from io import BufferedReader, BytesIO, RawIOBase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.errors import UsageError
from mira_cli.session.batch import rows as module
from mira_cli.session.batch.rows import lines_of, open_input
from rig.streams import buffered


class Pieces(RawIOBase):
    """Gives bytes in pieces, then fails if it is told to."""

    def __init__(self, *pieces, failure=None):
        self.pieces, self.failure = list(pieces), failure

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self.pieces and self.failure:
            raise self.failure
        piece = self.pieces.pop(0) if self.pieces else b""
        buffer[: len(piece)] = piece
        return len(piece)


def read_in(pieces, failure=None):
    return lines_of(BufferedReader(Pieces(*pieces, failure=failure)), "rows")


@given(st.binary(max_size=60).map(lambda data: data.replace(b"x", b"\n").replace(b"y", b"\r\n")), st.data())
@settings(max_examples=300, deadline=None)
def test_lines_do_not_depend_on_the_pieces(data, draw):
    pieces, rest = [], data
    while rest:
        size = draw.draw(st.integers(1, len(rest)))
        pieces.append(rest[:size])
        rest = rest[size:]
    wanted = data.split(b"\n")
    if not wanted[-1]:
        wanted.pop()
    assert list(read_in(pieces)) == [line.removesuffix(b"\r") for line in wanted]


def test_a_line_that_is_too_long_is_not_kept(monkeypatch):
    monkeypatch.setattr(module, "LONGEST", 8)
    data = b"12345678\n123456789\n" + b"1234\n" + b"x" * 100
    assert list(read_in([data])) == [b"12345678", None, b"1234", None]
    pieces = [data[at : at + 3] for at in range(0, len(data), 3)]
    assert list(read_in(pieces)) == [b"12345678", None, b"1234", None]


def test_a_file_is_counted_and_read_from_its_start(tmp_path):
    path = tmp_path / "rows"
    path.write_bytes(b"a\n\n  \r\nb\nc")
    with open_input(str(path), buffered()) as (count, lines):
        assert (count, list(lines)) == (3, [b"a", b"", b"  ", b"b", b"c"])


def test_what_is_added_while_a_file_is_read_is_not_read(tmp_path):
    path = tmp_path / "rows"
    path.write_bytes(b"a\nb\n")
    with open_input(str(path), buffered()) as (_, lines), path.open("ab") as more:
        more.write(b"c\n")
        more.flush()
        assert list(lines) == [b"a", b"b"]


def test_standard_input_is_not_counted():
    with open_input("-", buffered(BytesIO(b"a\n"))) as (count, lines):
        assert (count, list(lines)) == (None, [b"a"])
    with open_input("-", buffered()) as (_, lines):
        assert list(lines) == []


def test_a_pipe_by_name_is_read_too(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    both = os.open(path, os.O_RDWR)
    os.write(both, b"a\nb\n")
    with open_input(str(path), buffered()) as (count, lines):
        assert (count, next(lines), next(lines)) == (None, b"a", b"b")
    os.close(both)


def test_a_source_that_breaks_says_so_after_what_it_gave():
    lines = read_in([b"a\nb\nc"], OSError(5, "Input/output error"))
    assert [next(lines), next(lines)] == [b"a", b"b"]
    with pytest.raises(UsageError, match=r"Cannot read rows: Input/output error\."):
        next(lines)


@pytest.mark.parametrize("name", ["none", "a\0b"])
def test_what_cannot_be_opened(name, tmp_path):
    with pytest.raises(UsageError), open_input(str(tmp_path / name), buffered()):
        pass
