"""The simulator: a local mock of the Mira API on this machine's loopback address."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from io import FileIO
from itertools import chain, repeat
from threading import Lock
from typing import TYPE_CHECKING, Any, Self
from zlib import crc32

from mira_cli.errors import OutputError, UsageError
from mira_cli.simulator.completion import Completion, send, to_bytes
from mira_cli.simulator.faults import FAULTS, parse, refusing
from mira_cli.simulator.http_server import CHAT, HOST, HttpServer
from mira_cli.simulator.replies import pieces_of, prompt_tokens, reply_to, thoughts_of
from mira_cli.simulator.validation import LISTINGS, QUOTA, check_body, check_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mira_cli.simulator.faults import Fault
    from mira_cli.simulator.http_server import Connection, ReceivedRequest
    from mira_cli.simulator.script import ScriptedReply
    from mira_cli.simulator.validation import Refusal

KEY = "sk-mira-" + "fa4e" * 10  # obviously fake, but well-formed
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "x-api-key", "cookie"})


class Simulator:
    """Serves real HTTP from its own threads during its `with` block.

    Args:
        fail: Faults for the next chat requests, NAME[:COUNT] each, in order.
        script: Replies in order.
        delay: Seconds before the first token.
        rate: Tokens a second, 0 for as fast as possible.
        window: Prompt tokens above which a request is refused as too long, None for no limit.
        port: 0 for any free one.
        log: A file that gets a JSON line per request, None for none.

    Raises:
        UsageError: Unknown fault, a log that cannot be written, a port that is taken.
    """

    key = KEY
    """The only accepted key."""
    faults: Mapping[str, Fault] = FAULTS
    """The faults that `fail` can name."""

    def __init__(
        self,
        *,
        fail: Iterable[str] = (),
        script: Iterable[ScriptedReply] = (),
        delay: float = 0.0,
        rate: float = 0.0,
        window: int | None = None,
        port: int = 0,
        log: str | None = None,
    ) -> None:
        self._delay, self._rate, self._window = delay, rate, window
        self.script = list(script)
        self._queued: Iterator[Fault] = iter(())
        self._lock = Lock()
        self.fail(*fail)
        try:
            self._log = None if log is None else FileIO(log, "ab")
        except OSError as error:
            raise UsageError(f"Cannot write the log {log}: {error.strerror}.") from error
        try:
            self._server = HttpServer(port, self.answer)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(
                f"Cannot listen on port {port}: {reason}.", hint="Choose another --port."
            ) from error

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.port

    @property
    def base_url(self) -> str:
        """The value for MIRA_BASE_URL."""
        return f"http://{HOST}:{self.port}/v1"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        if self._server.errors:
            raise self._server.errors[0]

    def close(self) -> None:
        """End all responses and stop listening."""
        self._server.close()
        if self._log:
            with self._lock:
                self._log.close()

    def fail(self, *faults: str) -> None:
        """Queue faults for the next chat requests, NAME[:COUNT] each."""
        for text in faults:
            fault, count = parse(text, self.faults)
            with self._lock:
                self._queued = chain(self._queued, repeat(fault) if count is None else repeat(fault, count))

    def next_fault(self, request: ReceivedRequest) -> Fault | None:
        """Take the fault for the next chat request from the queue, None for none."""
        with self._lock:
            return next(self._queued, None)

    def answer(self, request: ReceivedRequest, connection: Connection) -> None:
        """Answer a request, whatever its path."""
        self._write_log(request)
        if request.is_chat:
            self._answer_chat(request, connection)
            return
        route = request.route
        status, value = 200, LISTINGS.get(route)
        if route != CHAT and value is None:
            status, value = 404, {"detail": "Not Found"}
        elif request.method != "GET" or value is None:
            status, value = 405, {"detail": "Method Not Allowed"}
        elif route == QUOTA and (refusal := self._check_key(request)):
            status, value = refusal.status, {"detail": refusal.detail}
        connection.answer(status, to_bytes(value))

    def _answer_chat(self, request: ReceivedRequest, connection: Connection) -> None:
        """Answer a chat request. Faults come before the checks, because they simulate the way to the API."""
        completion = self._built_in(request)
        respond = send
        if fault := self.next_fault(request):
            respond = fault.respond
        elif refusal := self._check_key(request) or check_body(
            request.raw, request.headers.get("content-type", "")
        ):
            respond = refusing(*refusal)
        elif self._window is not None and prompt_tokens(request.messages) > self._window:
            respond = FAULTS["context"].respond
        elif reply := self._next_reply(request.question):
            completion = _scripted(completion, reply.changes)
            respond = reply.fault.respond if reply.fault else send
        respond(completion, connection)

    def _check_key(self, request: ReceivedRequest) -> Refusal | None:
        return check_key(request.headers.get("authorization"), self.key)

    def _next_reply(self, question: str) -> ScriptedReply | None:
        """The first scripted reply that matches the question; it is removed after `count` requests."""
        with self._lock:
            for place, reply in enumerate(self.script):
                if reply.match in question:
                    reply.count -= 1
                    if not reply.count:
                        del self.script[place]
                    return reply
        return None

    def _built_in(self, request: ReceivedRequest) -> Completion:
        """The built-in reply. The request may be invalid, since a fault may answer it."""
        body = request.body if isinstance(request.body, dict) else {}
        pieces = pieces_of(reply_to(request.question, body.get("response_format")))
        limit = body.get("max_tokens")
        cut = isinstance(limit, int) and 0 < limit < len(pieces)
        pieces = pieces[:limit] if cut else pieces
        thoughts = thoughts_of(body.get("model"))
        options = body.get("stream_options")
        return Completion(
            pieces=pieces,
            reasoning=thoughts,
            model=str(body.get("model", "mira")),
            id=f"chatcmpl-simulated{crc32(request.raw):08x}",  # the same request gets the same id
            created=int(time.time()),
            finish_reason="length" if cut else "stop",
            usage=_usage(request, len(thoughts) + len(pieces)),
            stream=body.get("stream") is True,
            include_usage=isinstance(options, dict) and options.get("include_usage") is True,
            delay=self._delay,
            rate=self._rate,
            request=request,
        )

    def _write_log(self, request: ReceivedRequest) -> None:
        """Append a request to the log, without the key. Raises OutputError."""
        if self._log is None:
            return
        row = {
            "time": round(request.time, 3),
            "method": request.method,
            "path": request.path,
            "headers": {k: v for k, v in request.headers.items() if k not in _SECRET_HEADERS},
            "body": request.body,
        }
        with self._lock:
            if self._log.closed:  # the simulator ends
                return
            try:
                self._log.write(json.dumps(row).encode("ascii") + b"\n")
            except OSError as error:
                raise OutputError(f"Cannot write the log {self._log.name}: {error.strerror}.") from error


def _usage(request: ReceivedRequest, tokens: int) -> dict[str, int]:
    prompt = prompt_tokens(request.messages)
    return {"prompt_tokens": prompt, "completion_tokens": tokens, "total_tokens": prompt + tokens}


def _scripted(completion: Completion, changes: Mapping[str, Any]) -> Completion:
    if "pieces" in changes:
        changes = {"usage": _usage(completion.request, len(changes["pieces"])), **changes}
    return replace(completion, **changes)
