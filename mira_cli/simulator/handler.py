"""One connection: reads requests, asks what to answer, lets the player answer."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Protocol

from mira_cli.simulator.answer import to_bytes
from mira_cli.simulator.checks import Refusal, check_key
from mira_cli.simulator.models import openai_listing, origin_listing, quota
from mira_cli.simulator.plan import refused
from mira_cli.simulator.player import Player
from mira_cli.simulator.received import Received, parse
from mira_cli.simulator.steps import Steps, Whole

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractContextManager
    from threading import Event

    from mira_cli.simulator.plan import Plan

_CHAT = "/v1/chat/completions"
_QUOTA = "/v1/quota"
_LISTINGS = {"/v1/models": openai_listing, "/api/v1/models": origin_listing, _QUOTA: quota}
_READ = 1 << 16
_MOST = 64 << 20  # bytes of body that are read at all; more than that closes the connection
_KEPT = 4 << 20  # bytes of body that are kept, more than any check allows


class Served(Protocol):
    """What all connections share: the simulator, whose arguments these are."""

    key: str
    plan: Plan
    forbidden: Collection[str]
    ping_every: float
    closing: Event

    @property
    def origin(self) -> str:
        """Where it listens, without a path."""
        ...

    def received(self, request: Received, *, chat: bool) -> AbstractContextManager[None]:
        """Note a request before it is answered, and how its answer ended."""
        ...


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 with keep-alive; says nothing on stderr."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    simulator: Served

    def do_GET(self) -> None:
        """Models and quota; everything else is not found."""
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815 - the base class names them

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing: what came in is in the log of requests."""

    def _serve(self) -> None:
        raw = self._read_body()
        if raw is None:
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(time.time(), self.command, self.path, headers, raw, parse(raw))
        chat = self.command == "POST" and self._route() == _CHAT
        player = Player(self.connection, self.simulator.closing, self.simulator.ping_every)
        with self.simulator.received(received, chat=chat):
            player.play(self._steps(received, chat=chat))
        if not player.keep or self.command == "HEAD":  # whose client does not expect the body that we send
            self.close_connection = True
            self._really_close()

    def _route(self) -> str:
        return self.path.partition("?")[0]

    def _steps(self, received: Received, *, chat: bool) -> Steps:
        if chat:
            return self.simulator.plan.steps_for(received, self.simulator.origin)
        relay = self.simulator.plan.relay
        if relay is not None and relay.has(received):
            return relay.steps_for(received)
        refusal = self._refusal(received)
        return refused(refusal) if refusal else iter((Whole(200, to_bytes(_LISTINGS[self._route()]())),))

    def _refusal(self, received: Received) -> Refusal | None:
        route = self._route()
        if route in self.simulator.forbidden:
            return Refusal(403, "Forbidden")
        if route not in {_CHAT, *_LISTINGS}:
            return Refusal(404, "Not Found")
        if self.command != "GET" or route == _CHAT:
            return Refusal(405, "Method Not Allowed")
        if route == _QUOTA:
            return check_key(received.headers.get("authorization"), self.simulator.key)
        return None

    def _read_body(self) -> bytes | None:
        """The body, its end left out if it is larger than any check allows; None if it did not come."""
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            return self._read_chunked()
        length = self.headers.get("content-length", "0")
        if not re.fullmatch("[0-9]{1,18}", length) or int(length) > _MOST:
            return None
        return self._read(int(length))

    def _read(self, length: int) -> bytes | None:
        kept = bytearray()
        while length:
            data = self.rfile.read(min(length, _READ))
            if not data:
                return None
            length -= len(data)
            if len(kept) < _KEPT:
                kept += data
        return bytes(kept)

    def _read_chunked(self) -> bytes | None:
        kept = bytearray()
        while True:
            try:
                length = int(self.rfile.readline(_READ).partition(b";")[0], 16)
            except ValueError:
                return None
            data = self._read(min(length, _MOST))
            self.rfile.readline(_READ)
            if data is None or not length:
                return bytes(kept) if data is not None else None
            if len(kept) < _KEPT:
                kept += data

    def _really_close(self) -> None:
        """Close the socket itself, before the server shuts it down in order: a reset must stay a reset."""
        with suppress(OSError):
            self.rfile.close()
            self.connection.close()
