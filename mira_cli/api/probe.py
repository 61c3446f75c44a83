"""Tests a server for free: its connection, and the paths that use no tokens."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from mira_cli.background import in_background
from mira_cli.errors import MiraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.api.call import Call
    from mira_cli.api.client import Client
    from mira_cli.api.request import Answer
    from mira_cli.background import SideThread


class Probe:
    """Requests each path of a server at most once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._answers: dict[tuple[str, bool], Answer | MiraError] = {}
        self._reaching: SideThread | None = None

    def reach(self, path: str) -> Call:
        """Connect and send a GET for a path, whose answer `get` then waits for.

        Returns:
            The call, which has the address, TLS version and certificate.

        Raises:
            ConfigError: A certificate variable cannot be used.
            MiraError: There is no connection: as a rule `network_errors.Unreachable`.
        """
        happened: SimpleQueue[Any] = SimpleQueue()  # the call, or what went wrong before; then its answer

        def ask() -> None:
            self._ask(path, on_sent=happened.put)
            happened.put(self._answers[path, False])

        self._client.load()
        self._reaching = in_background(ask)
        first: Call | MiraError = happened.get()
        if isinstance(first, MiraError):
            raise first
        return first

    def get(self, path: str, *, at_origin: bool = False) -> Answer:
        """What `Client.get` gives and raises."""
        if self._reaching is not None:
            self._reaching.join()
            self._reaching = None
        if (path, at_origin) not in self._answers:
            self._ask(path, at_origin=at_origin)
        found = self._answers[path, at_origin]
        if isinstance(found, MiraError):
            raise found
        return found

    def _ask(
        self, path: str, *, at_origin: bool = False, on_sent: Callable[[Call], None] | None = None
    ) -> None:
        try:
            self._answers[path, at_origin] = self._client.get(path, at_origin=at_origin, on_sent=on_sent)
        except MiraError as error:
            self._answers[path, at_origin] = error
