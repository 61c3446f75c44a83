"""The writer around a drawing: safe text goes in, the last pieces appear by themselves, failures come out."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from contextlib import suppress
from io import BytesIO
from itertools import pairwise

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.conversation.reply import Usage
from mira_cli.errors import IncompleteError, Interrupted, OutputError, ReaderGone
from mira_cli.session.signals import raise_on_signals
from mira_cli.terminal.drawn_writers import MarkdownWriter, RowsWriter
from mira_cli.terminal.result import Result
from mira_cli.terminal.writers import PlainWriter
from rig.drawing import render
from rig.streams import buffered, open_writer

RESULT = Result("text", "mira", "stop", Usage(3, 4, 7))


class Recorder:
    """A drawing that notes what it is told, and fails when told to."""

    def __init__(self, failure=None):
        self.told, self.failure, self.waits = [], failure, False
        self.ticked = threading.Event()

    def feed(self, text):
        self.told.append(text)
        self.waits = True

    def due(self):
        return 0.01 if self.waits else None

    def tick(self):
        if not self.waits:
            return
        self.told.append("<tick>")
        self.waits = False
        self.ticked.set()
        if self.failure is not None:
            raise self.failure

    def redraw(self):
        self.told.append("<redraw>")

    def close(self, *, cut):
        self.told.append("<cut>" if cut else "<close>")
        if self.failure is not None:
            raise self.failure


class Recorded(MarkdownWriter):
    """Draws on a recorder."""

    def __init__(self, streams, recorder):
        super().__init__(streams, "auto")
        self._open_drawing = lambda: recorder


@pytest.fixture
def streams():
    return buffered(None, BytesIO(), BytesIO(), out_tty=True, env={"NO_COLOR": "1", "TERM": "xterm"})


def err(streams):
    return streams.stderr.sink.getvalue().decode()


def test_text_is_made_safe_and_drawn_without_more_coming(streams):
    drawing = Recorder()
    writer = Recorded(streams, drawing)
    writer.notice("trimmed", "before")
    writer.write("\u200b")
    writer.write("a\x1b[2J")
    writer.reasoning("thought")
    assert drawing.ticked.wait(60)
    writer.notice("unreadable", "within")
    writer.notice("retry", "never")
    assert err(streams) == "before\n"
    writer.done(RESULT)
    assert drawing.told == ["a^[[2J", "<tick>", "<close>"]
    assert err(streams) == "before\nnote: 1 invisible character in this reply was not shown\nwithin\n"


def test_a_real_drawing_shows_the_last_pieces_by_itself(streams):
    streams.stdout.size = lambda: (40, 10)
    writer = open_writer(streams)
    assert isinstance(writer, MarkdownWriter)
    writer.start("mira")
    for word in ("one ", "*two* ", "three\x07"):
        writer.write(word)
    while b"^G" not in streams.stdout.sink.getvalue():
        time.sleep(0.01)
    writer.fail(IncompleteError("cut"))
    screen = pyte.Screen(40, 10)
    pyte.Stream(screen).feed(streams.stdout.sink.getvalue().decode().replace("\n", "\r\n"))
    assert [row.rstrip() for row in screen.display[:2]] == ["one two three^G", ""]
    assert (screen.cursor.y, screen.cursor.x, screen.cursor.hidden) == (1, 0, False)


def test_a_new_size_is_noticed_while_no_text_comes(streams):
    size = [40, 10]
    streams.stdout.size = lambda: tuple(size)
    writer = open_writer(streams)
    writer.write("some words that fill more than one row of it")
    before = streams.stdout.sink.getvalue()
    size[0] = 30
    while b"some words that fill more than\r\n" not in streams.stdout.sink.getvalue()[len(before) :]:
        time.sleep(0.01)
    writer.done(RESULT)


@pytest.mark.parametrize(("program", "erased"), [("vscode", 1), ("", 2)])
def test_no_row_above_is_erased_where_the_terminal_crops_the_row_of_the_cursor(program, erased):
    size = [40, 10]
    env = {"NO_COLOR": "1", "TERM": "xterm", "TERM_PROGRAM": program}
    streams = buffered(None, BytesIO(), BytesIO(), out_tty=True, env=env, size=lambda: tuple(size))
    writer = open_writer(streams)
    writer.write("words that fill one row, no more")
    size[0] = 30
    writer.done(RESULT)
    assert streams.stdout.sink.getvalue().count(b"\x1b[K") == erased


def test_no_text_no_drawing(streams):
    drawing = Recorder()
    writer = Recorded(streams, drawing)
    writer.fail(IncompleteError("nothing came"))
    assert drawing.told == []


@pytest.mark.parametrize("failure", [ReaderGone(), OutputError("full"), ZeroDivisionError()])
def test_a_failure_while_nobody_writes_is_raised_at_the_next_piece(streams, failure):
    drawing = Recorder(failure)
    writer = Recorded(streams, drawing)
    writer.write("a")
    writer._ticker.join()
    with pytest.raises(type(failure)):
        writer.write("b")
    with pytest.raises(type(failure)):
        writer.done(RESULT)


def test_failing_closes_what_it_can(streams):
    drawing = Recorder(ReaderGone())
    writer = Recorded(streams, drawing)
    writer.write("a")
    writer.fail(ReaderGone())
    assert drawing.told[-1] == "<cut>"
    assert not any("_tick" in thread.name for thread in threading.enumerate())


class Interrupting(BytesIO):
    """A terminal where Ctrl-C is pressed at a moment of one of the writes."""

    def __init__(self, which, moment):
        super().__init__()
        self.left, self.moment = which, moment

    def write(self, data):
        self.left -= 1
        cut = {"before": 0, "within": len(data) // 2, "behind": len(data)}[self.moment]
        super().write(data[:cut])
        if not self.left:
            os.kill(os.getpid(), signal.SIGINT)
        return super().write(data[cut:])


@pytest.fixture
def own_handlers():
    before = {number: signal.getsignal(number) for number in (2, 15, 1, 3, signal.SIGCONT)}
    hook = sys.unraisablehook
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    sys.unraisablehook = hook


def write_until_interrupted(writer, terminal):
    """Write words, each when the one before is on the terminal; what was written."""
    fed, end = "certain\n\n", time.monotonic() + 60
    try:
        writer.write(fed)
        while time.monotonic() < end:
            drawn = terminal.left
            fed += "word "
            writer.write("word ")
            while terminal.left == drawn and time.monotonic() < end:
                time.sleep(0.001)  # a thread of the writer's draws it
    except KeyboardInterrupt:
        return fed
    raise AssertionError


@pytest.mark.usefixtures("own_handlers")
@pytest.mark.parametrize("moment", ["before", "within", "behind"])
@pytest.mark.parametrize("which", range(1, 6))
def test_a_signal_while_a_frame_is_written_takes_effect_when_it_is_drawn(streams, which, moment):
    terminal = streams.stdout.sink = Interrupting(which, moment)
    streams.stdout.size = lambda: (40, 10)
    raise_on_signals(before=streams.interrupt)
    writer = open_writer(streams)
    fed = write_until_interrupted(writer, terminal)
    writer.fail(Interrupted())
    screen = pyte.Screen(40, 10)
    pyte.Stream(screen).feed(terminal.getvalue().decode())
    assert "\n".join(map(str.rstrip, screen.display)).rstrip() == fed.rstrip()
    assert not screen.cursor.hidden


def test_a_signal_before_the_end_is_drawn_ends_the_drawing(streams, monkeypatch):
    recorder = Recorder()
    writer = Recorded(streams, recorder)
    writer.write("text")
    end, pressed = writer._closed.set, []

    def interrupted():
        if not pressed:
            pressed.append(True)
            raise KeyboardInterrupt
        end()

    monkeypatch.setattr(writer._closed, "set", interrupted)
    with pytest.raises(KeyboardInterrupt):
        writer.done(RESULT)
    assert recorder.told[-1] == "<cut>"


@pytest.mark.parametrize(
    ("stopped", "ending", "redrawn"),
    [(True, False, 1), (False, False, 1), (True, True, 1), (False, True, 0)],
    ids=["Ctrl-Z and fg", "STOP and CONT", "ended while it was stopped", "TERM and CONT of timeout"],
)
def test_after_a_suspension_it_is_drawn_again_below_what_others_wrote(streams, stopped, ending, redrawn):
    drawing = Recorder()
    writer = Recorded(streams, drawing)
    writer.write("a")
    if stopped:
        with streams.without_status():
            pass
    if ending:
        streams.hurry()
    streams.resumed()
    writer.write("b")
    writer.done(RESULT)
    assert drawing.told.count("<redraw>") == redrawn


REPLY = (
    "# Title\n\nSome **bold** text "
    + "that is long " * 20
    + "\n\n- one\n- two\n\n```python\nx = 1\n```\n\nend \x1b[2J\u200b"
)


def paged(**env):
    streams = buffered(None, BytesIO(), BytesIO(), env=env)
    streams.configure(when="always", from_flag=True)
    return streams


def out(streams):
    return streams.stdout.sink.getvalue().decode()


def paged_shown(pieces, **env):
    streams = paged(**env)
    writer = open_writer(streams)
    writer.start("mira")
    for piece in pieces:
        writer.write(piece)
    writer.done(RESULT)
    return out(streams)


def test_rows_with_colours_and_nothing_else():
    text = paged_shown([REPLY])
    assert "\x1b[1m" in text
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert "^[[2J" in text
    assert text.endswith("\n")


@pytest.mark.parametrize(("env", "columns"), [({}, 80), ({"COLUMNS": "40"}, 40)])
def test_the_width_is_columns_or_80(env, columns):
    rows = re.sub(r"\x1b\[[0-9;]*m", "", paged_shown([REPLY], **env)).split("\n")
    assert max(map(len, rows)) <= columns
    assert max(map(len, rows)) > columns - 15


@given(st.lists(st.integers(0, len(REPLY)), max_size=12))
@settings(max_examples=40, deadline=None)
def test_any_pieces_give_the_same(cuts):
    places = [0, *sorted(cuts), len(REPLY)]
    pieces = [REPLY[start:end] for start, end in pairwise(places)]
    assert paged_shown(pieces) == paged_shown([REPLY])


@pytest.mark.usefixtures("own_handlers")
@pytest.mark.parametrize("moment", ["before", "within", "behind"])
@pytest.mark.parametrize("which", [1, 2])
def test_a_signal_while_rows_are_written_loses_none_and_writes_none_twice(which, moment):
    streams = paged()
    streams.stdout.sink = Interrupting(which, moment)
    raise_on_signals(before=streams.interrupt)
    writer = open_writer(streams)
    pieces = ["# Title\n\n", "some words\n\n", "end"]
    fed = ""
    with suppress(KeyboardInterrupt):
        for piece in pieces:
            fed += piece
            writer.write(piece)
    assert fed == "".join(pieces[:which])
    writer.fail(Interrupted())
    assert out(streams) == render(fed, 80)


def test_the_rows_are_those_of_the_whole_reply():
    reply = "# T\n\nsome words, and *more*\n\n- a\n- b"
    assert paged_shown(reply) == render(reply, 80)


def test_blocks_come_as_soon_as_they_are_certain():
    streams = paged()
    writer = open_writer(streams)
    assert isinstance(writer, RowsWriter)
    writer.write("# Title\n\npara")
    assert "Title" in out(streams)
    assert "para" not in out(streams)
    writer.notice("trimmed", "noted")
    writer.write("graph **bo")
    writer.fail(IncompleteError("cut"))
    assert "paragraph" in out(streams)
    assert out(streams).endswith("\n")
    assert streams.stderr.sink.getvalue() == b"\x1b[2mnoted\x1b[0m\n"


def test_raw_text_and_stored_questions_stay_plain():
    streams = paged()
    assert isinstance(open_writer(streams, raw=True), PlainWriter)
    streams.configure(when="always")
    assert isinstance(open_writer(streams), PlainWriter)


DONE = Result("", "mira", "stop", Usage(1, 1, 2))


def written_whole(text, size=(40, 20), error=None):
    out = BytesIO()
    streams = buffered(None, out, BytesIO(), out_tty=True, env={"TERM": "xterm"}, size=lambda: size)
    writer = open_writer(streams, stream=False)
    writer.start("mira")
    for character in text:
        writer.write(character)
    assert out.getvalue() == b""
    writer.fail(error) if error else writer.done(DONE)
    return out.getvalue().decode()


def test_a_link_that_is_defined_below_is_resolved():
    shown = written_whole("See [this].\n\n[this]: https://a.example\n")
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == "See this (https://a.example).\n"


def test_controls_are_shown_not_obeyed():
    assert "^[]52;c;x" in written_whole("a\x1b]52;c;x")


def test_a_tiny_terminal_gets_the_text():
    assert written_whole("# A\n\n*b*", size=(10, 3)) == "# A\n\n*b*\n"


def test_what_came_of_a_cut_reply_is_shown():
    assert "half" in written_whole("half", error=IncompleteError("cut"))


def test_what_is_open_in_a_cut_reply_is_closed():
    assert (
        re.sub(r"\x1b\[[0-9;]*m", "", written_whole("half **bo", error=IncompleteError("cut"))) == "half bo\n"
    )


def test_no_reply_is_no_row():
    assert written_whole("") == ""
