"""What was sent is read whole, decoded, and bounded; what is no text is refused."""

import os
import threading
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.errors import TooLargeError, UsageError
from mira_cli.terminal import reading
from mira_cli.terminal.reading import read_stdin, read_text_file, stdin_lines, strip_escapes
from mira_cli.terminal.stdio import Descriptor
from rig.streams import buffered


def streams_of(data):
    return buffered(None if data is None else BytesIO(data), BytesIO(), BytesIO())


def notes(streams):
    return streams.stderr.sink.getvalue().decode()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (None, ""),
        (b"", ""),
        (b"a\r\nb\n\n", "a\r\nb\n\n"),
        (b"\xef\xbb\xbfa\xef\xbb\xbf", "a\ufeff"),
        (b"\x1b[31mred\x1b[0m\t\x07", "red\t\x07"),
        ("Привет\u2028".encode(), "Привет\u2028"),
    ],
)
def test_standard_input_is_read_as_clean_text(data, text):
    streams = streams_of(data)
    assert read_stdin(streams) == text
    assert notes(streams) == ""


def test_bad_bytes_are_replaced_with_a_notice(tmp_path):
    streams = streams_of("caf\ufffd ".encode() + b"caf\xe9 na\xefve")
    assert read_stdin(streams) == "caf\ufffd caf\ufffd na\ufffdve"
    assert notes(streams) == "note: standard input is not all UTF-8; replaced 2 bad bytes\n"
    path = tmp_path / "one"
    path.write_bytes(b"caf\xe9")
    assert read_text_file(str(path), streams) == "caf\ufffd"
    assert notes(streams).endswith("one is not all UTF-8; replaced 1 bad byte\n")


def test_binary_is_refused():
    with pytest.raises(UsageError, match=r"^standard input looks binary: it holds NUL bytes\.$"):
        read_stdin(streams_of(b"GIF89a\0"))
    with pytest.raises(UsageError) as caught:
        read_stdin(streams_of("text".encode("utf-16")))
    assert "UTF-16" in caught.value.hint


def test_too_much_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    assert read_stdin(streams_of(b"x" * 10)) == "x" * 10
    with pytest.raises(TooLargeError, match="standard input holds more than 10 bytes"):
        read_stdin(streams_of(b"x" * 11))
    path = tmp_path / "large"
    path.write_bytes(b"x" * 11)
    with pytest.raises(TooLargeError, match="large holds more than 10 bytes"):
        read_text_file(str(path), streams_of(None))


def test_a_pipe_that_says_nothing_for_a_while():
    source, writing = os.pipe()
    streams = buffered(Descriptor(source), BytesIO(), BytesIO())
    sent = threading.Event()

    def send():
        while not notes(streams):
            sent.wait(0.05)
        os.write(writing, b"late")
        os.close(writing)

    sender = threading.Thread(target=send)
    sender.start()
    assert read_stdin(streams) == "late"
    sender.join()
    os.close(source)
    assert notes(streams) == "Reading standard input… (--no-stdin skips it)\n"


def test_a_pipe_that_speaks_at_once_and_does_not_block():
    source, writing = os.pipe()
    os.set_blocking(source, False)
    os.write(writing, b"a")
    streams = buffered(Descriptor(source), BytesIO(), BytesIO())
    lines = stdin_lines(streams)
    os.write(writing, b"\nb")
    os.close(writing)
    assert list(lines) == ["a", "b"]
    assert notes(streams) == ""
    os.close(source)


def test_a_directory_as_standard_input(tmp_path):
    folder = os.open(tmp_path, os.O_RDONLY)
    streams = buffered(Descriptor(folder), BytesIO(), BytesIO())
    with pytest.raises(UsageError, match="Cannot read standard input: Is a directory"):
        read_stdin(streams)
    with pytest.raises(UsageError, match="Cannot read standard input: Is a directory"):
        next(stdin_lines(streams))
    os.close(folder)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (None, []),
        (b"", []),
        (b"a\nb\n", ["a", "b"]),
        (b"a\r\n\n\xef\xbb\xbfb\x1b[0m", ["a", "", "b"]),
        (b"\n", [""]),
        (b"x" * 200_000 + b"\ny", ["x" * 200_000, "y"]),
    ],
)
def test_standard_input_is_read_line_by_line(data, lines):
    assert list(stdin_lines(streams_of(data))) == lines


def test_a_file_or_standard_input_is_read_by_its_name(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"\xef\xbb\xbf\x1b[1mnotes\r\n")
    assert read_text_file(str(path), streams_of(None)) == "notes\r\n"
    assert read_text_file("-", streams_of(b"piped")) == "piped"
    assert read_text_file(os.devnull, streams_of(None)) == ""


def test_a_file_that_is_a_pipe():
    source, writing = os.pipe()
    os.write(writing, b"substituted")
    os.close(writing)
    assert read_text_file(f"/dev/fd/{source}", streams_of(None)) == "substituted"
    os.close(source)


def test_files_that_cannot_be_read(tmp_path):
    streams = streams_of(None)
    with pytest.raises(UsageError, match=r"is a directory\.$"):
        read_text_file(str(tmp_path), streams)
    with pytest.raises(UsageError, match=r"^No such file: .*gone\.txt\.$"):
        read_text_file(str(tmp_path / "gone.txt"), streams)
    with pytest.raises(UsageError, match="not a valid file name"):
        read_text_file("a\0b", streams)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(UsageError, match="Too many levels of symbolic links"):
        read_text_file(str(tmp_path / "loop"), streams)
    with pytest.raises(UsageError, match="The file name is empty"):
        read_text_file("", streams)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[38:2::255:0:0mcolons\x1b[m", "colons"),
        ("\x1b[?25l\x1b[2J\x1b[1;1Hx\x1b[?2026h", "x"),
        ("\x1b[4 qx", "x"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;https://a.b/\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never closed", ""),
        ("\x1b]0;never closed\nnext line", "\nnext line"),
        ("\x1b]0;never closed\x1b[1mx", "x"),
        ("\x1bPq#0;2\n#1~~\x1b\\x", "x"),
        ("\x1bPnever closed\nnext", "\nnext"),
        ("\x1b_Gf=100;AAAA\x1b\\x\x1b^pm\x1b\\y\x1bXsos\x1b\\z", "xyz"),
        ("\x1b(Bx\x1b)0\x1b=y\x1b>z\x1b7\x1b8\x1bM", "xyz"),
        ("\x1b#8x", "x"),
        ("end\x1b", "end"),
        ("end\x1b[31", "end"),
        ("a\x1b\nb", "a\nb"),
        ("a\x1b[31é", "aé"),
        ("\x1b\x1b[31m[32m", "[32m"),
        ("\x9b31mx\x9b0m", "x"),
        ("Ð\x9bÐ¾ Ð\x9b word â€\x9dquotedâ€\x9d", "Ð\x9bÐ¾ Ð\x9b word â€\x9dquotedâ€\x9d"),
        ("plain\r\n\ttext\x07\x08\u200b\ufeff [31m ]0;", "plain\r\n\ttext\x07\x08\u200b\ufeff [31m ]0;"),
    ],
)
def test_escape_sequences_are_taken_out_and_other_text_stays(text, left):
    assert strip_escapes(text) == left


@given(
    st.text(
        st.one_of(st.sampled_from("\x1b\x1b\x1b[]PX^_\\;0m\x07\n \x9b\x9c("), st.characters()), max_size=50
    )
)
@settings(max_examples=400, deadline=None)
def test_no_escape_is_left_and_no_text_is_invented(text):
    left = strip_escapes(text)
    assert "\x1b" not in left
    rest = iter(text)
    assert all(char in rest for char in left)
    assert left == text or "\x1b" in text or "\x9b" in text


@pytest.mark.parametrize(
    "unit", ["\x1b[", "\x1b]", "\x1bP", "\x1b[0", "\x1b]\x1bP", "\x1b", "\x1b( ", "\x9b"]
)
def test_much_of_the_same_is_no_trouble(unit):
    """A pass that were not linear would take hours here, and meet the time limit of all tests."""
    left = strip_escapes(unit * 500_000 + "\n.")
    assert left.endswith(".")
    assert "\x1b" not in left
