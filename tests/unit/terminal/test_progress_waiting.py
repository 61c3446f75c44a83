"""The waiting line comes late, goes at once, and never where lines cannot be redrawn."""

import threading
import time
from contextlib import contextmanager
from io import BytesIO

import pytest

from mira_cli.terminal.progress import WaitingLine
from mira_cli.terminal.streams import Streams

NO_COLOR = {"NO_COLOR": "1", "TERM": "xterm"}


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def terminal(**facts):
    return Streams(None, BytesIO(), BytesIO(), err_tty=True, env=NO_COLOR, err_size=lambda: (80, 24), **facts)


def err(streams):
    return streams._stderr.getvalue().decode()


@contextmanager
def waiting(streams, **facts):
    line = WaitingLine(streams, **facts)
    line.start()
    try:
        yield line
    finally:
        line.stop()


def shown(streams, text):
    while text not in err(streams):
        time.sleep(0.01)


def test_a_spinner_that_is_erased():
    streams, clock = terminal(), Clock()
    line = WaitingLine(streams, clock=clock)
    line.start()
    shown(streams, "\r\x1b[0K⠋ thinking… 0s · Ctrl-C stops")
    clock.now += 3
    shown(streams, " thinking… 3s · Ctrl-C stops")
    line.stop()
    before = err(streams)
    assert before.endswith("\r\x1b[0K")
    line.stop()
    assert err(streams) == before
    assert "\x1b[?25l" not in before


def test_an_answer_that_comes_soon_needs_no_line():
    streams = terminal()
    with waiting(streams):
        pass
    assert err(streams) == ""


def test_a_countdown_and_thinking_again():
    streams, clock = terminal(), Clock()
    with waiting(streams, clock=clock) as line:
        line.retrying(8.0, 1, 2, "rate limited")
        shown(streams, "\r\x1b[0Krate limited, retry 1 of 2 in 8s · Ctrl-C stops")
        clock.now += 7.5
        shown(streams, "rate limited, retry 1 of 2 in 1s · Ctrl-C stops")
        clock.now += 1
        shown(streams, "thinking… 8s")
    assert err(streams).endswith("\r\x1b[0K")


def test_it_can_wait_again():
    streams = terminal()
    line = WaitingLine(streams, clock=Clock())
    line.start()
    line.retrying(5.0, 1, 2, "busy")
    shown(streams, "busy")
    line.stop()
    line.start()
    shown(streams, "thinking")
    line.stop()
    assert err(streams).endswith("\r\x1b[0K")


def test_a_terminal_without_unicode():
    streams = terminal(err_encoding="ascii")
    with waiting(streams, clock=Clock()):
        shown(streams, "\r\x1b[0K| thinking... 0s - Ctrl-C stops")


@pytest.mark.parametrize(
    ("streams", "settings"),
    [
        (Streams(None, BytesIO(), BytesIO()), {}),
        (terminal(), {"plain": True}),
        (terminal(), {"quiet": True}),
        (Streams(None, BytesIO(), BytesIO(), err_tty=True, env={"TERM": "dumb"}), {}),
    ],
)
def test_no_line_where_none_can_be_redrawn(streams, settings):
    streams.configure(**settings)
    threads = threading.active_count()
    with waiting(streams):
        assert threading.active_count() == threads
    assert err(streams) == ""


@pytest.mark.parametrize(
    ("streams", "settings", "told"),
    [
        (Streams(None, BytesIO(), BytesIO()), {}, ""),
        (terminal(), {"quiet": True}, ""),
        (terminal(), {"plain": True, "verbose": True}, ""),
        (terminal(), {"plain": True}, "rate limited, retry 1 of 2 in 8s, Ctrl-C stops\n"),
    ],
)
def test_where_no_line_can_be_redrawn_a_person_is_told_of_a_retry(streams, settings, told):
    streams.configure(**settings)
    with waiting(streams) as line:
        line.retrying(8.0, 1, 2, "rate limited")
    assert err(streams) == told


def test_the_line_gives_way_to_a_note():
    streams = terminal()
    with waiting(streams, clock=Clock()):
        shown(streams, "thinking")
        streams.note("noted")
        shown(streams, "\r\x1b[0Knoted\n\r\x1b[0K")


def test_a_start_that_is_broken_off_can_be_stopped(monkeypatch):
    def interrupted(thread):
        raise KeyboardInterrupt

    line = WaitingLine(terminal())
    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        line.start()
    line.stop()
    assert err(line._streams) == ""
