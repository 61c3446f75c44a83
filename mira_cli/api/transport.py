"""What carries a request: one interface for the direct socket and for the way through a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mira_cli.api.deadline import Deadline


class Outgoing(NamedTuple):
    """A request as it goes out.

    Attributes:
        method: GET or POST.
        path: The request target, beginning with "/".
        headers: Names and values in the order sent; Host and Content-Length are the transport's.
        body: What is sent, b"" for nothing.
        on_sent: Called when it is on its way, before an answer is waited for.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    on_sent: Callable[[], None] | None = None


class Exchange(Protocol):
    """An answer that has begun: its head is here, its body comes through `read`."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def reason(self) -> str:
        """The words of the status line, "" if none."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Header values by lower-case name; those of one name joined by ", "."""
        ...

    def read(self, deadline: Deadline) -> bytes:
        """Whatever of the body is there, waiting for the first byte of it; b"" once it has ended.

        Raises:
            DeadlineExceeded: Nothing came in time.
            Dropped: The connection ended before the body did.
            Garbled: What came is no HTTP.
        """
        ...

    def close(self, *, keep: bool) -> None:
        """Be done with it. `keep` the connection for the next request if it can be, else close it at once."""
        ...


class Transport(Protocol):
    """Carries requests to one server. Safe to use from several threads."""

    def exchange(self, outgoing: Outgoing, deadline: Deadline) -> Exchange:
        """Send a request and wait for the head of the answer.

        Raises:
            Unreachable: No connection.
            Dropped: The connection ended before the head was complete.
            Garbled: What came is no HTTP.
            DeadlineExceeded: Nothing came in time.
        """
        ...

    def open_ahead(self, deadline: Deadline) -> None:
        """Get ready for the next request: load what it needs, connect if that can be done ahead.

        Raises:
            Unreachable: No connection.
            DeadlineExceeded: Not in time.
        """
        ...

    def close(self) -> None:
        """Close every connection that is kept."""
        ...
