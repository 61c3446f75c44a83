"""Ends a wait that nothing else would end: the deadline has passed, or the reader of our output has left."""

from __future__ import annotations

import select
import time
from contextlib import suppress
from socket import SHUT_RDWR, socket
from threading import Event, Lock
from typing import TYPE_CHECKING

from mira_cli.api.deadline import DeadlineExceeded
from mira_cli.background import SideThread
from mira_cli.errors import ReaderGone

if TYPE_CHECKING:
    from mira_cli.api.deadline import Deadline

LOOK_EVERY = 0.25  # seconds between two looks


class Watchdog:
    """Hangs up when the deadline has passed or the reader of our output has left: a read does not see that.

    Attributes:
        reason: Why it hung up, None as long as it has not.
    """

    def __init__(self, sock: socket, deadline: Deadline, output: int | None) -> None:
        self._socket = sock
        self._deadline = deadline
        self._output = output
        self._ended = Event()
        self._lock = Lock()
        self.reason: DeadlineExceeded | ReaderGone | None = None
        SideThread(self._run).start()

    def end(self) -> None:
        """The answer has ended."""
        with self._lock:
            self._ended.set()

    def _run(self) -> None:
        try:
            while not self._ended.wait(min(self._deadline.left(), LOOK_EVERY)):
                if reader_left(self._output):
                    raise ReaderGone
        except (DeadlineExceeded, ReaderGone) as reason:
            with self._lock:
                if not self._ended.is_set():
                    self.reason = reason
                    hang_up(self._socket)


def reader_left(output: int | None) -> bool:
    """Whether the other end of a pipe is closed. Where there is no poll(2), nobody is seen leaving."""
    if output is None or not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(output, 0)  # no event is asked for: that the other end is closed is always told
    return bool(poll.poll(0))


def wait(seconds: float, output: int | None) -> None:
    """Sleep.

    Raises:
        ReaderGone: Whoever reads `output` has left.
    """
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(left if output is None else min(left, LOOK_EVERY))
        if reader_left(output):
            raise ReaderGone


def hang_up(sock: socket) -> None:
    """Shut a connection down, which wakes whoever reads from it. The layer of TLS is not told."""
    with suppress(OSError):
        socket.shutdown(sock, SHUT_RDWR)
