"""The input of a batch: lines as they come, and lines as rows, strict, with keys that go by the request."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from io import BufferedReader, BytesIO, RawIOBase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.conversation.message import Options
from mira_cli.errors import TooLargeError, UsageError
from mira_cli.session.batch import rows as module
from mira_cli.session.batch.rows import Defaults, lines_of, open_input, read_rows
from mira_cli.session.reply_parts.json_reply import JsonFormat
from rig.streams import buffered

PLAIN = Defaults("", Options("mira"))


def rows(*lines, defaults=PLAIN, plain=False):
    encoded = [
        line if isinstance(line, bytes) or line is None else json.dumps(line).encode() for line in lines
    ]
    return list(read_rows(encoded, defaults, buffered(), plain=plain))


def key(line, defaults=PLAIN):
    return rows(line, defaults=defaults)[0].key


@given(
    st.lists(st.one_of(st.binary(max_size=30), st.text(max_size=20).map(str.encode)), max_size=5),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_any_line_is_a_row_or_an_error_with_its_number(lines, plain):
    lines = [line.replace(b"\n", b"") for line in lines]
    found = rows(*lines, plain=plain)
    bom = b"\xef\xbb\xbf"
    there = [
        number
        for number, line in enumerate(lines, 1)
        if (line.removeprefix(bom) if number == 1 else line).strip()
    ]
    assert [row.id for row in found] == there
    for row in found:
        assert row.error is None or f"ine {row.id}" in row.error.message


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["question", "id", "model", "system", "temperature", "top_p", "max_tokens", "stop", "x"]
        ),
        _VALUES,
    )
)
@settings(max_examples=300, deadline=None)
def test_any_object_is_a_row_of_the_right_types_or_an_error(value):
    (row,) = rows(value)
    if row.error is not None:
        assert type(row.error) is UsageError
        return
    assert "x" not in value
    assert isinstance(row.question, str)
    assert row.question.strip()
    given = value.get("id")
    assert row.id == (1 if given is None else given)  # the number of the line, if there is none
    assert row.options.temperature is None or 0 <= row.options.temperature <= 2
    assert row.options.max_tokens is None or row.options.max_tokens >= 1
    assert all(isinstance(stop, str) and stop for stop in row.options.stop)


def test_defaults_apply_to_whatever_a_row_does_not_set():
    defaults = Defaults("Be kind.", Options("mira-max", temperature=0.5, stop=("!",)))
    plain, own = rows(
        {"question": "a"},
        {"question": "a", "temperature": 0, "stop": '["x"]', "system": ""},
        defaults=defaults,
    )
    assert (plain.system, plain.options) == ("Be kind.", defaults.options)
    assert (own.system, own.options) == ("", Options("mira-max", temperature=0.0, stop=('["x"]',)))


def test_a_key_depends_on_id_and_request():
    base = {"question": "a"}
    others = [
        {"question": "b"},
        {"question": "a", "id": "1"},
        {"question": "a", "id": 2},
        {"question": "a", "model": "mira-pro"},
        {"question": "a", "system": "s"},
        {"question": "a", "temperature": 0},
        {"question": "a", "temperature": 1},
        {"question": "a", "top_p": 1},
        {"question": "a", "max_tokens": 1},
        {"question": "a", "stop": "x"},
    ]
    keys = {key(line) for line in (base, *others)}
    keys.add(key(base, Defaults("", Options("mira", fold_system=True))))
    keys.add(key(base, Defaults("", Options("mira"), JsonFormat())))
    assert len(keys) == len(others) + 3


def test_a_key_does_not_depend_on_how_the_request_is_written():
    assert key({"question": "a", "id": 1, "temperature": 1}) == key({"temperature": 1.0, "question": "a"})
    assert key({"question": "a", "stop": "x"}) == key({"question": "a", "stop": ["x"]})
    assert key({"question": "a", "model": "mira-pro"}) == key(
        {"question": "a"}, Defaults("", Options("mira-pro"))
    )


def test_a_key_of_an_earlier_version():
    assert key({"question": "What is machine learning?", "id": "q1", "temperature": 0.5}) == (
        "83945d2318f0a7e4c3add14b865cd05d"
    )


def test_the_key_of_a_bad_line_depends_on_the_line():
    first, same, other = rows(b'{"id": "x", "n": 1}', b'{"id": "x", "n": 1}', b'{"id": "x", "n": 2}')
    assert first.key == same.key != other.key


def test_a_line_that_is_too_long_is_an_error():
    (row,) = rows(None)
    assert (row.id, type(row.error)) == (1, TooLargeError)


@pytest.mark.parametrize("text", ['"\\ud800"', '"\\u0000"', '"' + "я" * 100 + '"'])
def test_any_text_is_a_question(text):
    (row,) = rows(f'{{"question": {text}}}'.encode())
    assert row.question == json.loads(text)


@pytest.mark.parametrize(
    ("line", "defaults", "facts"),
    [
        ({"question": "What?"}, PLAIN, [1, {"question": "What?", "model": "mira"}]),
        ({"question": "¿Qué?", "id": "é"}, PLAIN, ["é", {"question": "¿Qué?", "model": "mira"}]),
        (
            {"question": "a", "temperature": 0.5, "stop": "x"},
            Defaults("Be kind.", Options("mira-pro")),
            [
                1,
                {
                    "question": "a",
                    "system": "Be kind.",
                    "model": "mira-pro",
                    "temperature": 0.5,
                    "stop": ["x"],
                },
            ],
        ),
    ],
)
def test_keys_are_those_of_earlier_versions(line, defaults, facts):
    assert key(line, defaults) == sha256(json.dumps(facts).encode()).hexdigest()[:32]


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


def test_a_line_that_is_too_long_is_skipped(monkeypatch):
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


def test_lines_added_meanwhile_are_not_read(tmp_path):
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


def test_a_read_error_comes_after_the_lines_before_it():
    lines = read_in([b"a\nb\nc"], OSError(5, "Input/output error"))
    assert [next(lines), next(lines)] == [b"a", b"b"]
    with pytest.raises(UsageError, match=r"Cannot read rows: Input/output error\."):
        next(lines)


@pytest.mark.parametrize("name", ["none", "a\0b"])
def test_files_that_cannot_be_opened(name, tmp_path):
    with pytest.raises(UsageError), open_input(str(tmp_path / name), buffered()):
        pass
