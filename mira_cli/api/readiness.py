"""Sleeps until a socket can go on, a time is over, or whoever reads our output has left."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING

from mira_cli.errors import ReaderGone

if TYPE_CHECKING:
    import socket


class Readiness:
    """What a wait ends with. Where there is no poll(2), nobody is seen leaving.

    Args:
        sock: Wait for this socket; None just waits.
        output: A pipe that the answer goes to; None if nobody can leave.
    """

    def __init__(self, sock: socket.socket | None, output: int | None) -> None:
        self._socket = sock
        self._output = output
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll is not None and output is not None:
            self._poll.register(
                output, 0
            )  # no event is asked for: that the other end is closed is always told

    def wait(self, seconds: float, *, writing: bool = False) -> None:
        """Sleep so long at most.

        Raises:
            ReaderGone: The reader has left.
        """
        if self._poll is None:
            self._select(seconds, writing=writing)
            return
        if self._socket is not None:
            self._poll.register(self._socket, select.POLLOUT if writing else select.POLLIN)
        if any(number == self._output for number, _ in self._poll.poll(seconds * 1000 + 1)):
            raise ReaderGone

    def _select(self, seconds: float, *, writing: bool) -> None:
        if self._socket is None:
            time.sleep(seconds)
            return
        watched = [self._socket]
        select.select([] if writing else watched, watched if writing else [], [], seconds)
