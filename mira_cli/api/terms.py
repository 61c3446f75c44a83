"""On what terms a client works: how long and how often it tries, and whom it tells."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Observer(Protocol):
    """Whom the client tells what happens while a reply is under way."""

    def retrying(self, wait: float, attempt: int, of: int, reason: str, *, for_all: bool) -> None:
        """Before each wait: seconds, which retry of how many, and why, in two words.

        `for_all`: other requests would fare the same, for the server is busy or in trouble.
        """
        ...

    def notice(self, kind: str, message: str) -> None:
        """Something a person should know that stops nothing."""
        ...

    def log(self, line: str) -> None:
        """A step, for --verbose. Never holds the key."""
        ...


class Limits(NamedTuple):
    """How long to wait and how often to try. Seconds.

    Attributes:
        timeout: Longest time without data, before the answer or within it.
        connect_timeout: Longest time to connect.
        max_time: Longest time for everything, waits included; None for no limit.
        retries: How many further tries.
    """

    timeout: float = 120.0
    connect_timeout: float = 10.0
    max_time: float | None = None
    retries: int = 2
