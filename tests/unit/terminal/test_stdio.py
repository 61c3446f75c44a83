"""A descriptor whose reader sleeps: writers wait for it, unless there is a hurry."""

import fcntl
import os
import pty
import threading

import pytest

from mira_cli.terminal.stdio import Descriptor, open_nonblocking

MUCH = b"word " * 100_000 + b"\n"


@pytest.fixture(params=["pipe", "terminal"])
def ends(request):
    """Where it is read, and a descriptor that is written."""
    reading, writing = os.pipe() if request.param == "pipe" else pty.openpty()
    if request.param == "terminal":
        import tty

        tty.setraw(writing)
        again = open_nonblocking(writing)
        opened = [reading, writing, again]
        sink = Descriptor(writing, again)
    else:
        os.set_blocking(writing, False)
        opened = [reading, writing]
        sink = Descriptor(writing)
    yield reading, sink
    for number in opened:
        os.close(number)


def begin(sink, data):
    writer = threading.Thread(target=sink.write, args=(data,), daemon=True)
    writer.start()
    writer.join(0.5)
    assert writer.is_alive()  # the reader sleeps
    return writer


def read(number, count):
    data = b""
    while len(data) < count:
        data += os.read(number, 1 << 16)
    return data


def test_a_writer_waits_for_its_reader(ends):
    reading, sink = ends
    writer = begin(sink, MUCH)
    assert read(reading, len(MUCH)) == MUCH
    writer.join(10)
    assert not writer.is_alive()


def test_a_hurry_wakes_a_writer_in_another_thread_and_no_other_waits_behind_it(ends):
    _, sink = ends
    writer = begin(sink, MUCH)
    sink.hurry(0.1)
    writer.join(10)
    assert not writer.is_alive()
    sink.write(MUCH)


def test_a_reader_that_wakes_up_in_time_misses_nothing(ends):
    reading, sink = ends
    writer = begin(sink, MUCH)
    sink.hurry(30)
    assert read(reading, len(MUCH)) == MUCH
    writer.join(10)
    assert not writer.is_alive()


def test_a_hurry_is_over_with_its_time_and_the_next_thing_that_is_read(ends):
    reading, sink = ends
    sink.hurry(0)
    sink.write(b"one")
    assert read(reading, 3) == b"one"
    writer = begin(sink, MUCH)
    assert read(reading, len(MUCH)) == MUCH
    writer.join(10)


def test_a_terminal_with_room_for_half_a_line_end_is_not_waited_for_in_a_hurry():
    master, slave = pty.openpty()
    again = open_nonblocking(slave)
    try:
        sink = Descriptor(slave, again)
        writer = begin(sink, b"\n" * 100_000)  # each takes two bytes
        sink.hurry(0)
        writer.join(10)
        assert not writer.is_alive()
    finally:
        for number in (master, slave, again):
            os.close(number)


def test_only_our_own_way_to_the_terminal_is_unblocked():
    master, slave = pty.openpty()
    again = open_nonblocking(slave)
    try:
        assert os.get_blocking(slave)
        assert not os.get_blocking(again)
        assert fcntl.fcntl(again, fcntl.F_GETFD) & fcntl.FD_CLOEXEC  # no child gets it
    finally:
        for number in (master, slave, again):
            os.close(number)


def test_what_is_no_terminal_is_not_opened_again():
    reading, writing = os.pipe()
    try:
        assert open_nonblocking(writing) is None
    finally:
        os.close(reading)
        os.close(writing)
