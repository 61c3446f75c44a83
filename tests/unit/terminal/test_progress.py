"""The progress bar: a passing line, or nothing."""

from __future__ import annotations

from io import BytesIO

from mira_cli.terminal.progress import ProgressBar
from mira_cli.terminal.streams import Streams


def bar_on(*, tty=True, total=10, encoding="utf-8", width=80, shared=False, **facts):
    stderr = BytesIO()
    streams = Streams(
        None,
        None,
        stderr,
        err_tty=tty,
        err_encoding=encoding,
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
