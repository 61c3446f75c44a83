"""What may happen to an exchange, as exceptions; `exchange_failures` finds the words for people."""

from __future__ import annotations


class Unreachable(Exception):  # noqa: N818 - says what the server is
    """There is no connection.

    Args:
        why: In a few words: "name not found", "connection refused" …
        proxy: The proxy that stood in the way, as `host:port`, or "".
        tls: Whether it was about certificates or the handshake.
        refused: Whether the connection was refused.
        unknown: Whether the name has no address, as far as could be found out.
        lasting: Whether it will be so the next time as well.
    """

    def __init__(
        self,
        why: str,
        *,
        proxy: str = "",
        tls: bool = False,
        refused: bool = False,
        unknown: bool = False,
        lasting: bool = False,
    ) -> None:
        super().__init__(why)
        self.why = why
        self.proxy = proxy
        self.tls = tls
        self.refused = refused
        self.unknown = unknown
        self.lasting = lasting or tls


class Dropped(Exception):  # noqa: N818 - says what happened to the connection
    """The connection ended too soon. `started` when something of the answer had come."""

    def __init__(self, *, started: bool) -> None:
        super().__init__("the connection was closed")
        self.started = started


class Garbled(Exception):  # noqa: N818 - says what the answer is
    """What came is not HTTP."""


class Oversized(Garbled):
    """More came than anyone would send on purpose."""


class NoReply(Exception):  # noqa: N818 - says what the body is
    """The body of a 200 is something else than a reply: "empty", "html", "json" (broken) or "other"."""
