"""Decides how a chat request is answered: with a fault, a refusal, a scripted reply or a built-in one."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING
from zlib import crc32

from mira_cli.simulator import script
from mira_cli.simulator.completion import Completion, send, to_bytes
from mira_cli.simulator.faults import FAULTS, parse
from mira_cli.simulator.replies import pieces_of, prompt_tokens, reply_to
from mira_cli.simulator.response import Response
from mira_cli.simulator.validation import Refusal, check_body, check_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.simulator.faults import Fault
    from mira_cli.simulator.request import ReceivedRequest
    from mira_cli.simulator.response import Actions
    from mira_cli.simulator.script import ScriptedReply


@dataclass(slots=True)
class Responder:
    """Thread-safe.

    Attributes:
        key: The one key that is accepted.
        delay: Seconds before the first token.
        rate: Tokens a second, 0 for as fast as possible.
        window: Prompt tokens above which a request is refused, None for no limit.
        more_faults: Faults that may be named beside the public ones.
    """

    key: str
    delay: float = 0.0
    rate: float = 0.0
    window: int | None = None
    more_faults: Mapping[str, Fault] = field(default_factory=dict)
    _faults: list[tuple[Fault, int | None]] = field(default_factory=list)
    _script: list[tuple[ScriptedReply, int]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def fail(self, *faults: str) -> None:
        """Queue faults, NAME[:COUNT] each.

        Raises:
            UsageError: Unknown name or bad count.
        """
        queued = [parse(text, self.more_faults) for text in faults]
        with self._lock:
            self._faults += queued

    def say(self, *replies: object) -> None:
        """Add texts, or tables as in a script file, to the end of the script.

        Raises:
            UsageError: A table is wrong.
        """
        added = [(reply, reply.count) for reply in script.read(replies, self.more_faults)]
        with self._lock:
            self._script += added

    def respond(self, request: ReceivedRequest, fault: Fault | None = None) -> Actions:
        """The response to a chat request: `fault`, if given, instead of those that are queued.

        Faults come before the checks: they stand for what is in front of the API.
        """
        completion = self._built_in(request)
        fault = fault or self._next_fault()
        if fault is not None:
            return fault.respond(completion)
        headers = request.headers
        refusal = check_key(headers.get("authorization"), self.key) or check_body(
            request.raw, headers.get("content-type", "")
        )
        if refusal is not None:
            return refuse(refusal)
        if self.window is not None and prompt_tokens(request.messages) > self.window:
            return FAULTS["context"].respond(completion)
        reply = self._next_reply(request.question)
        if reply is None:
            return send(completion)
        completion = _scripted(completion, reply)
        return reply.fault.respond(completion) if reply.fault else send(completion)

    def _next_fault(self) -> Fault | None:
        with self._lock:
            if not self._faults:
                return None
            fault, left = self._faults[0]
            if left is not None:
                self._faults[:1] = [(fault, left - 1)] if left > 1 else []
            return fault

    def _next_reply(self, question: str) -> ScriptedReply | None:
        """The first reply of the script that fits the question; it is then used up."""
        with self._lock:
            for place, (reply, left) in enumerate(self._script):
                if reply.match in question:
                    self._script[place : place + 1] = [(reply, left - 1)] if left > 1 else []
                    return reply
        return None

    def _built_in(self, request: ReceivedRequest) -> Completion:
        """The built-in reply. The request need not be valid: a fault may answer it all the same."""
        body = request.body if isinstance(request.body, dict) else {}
        pieces = pieces_of(reply_to(request.messages, body.get("response_format")))
        limit = body.get("max_tokens")
        cut = isinstance(limit, int) and 0 < limit < len(pieces)
        pieces = pieces[:limit] if cut else pieces
        options = body.get("stream_options")
        return Completion(
            pieces=pieces,
            model=str(body.get("model", "mira")),
            id=f"chatcmpl-simulated{crc32(request.raw):08x}",  # the same request gets the same id
            created=int(time.time()),
            finish_reason="length" if cut else "stop",
            usage=_usage(prompt_tokens(request.messages), len(pieces)),
            stream=body.get("stream") is True,
            include_usage=isinstance(options, dict) and options.get("include_usage") is True,
            delay=self.delay,
            rate=self.rate,
            request=request,
        )


def refuse(refusal: Refusal) -> Actions:
    """The response to a request that is refused: `{"detail": …}`."""
    return iter((Response(refusal.status, to_bytes({"detail": refusal.detail})),))


def _usage(prompt: int, completion: int) -> dict[str, int]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _scripted(completion: Completion, reply: ScriptedReply) -> Completion:
    if reply.text is not None:
        pieces = pieces_of(reply.text) if isinstance(reply.text, str) else reply.text
        prompt = completion.usage["prompt_tokens"] if completion.usage else 0
        completion = replace(
            completion, pieces=pieces, usage=_usage(prompt, len(pieces)), finish_reason="stop"
        )
    changes: dict[str, object] = {
        name: value
        for name in ("model", "delay", "rate", "finish_reason", "usage")
        if (value := getattr(reply, name)) is not None
    }
    if reply.usage is False:
        changes["usage"] = None
    return replace(completion, **changes)  # type: ignore[arg-type]  # the names are those of Completion
