"""Markdown with colours into a pipe: whole rows, no cursor movement, nothing of the reply's own escapes."""

import re
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.conversation.reply import Usage
from mira_cli.errors import IncompleteError
from mira_cli.terminal.drawn_writers import PagedWriter
from mira_cli.terminal.markdown.drawing import render
from mira_cli.terminal.result import Result
from mira_cli.terminal.streams import Streams
from mira_cli.terminal.writers import PlainWriter, open_writer

RESULT = Result("text", "mira", "stop", Usage(3, 4, 7))
REPLY = (
    "# Title\n\nSome **bold** text "
    + "that is long " * 20
    + "\n\n- one\n- two\n\n```python\nx = 1\n```\n\nend \x1b[2J\u200b"
)


def paged(**env):
    streams = Streams(None, BytesIO(), BytesIO(), env=env)
    streams.configure(when="always", from_flag=True)
    return streams


def out(streams):
    return streams._stdout.getvalue().decode()


def shown(pieces, **env):
    streams = paged(**env)
    writer = open_writer(streams)
    writer.start("mira")
    for piece in pieces:
        writer.write(piece)
    writer.done(RESULT)
    return out(streams)


def test_rows_with_colours_and_nothing_else():
    text = shown([REPLY])
    assert "\x1b[1m" in text
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert "^[[2J" in text
    assert text.endswith("\n")


@pytest.mark.parametrize(("env", "columns"), [({}, 80), ({"COLUMNS": "40"}, 40)])
def test_the_width_is_columns_or_80(env, columns):
    rows = re.sub(r"\x1b\[[0-9;]*m", "", shown([REPLY], **env)).split("\n")
    assert max(map(len, rows)) <= columns
    assert max(map(len, rows)) > columns - 15


@given(st.lists(st.integers(0, len(REPLY)), max_size=12))
@settings(max_examples=40, deadline=None)
def test_any_pieces_give_the_same(cuts):
    places = [0, *sorted(cuts), len(REPLY)]
    pieces = [REPLY[start:end] for start, end in pairwise(places)]
    assert shown(pieces) == shown([REPLY])


def test_the_rows_are_those_of_the_whole_reply():
    reply = "# T\n\nsome words, and *more*\n\n- a\n- b"
    assert shown(reply) == render(reply, 80)


def test_blocks_come_as_soon_as_they_are_certain():
    streams = paged()
    writer = open_writer(streams)
    assert isinstance(writer, PagedWriter)
    writer.write("# Title\n\npara")
    assert "Title" in out(streams)
    assert "para" not in out(streams)
    writer.notice("trimmed", "noted")
    writer.write("graph **bo")
    writer.fail(IncompleteError("cut"))
    assert "paragraph" in out(streams)
    assert out(streams).endswith("\n")
    assert streams._stderr.getvalue() == b"\x1b[2mnoted\x1b[0m\n"


def test_raw_text_and_stored_wishes_stay_plain():
    streams = paged()
    assert isinstance(open_writer(streams, raw=True), PlainWriter)
    streams.configure(when="always")
    assert isinstance(open_writer(streams), PlainWriter)
