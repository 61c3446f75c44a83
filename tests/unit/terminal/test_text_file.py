"""A named file is read as text; what cannot be read is named."""

import os
from io import BytesIO

import pytest

from mira_cli.errors import UsageError
from mira_cli.terminal.streams import Streams
from mira_cli.terminal.text_file import read_text_file


def streams_of(data):
    return Streams(None if data is None else BytesIO(data), BytesIO(), BytesIO())


def test_files(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"\xef\xbb\xbf\x1b[1mnotes\r\n")
    assert read_text_file(str(path), streams_of(None)) == "notes\r\n"
    assert read_text_file("-", streams_of(b"piped")) == "piped"
    assert read_text_file(os.devnull, streams_of(None)) == ""


def test_a_file_that_is_a_pipe():
    reading, writing = os.pipe()
    os.write(writing, b"substituted")
    os.close(writing)
    assert read_text_file(f"/dev/fd/{reading}", streams_of(None)) == "substituted"
    os.close(reading)


def test_files_that_cannot_be_read(tmp_path):
    streams = streams_of(None)
    with pytest.raises(UsageError, match=r"is a directory\.$"):
        read_text_file(str(tmp_path), streams)
    with pytest.raises(UsageError, match=r"^There is no file .*gone\.txt\.$"):
        read_text_file(str(tmp_path / "gone.txt"), streams)
    with pytest.raises(UsageError, match="that is no file name"):
        read_text_file("a\0b", streams)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(UsageError, match="Too many levels of symbolic links"):
        read_text_file(str(tmp_path / "loop"), streams)
    with pytest.raises(UsageError, match="The name of a file is empty"):
        read_text_file("", streams)
