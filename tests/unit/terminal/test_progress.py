"""The progress bar and the waiting line: passing lines, or nothing."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from io import BytesIO

import pytest

from mira_cli.terminal.progress import ProgressBar, WaitingLine
from rig.streams import buffered


def bar_on(*, tty=True, total=10, encoding="utf-8", width=80, shared=False, **facts):
    stderr = BytesIO()
    streams = buffered(
        None,
        None,
        stderr,
        err_tty=tty,
        encoding=encoding,
        err_size=lambda: (width, 24),
        env={"NO_COLOR": "1", "TERM": "xterm"},
    )
    streams.configure(**facts)
    now = [0.0]
    return ProgressBar(streams, total, shared=shared, clock=lambda: now[0]), stderr, now, streams


def shown(stderr):
    return stderr.getvalue().decode().split("\r\x1b[0K")[1:]


def test_it_shows_how_far_and_how_many_failed():
    bar, stderr, now, _ = bar_on()
    bar.show(5, 2, "waiting 8s")
    (line,) = shown(stderr)
    assert line.startswith("━" * 12)
    assert " 5/10 " in line
    assert line.endswith(" · 2 failed · waiting 8s")
    now[0] = 1
    bar.show(10, 0)
    assert shown(stderr)[1].startswith("━" * 24)


def test_it_draws_ten_times_a_second_at_most_and_is_erased():
    bar, stderr, now, _ = bar_on()
    for step in range(100):
        now[0] = step / 100
        bar.show(step // 10, 0)
    assert 9 <= len(shown(stderr)) <= 10
    bar.close()
    assert shown(stderr)[-1] == ""


def test_who_reads_the_steps_has_the_row_first():
    bar, stderr, now, _ = bar_on(shared=True)
    for at, done, drawn in [
        (0, 0, 1),
        (1, 1, 1),
        (1.15, 1, 1),
        (1.25, 1, 2),
        (1.5, 2, 2),
        (1.65, 3, 2),
        (1.9, 3, 3),
    ]:
        now[0] = at
        bar.show(done, 0)
        assert len(shown(stderr)) == drawn, at


def test_notes_stand_above_it():
    bar, stderr, _, streams = bar_on()
    bar.show(1, 0)
    line = shown(stderr)[0]
    streams.error("row 3: no")
    assert stderr.getvalue().decode().endswith(f"\r\x1b[0Kmira: row 3: no\n\r\x1b[0K{line}")


def test_without_a_total_it_only_counts():
    bar, stderr, _, _ = bar_on(total=None)
    bar.show(7, 1)
    assert " 7/? " in shown(stderr)[0]


def test_it_fits_the_terminal():
    bar, stderr, _, _ = bar_on(width=20)
    bar.show(5, 2)
    assert len(shown(stderr)[0]) <= 19


def test_ascii_where_there_is_no_more():
    bar, stderr, _, _ = bar_on(encoding="ascii")
    bar.show(5, 2)
    assert stderr.getvalue().isascii()
    assert shown(stderr)[0].startswith("-" * 12)


def test_nothing_where_lines_cannot_be_redrawn():
    for facts in ({"tty": False}, {"plain": True}, {"quiet": True}):
        bar, stderr, _, _ = bar_on(**facts)
        bar.show(5, 2)
        bar.close()
        assert stderr.getvalue() == b""


NO_COLOR = {"NO_COLOR": "1", "TERM": "xterm"}


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def terminal(**facts):
    return buffered(
        None, BytesIO(), BytesIO(), err_tty=True, env=NO_COLOR, err_size=lambda: (80, 24), **facts
    )


def err(streams):
    return streams.stderr.sink.getvalue().decode()


@contextmanager
def waiting(streams, **facts):
    line = WaitingLine(streams, **facts)
    line.start()
    try:
        yield line
    finally:
        line.stop()


def wait_for(streams, text):
    while text not in err(streams):
        time.sleep(0.01)


def test_a_spinner_that_is_erased():
    streams, clock = terminal(), Clock()
    line = WaitingLine(streams, clock=clock)
    line.start()
    wait_for(streams, "\r\x1b[0K⠋ thinking… 0s · Ctrl-C stops")
    clock.now += 3
    wait_for(streams, " thinking… 3s · Ctrl-C stops")
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
        wait_for(streams, "\r\x1b[0Krate limited, retry 1 of 2 in 8s · Ctrl-C stops")
        clock.now += 7.5
        wait_for(streams, "rate limited, retry 1 of 2 in 1s · Ctrl-C stops")
        clock.now += 1
        wait_for(streams, "thinking… 8s")
    assert err(streams).endswith("\r\x1b[0K")


def test_a_waiting_line_can_be_started_again():
    streams = terminal()
    line = WaitingLine(streams, clock=Clock())
    line.start()
    line.retrying(5.0, 1, 2, "busy")
    wait_for(streams, "busy")
    line.stop()
    line.start()
    wait_for(streams, "thinking")
    line.stop()
    assert err(streams).endswith("\r\x1b[0K")


def test_a_terminal_without_unicode():
    streams = terminal(encoding="ascii")
    with waiting(streams, clock=Clock()):
        wait_for(streams, "\r\x1b[0K| thinking... 0s - Ctrl-C stops")


@pytest.mark.parametrize(
    ("streams", "settings"),
    [
        (buffered(None, BytesIO(), BytesIO()), {}),
        (terminal(), {"plain": True}),
        (terminal(), {"quiet": True}),
        (buffered(None, BytesIO(), BytesIO(), err_tty=True, env={"TERM": "dumb"}), {}),
    ],
)
def test_no_line_where_none_can_be_redrawn(streams, settings):
    streams.configure(**settings)
    threads = threading.active_count()
    with waiting(streams):
        assert threading.active_count() == threads
    assert err(streams) == ""


@pytest.mark.parametrize(
    ("streams", "settings", "shown"),
    [
        (buffered(None, BytesIO(), BytesIO()), {}, ""),
        (terminal(), {"quiet": True}, ""),
        (terminal(), {"plain": True, "verbose": True}, ""),
        (terminal(), {"plain": True}, "rate limited, retry 1 of 2 in 8s, Ctrl-C stops\n"),
    ],
)
def test_where_no_line_can_be_redrawn_a_person_is_told_of_a_retry(streams, settings, shown):
    streams.configure(**settings)
    with waiting(streams) as line:
        line.retrying(8.0, 1, 2, "rate limited")
    assert err(streams) == shown


def test_the_line_gives_way_to_a_note():
    streams = terminal()
    with waiting(streams, clock=Clock()):
        wait_for(streams, "thinking")
        streams.note("noted")
        wait_for(streams, "\r\x1b[0Knoted\n\r\x1b[0K")


def test_a_start_that_is_broken_off_can_be_stopped(monkeypatch):
    def interrupted(thread):
        raise KeyboardInterrupt

    line = WaitingLine(terminal())
    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        line.start()
    line.stop()
    assert err(line._streams) == ""
