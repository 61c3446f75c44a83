"""One connection: reads HTTP requests and has them answered."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

from mira_cli.simulator.completion import to_bytes
from mira_cli.simulator.models import openai_listing, origin_listing, quota
from mira_cli.simulator.request import ReceivedRequest, parse_body
from mira_cli.simulator.responder import refuse
from mira_cli.simulator.response import Response, ResponseWriter
from mira_cli.simulator.validation import Refusal, check_key

if TYPE_CHECKING:
    from mira_cli.simulator.response import Actions
    from mira_cli.simulator.server import Simulator

_CHAT = "/v1/chat/completions"
_QUOTA = "/v1/quota"
_LISTINGS = {"/v1/models": openai_listing, "/api/v1/models": origin_listing, _QUOTA: quota}
_BLOCK = 1 << 16
_MAX_READ = 64 << 20  # bytes of a body that are read; a longer one closes the connection
_MAX_KEPT = 4 << 20  # bytes of a body that are kept, more than any check allows


class Connection(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 with keep-alive; writes nothing to stderr."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    simulator: Simulator

    def do_GET(self) -> None:
        """Answer one request, whatever its method."""
        raw = self._read_body()
        if raw is None:
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = ReceivedRequest(time.time(), self.command, self.path, headers, raw, parse_body(raw))
        chat = self.command == "POST" and self._route() == _CHAT
        writer = ResponseWriter(self.connection, self.simulator.closing, self.simulator.ping_interval)
        with self.simulator.handling(request, chat=chat):
            writer.send(self.simulator.respond(request) if chat else self._respond(request))
        if not writer.keep_alive or self.command == "HEAD":  # a client does not expect the body that we send
            self.close_connection = True
            with suppress(OSError):  # close it ourselves: the server would turn a reset into an orderly end
                self.rfile.close()
                self.connection.close()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815 - the base class names them

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing: `--log` has the requests."""

    def _route(self) -> str:
        return self.path.partition("?")[0]

    def _respond(self, request: ReceivedRequest) -> Actions:
        route = self._route()
        refusal = None
        if route not in {_CHAT, *_LISTINGS}:
            refusal = Refusal(404, "Not Found")
        elif self.command != "GET" or route == _CHAT:
            refusal = Refusal(405, "Method Not Allowed")
        elif route == _QUOTA:
            refusal = check_key(request.headers.get("authorization"), self.simulator.key)
        return refuse(refusal) if refusal else iter((Response(200, to_bytes(_LISTINGS[route]())),))

    def _read_body(self) -> bytes | None:
        """The body, without its end if it is longer than any check allows; None if it did not come."""
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            return self._read_chunked()
        length = self.headers.get("content-length", "0")
        if not re.fullmatch("[0-9]{1,18}", length) or int(length) > _MAX_READ:
            return None
        return self._read(int(length))

    def _read(self, length: int) -> bytes | None:
        kept = bytearray()
        while length:
            data = self.rfile.read(min(length, _BLOCK))
            if not data:
                return None
            length -= len(data)
            if len(kept) < _MAX_KEPT:
                kept += data
        return bytes(kept)

    def _read_chunked(self) -> bytes | None:
        kept = bytearray()
        while True:
            try:
                length = int(self.rfile.readline(_BLOCK).partition(b";")[0], 16)
            except ValueError:
                return None
            data = self._read(min(length, _MAX_READ))
            self.rfile.readline(_BLOCK)
            if data is None:
                return None
            if not length:
                return bytes(kept)
            if len(kept) < _MAX_KEPT:
                kept += data
