"""The writer around a drawing: safe text goes in, the last pieces appear by themselves, failures come out."""

import threading
import time
from io import BytesIO

import pyte
import pytest

from mira_cli.conversation.reply import Usage
from mira_cli.errors import IncompleteError, OutputError, ReaderGone
from mira_cli.terminal.drawn_writers import MarkdownWriter
from mira_cli.terminal.result import Result
from mira_cli.terminal.streams import Streams
from mira_cli.terminal.writers import open_writer

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
        self.told.append("<tick>")
        self.waits = False
        self.ticked.set()
        if self.failure is not None:
            raise self.failure

    def close(self):
        self._end("<close>")

    def abort(self):
        self._end("<abort>")

    def _end(self, how):
        self.told.append(how)
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def streams():
    return Streams(None, BytesIO(), BytesIO(), out_tty=True, env={"NO_COLOR": "1", "TERM": "xterm"})


def err(streams):
    return streams._stderr.getvalue().decode()


def test_text_is_made_safe_and_drawn_without_more_coming(streams):
    drawing = Recorder()
    writer = MarkdownWriter(streams, "auto", lambda *_: drawing)
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
    streams.size = lambda: (40, 10)
    writer = open_writer(streams)
    assert isinstance(writer, MarkdownWriter)
    writer.start("mira")
    for word in ("one ", "*two* ", "three\x07"):
        writer.write(word)
    while b"^G" not in streams._stdout.getvalue():
        time.sleep(0.01)
    writer.fail(IncompleteError("cut"))
    screen = pyte.Screen(40, 10)
    pyte.Stream(screen).feed(streams._stdout.getvalue().decode().replace("\n", "\r\n"))
    assert [row.rstrip() for row in screen.display[:2]] == ["one two three^G", ""]
    assert (screen.cursor.y, screen.cursor.x, screen.cursor.hidden) == (1, 0, False)


def test_a_new_size_is_noticed_while_no_text_comes(streams):
    size = [40, 10]
    streams.size = lambda: tuple(size)
    writer = open_writer(streams)
    writer.write("some words that fill more than one row of it")
    before = streams._stdout.getvalue()
    size[0] = 30
    while b"some words that fill more than\r\n" not in streams._stdout.getvalue()[len(before) :]:
        time.sleep(0.01)
    writer.done(RESULT)


@pytest.mark.parametrize(("program", "erased"), [("vscode", 1), ("", 2)])
def test_no_row_above_is_erased_where_the_terminal_crops_the_row_of_the_cursor(program, erased):
    size = [40, 10]
    env = {"NO_COLOR": "1", "TERM": "xterm", "TERM_PROGRAM": program}
    streams = Streams(None, BytesIO(), BytesIO(), out_tty=True, env=env, size=lambda: tuple(size))
    writer = open_writer(streams)
    writer.write("words that fill one row, no more")
    size[0] = 30
    writer.done(RESULT)
    assert streams._stdout.getvalue().count(b"\x1b[K") == erased


def test_no_text_no_drawing(streams):
    drawing = Recorder()
    writer = MarkdownWriter(streams, "auto", lambda *_: drawing)
    writer.fail(IncompleteError("nothing came"))
    assert drawing.told == []


@pytest.mark.parametrize("failure", [ReaderGone(), OutputError("full"), ZeroDivisionError()])
def test_a_failure_while_nobody_writes_is_raised_at_the_next_piece(streams, failure):
    drawing = Recorder(failure)
    writer = MarkdownWriter(streams, "auto", lambda *_: drawing)
    writer.write("a")
    writer._ticker.join()
    with pytest.raises(type(failure)):
        writer.write("b")
    with pytest.raises(type(failure)):
        writer.done(RESULT)


def test_failing_closes_what_it_can(streams):
    drawing = Recorder(ReaderGone())
    writer = MarkdownWriter(streams, "auto", lambda *_: drawing)
    writer.write("a")
    writer.fail(ReaderGone())
    assert drawing.told[-1] == "<abort>"
    assert not any("_tick" in thread.name for thread in threading.enumerate())


def test_a_signal_before_the_end_is_drawn_ends_the_drawing(streams, monkeypatch):
    recorder = Recorder()
    writer = MarkdownWriter(streams, "auto", lambda _streams, _theme: recorder)
    writer.write("text")
    leave, pressed = writer._continued.leave, []

    def interrupted():
        if not pressed:
            pressed.append(True)
            raise KeyboardInterrupt
        leave()

    monkeypatch.setattr(writer._continued, "leave", interrupted)
    with pytest.raises(KeyboardInterrupt):
        writer.done(RESULT)
    assert recorder.told[-1] == "<abort>"
