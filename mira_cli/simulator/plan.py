"""Decides how a chat request is answered: a fault, a scripted reply, a refusal or a built-in reply."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from mira_cli.simulator.answer import Answer, good, to_bytes
from mira_cli.simulator.checks import Refusal, check_body, check_key
from mira_cli.simulator.faults.table import FAULTS, known, parse
from mira_cli.simulator.ids import KEY, completion_id
from mira_cli.simulator.replies import pieces_of, prompt_tokens, reply_to
from mira_cli.simulator.script import Entry, Script, read
from mira_cli.simulator.steps import Steps, Whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mira_cli.simulator.faults.fault import Fault
    from mira_cli.simulator.received import Received

_BY_MODEL = "fail-"


@dataclass(frozen=True, slots=True)
class Manner:
    """How the simulator answers.

    Attributes:
        key: The one key that is taken.
        delay: Seconds before the first token.
        rate: Tokens a second, 0 for as fast as possible.
        window: Tokens of prompt beyond which a request is refused, None for no such limit.
        blocks: A message that holds one of these is refused as blocked content.
    """

    key: str = KEY
    delay: float = 0.0
    rate: float = 0.0
    window: int | None = None
    blocks: tuple[str, ...] = ()


class Relay(Protocol):
    """Where answers come from in place of our own: the API itself, or a recording."""

    takes_any_key: bool

    def has(self, received: Received) -> bool:
        """Whether it answers this request."""

    def steps_for(self, received: Received) -> Steps:
        """Its answer."""

    def close(self) -> None:
        """Nothing more is asked."""


@dataclass(slots=True)
class _Queued:
    fault: Fault
    left: int | None


@dataclass(slots=True)
class Plan:
    """The faults and replies that are still to come, and the manner of all others. Thread-safe."""

    manner: Manner
    script: Script = field(default_factory=Script)
    relay: Relay | None = None
    _faults: list[_Queued] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def fail(self, *faults: str) -> None:
        """Put faults, NAME[:COUNT] each, at the end of the queue.

        Raises:
            UsageError: Unknown name or bad count.
        """
        queued = [_Queued(*parse(text)) for text in faults]
        with self._lock:
            self._faults += queued

    def say(self, *replies: object) -> None:
        """Put texts, or tables as in a script file, at the end of the script."""
        self.add(read(replies))

    def add(self, entries: Iterable[Entry]) -> None:
        """Put entries at the end of the script."""
        with self._lock:
            self.script.add(entries)

    def steps_for(self, received: Received, origin: str) -> Steps:
        """How a chat request is answered. Faults come first: they stand for what is in front of the API."""
        answer = self._prepared(received, origin)
        fault = self._fault_for(answer.model)
        if fault is None:
            refusal = self._refusal(received)
            if refusal is not None:
                return refused(refusal)
            if self.relay is not None:
                return self.relay.steps_for(received)
            fault = self._moderation(answer)
        if fault is not None:
            return fault.steps(answer)
        with self._lock:
            entry = self.script.next_for(received.question)
        if entry is None:
            return good(answer)
        answer = _scripted(answer, entry)
        return entry.fault.steps(answer) if entry.fault else good(answer)

    def _refusal(self, received: Received) -> Refusal | None:
        """What the API would refuse. A relay judges all but the key by itself."""
        headers = received.headers
        if self.relay is not None and self.relay.takes_any_key:
            return None
        refusal = check_key(headers.get("authorization"), self.manner.key)
        if refusal is not None or self.relay is not None:
            return refusal
        return check_body(received.raw, headers.get("content-type", ""))

    def _fault_for(self, model: str) -> Fault | None:
        by_model = known(model.removeprefix(_BY_MODEL)) if model.startswith(_BY_MODEL) else None
        if by_model is not None:
            return by_model
        with self._lock:
            if not self._faults:
                return None
            first = self._faults[0]
            if first.left is not None:
                first.left -= 1
                if first.left == 0:
                    del self._faults[0]
            return first.fault

    def _moderation(self, answer: Answer) -> Fault | None:
        contents = [str(message.get("content")) for message in answer.messages]
        if any(word in content for word in self.manner.blocks for content in contents):
            return FAULTS["blocked"]
        window = self.manner.window
        if window is not None and prompt_tokens(answer.messages) > window:
            return FAULTS["context"]
        return None

    def _prepared(self, received: Received, origin: str) -> Answer:
        """The reply to a request that need not be valid: a fault may answer it all the same."""
        body = received.body if isinstance(received.body, dict) else {}
        pieces = pieces_of(reply_to(received.messages, body.get("response_format")))
        limit = body.get("max_tokens")
        cut = isinstance(limit, int) and 0 < limit < len(pieces)
        pieces = pieces[:limit] if cut else pieces
        options = body.get("stream_options")
        return Answer(
            pieces=pieces,
            model=str(body.get("model", "mira")),
            id=completion_id(received.raw),
            created=int(time.time()),
            finish_reason="length" if cut else "stop",
            usage=_usage(prompt_tokens(received.messages), len(pieces)),
            stream=body.get("stream") is True,
            include_usage=isinstance(options, dict) and options.get("include_usage") is True,
            delay=self.manner.delay,
            rate=self.manner.rate,
            key=received.key,
            origin=origin,
            messages=received.messages,
        )


def refused(refusal: Refusal) -> Steps:
    """The answer that says no, as `{"detail": …}`."""
    return iter((Whole(refusal.status, to_bytes({"detail": refusal.detail})),))


def _usage(prompt: int, completion: int) -> dict[str, int]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _scripted(answer: Answer, entry: Entry) -> Answer:
    if entry.text is not None:
        pieces = pieces_of(entry.text) if isinstance(entry.text, str) else entry.text
        prompt = answer.usage["prompt_tokens"] if answer.usage else 0
        answer = replace(answer, pieces=pieces, usage=_usage(prompt, len(pieces)), finish_reason="stop")
    changes: dict[str, object] = {
        name: value
        for name in ("model", "delay", "rate", "finish_reason")
        if (value := getattr(entry, name)) is not None
    }
    if entry.no_usage:
        changes["usage"] = None
    elif entry.usage is not None:
        changes["usage"] = dict(entry.usage)
    return replace(answer, **changes)  # type: ignore[arg-type]  # the names are those of Answer
