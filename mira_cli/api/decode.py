"""The JSON of a reply, streamed or whole, turned into chunks. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from mira_cli.api.bodies import Words, words_of
from mira_cli.api.sse import DONE, Event
from mira_cli.api.thinking import Piece, ThinkSplitter
from mira_cli.api.verdict import BracketGuard, is_error_delta
from mira_cli.conversation.reply import Chunk, Usage

_REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking_content", "thinking")

_SURROGATE = re.compile("[\ud800-\udfff]")
_ABSURD = 1e15
_HIGH_SURROGATES = ("\ud800", "\udbff")


class Decoder:
    """Takes the events of one reply in order.

    Attributes:
        done: Whether `[DONE]` came.
        finish_reason: The first one that was not null, "" before it.
        failure: What the server said went wrong, None as long as nothing did. Nothing after it counts.
        unreadable: Events that were no JSON object.
        has_text: Whether any text of the answer came.
        progress: Counts what is more than a sign of life.
    """

    def __init__(self) -> None:
        self.done = False
        self.finish_reason = ""
        self.failure: Words | None = None
        self.unreadable = 0
        self.has_text = False
        self.progress = 0
        self._id = ""
        self._model = ""
        self._chunks: list[Chunk] = []
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._half = ""
        self._half_reasoning = ""
        self._think = ThinkSplitter()
        self._guard = BracketGuard()

    @property
    def over(self) -> bool:
        """Whether nothing that follows can matter."""
        return self.done or self.failure is not None

    def feed(self, events: list[Event]) -> list[Chunk]:
        """The chunks that these events bring; text that came together is one chunk."""
        for event in events:
            if event.data == DONE:
                self.done = True
            elif event.name == "error":
                self._fail(_error_event(event.data))
            else:
                self._json(event.data)
            if self.over:
                break
        return self._drain()

    def whole(self, value: dict[str, Any]) -> list[Chunk]:
        """The chunks of a reply that was not streamed."""
        self._object(value)
        return self._drain()

    def finish(self) -> list[Chunk]:
        """The reply has ended, well or not: what was held back."""
        if self.failure is None:
            for text, half in ((True, self._half), (False, self._half_reasoning)):
                if half:
                    self._pieces(self._think.feed("\ufffd") if text else [("", "\ufffd")])
            self._half = self._half_reasoning = ""
            self._pieces(self._think.finish())
            if sentence := self._guard.error:
                self._fail(Words(sentence))
        if self.failure is None or self.has_text:
            self._add_text(self._guard.release())
        return self._drain()

    def _json(self, data: str) -> None:
        value = parse_any(data)
        if isinstance(value, dict):
            self._object(value)
            return
        # Events whose blank lines were lost: each line by itself is one.
        values = [parse_any(line) for line in data.split("\n")] if "\n" in data else []
        if not values or not all(isinstance(value, dict) for value in values):
            self.unreadable += 1
            return
        for value in values:
            if self.failure is None:
                self._object(value)

    def _object(self, value: dict[str, Any]) -> None:
        choices = value.get("choices")
        if value.get("error") or (
            choices is None and (value.get("detail") or value.get("object") == "error")
        ):
            self._fail(words_of(value))
            return
        identity = value.get("id"), value.get("model")
        fresh_id = identity[0] if not self._id and isinstance(identity[0], str) else ""
        fresh_model = identity[1] if not self._model and isinstance(identity[1], str) else ""
        self._id = self._id or fresh_id
        self._model = self._model or fresh_model
        finish = ""
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and not choice.get("index"):
                self._choice(choice)
                reason = choice.get("finish_reason")
                if isinstance(reason, str) and reason and not self.finish_reason:
                    finish = self.finish_reason = reason
                    self.progress += 1
        usage = _usage(value.get("usage"))
        if finish or usage or fresh_id or fresh_model:
            self._cut(finish_reason=finish, usage=usage, identity=fresh_id, model=fresh_model)

    def _choice(self, choice: dict[str, Any]) -> None:
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            delta = choice.get("message")
            if not isinstance(delta, dict):
                delta = {"content": choice.get("text")}
        for field in _REASONING_FIELDS:
            reasoning = delta.get(field)
            if isinstance(reasoning, str) and reasoning:
                self.progress += 1
                reasoning, self._half_reasoning = _whole_characters(self._half_reasoning + reasoning)
                self._pieces([("", reasoning)])
                break
        content = delta.get("content")
        if isinstance(content, list):
            content = _joined_parts(content)
        if not isinstance(content, str) or not content:
            return
        self.progress += 1
        if is_error_delta(content):
            self._fail(Words(content.strip()))
            return
        content, self._half = _whole_characters(self._half + content)
        self._pieces(self._think.feed(content))

    def _pieces(self, pieces: list[Piece]) -> None:
        for text, reasoning in pieces:
            if reasoning:
                if self._text:
                    self._cut()
                self._reasoning.append(reasoning)
            if text:
                self._add_text(self._guard.feed(text))

    def _add_text(self, text: str) -> None:
        if text:
            self.has_text = True
            self._text.append(text)

    def _fail(self, words: Words) -> None:
        self.failure = words

    def _cut(
        self,
        *,
        finish_reason: str = "",
        usage: Usage | None = None,
        identity: str = "",
        model: str = "",
    ) -> None:
        text, reasoning = "".join(self._text), "".join(self._reasoning)
        self._text, self._reasoning = [], []
        self._chunks.append(Chunk(text, reasoning, finish_reason, usage, identity, model))

    def _drain(self) -> list[Chunk]:
        if self._text or self._reasoning:
            self._cut()
        chunks, self._chunks = self._chunks, []
        return chunks


def parse_object(data: str) -> dict[str, Any] | None:
    """A JSON object, or None for whatever else it is."""
    value = parse_any(data)
    return value if isinstance(value, dict) else None


def parse_any(data: str) -> Any:
    """A JSON value, None for what is no JSON."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _error_event(data: str) -> Words:
    value = parse_any(data)
    return Words(data) if value is None else words_of(value)


def _joined_parts(parts: list[Any]) -> str:
    texts = [
        part.get("text") for part in parts if isinstance(part, dict) and part.get("type") in {None, "text"}
    ]
    return "".join(text for text in texts if isinstance(text, str))


def _whole_characters(text: str) -> tuple[str, str]:
    """Text without lone surrogates, and a first half that may find its second one in the next delta."""
    if not _SURROGATE.search(text):
        return text, ""
    half = text[-1] if _HIGH_SURROGATES[0] <= text[-1] <= _HIGH_SURROGATES[1] else ""
    whole = text[:-1] if half else text
    return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"), half


def _usage(value: object) -> Usage | None:
    """What a server reports; zeros and nulls are not facts, a number left out follows from the others."""
    if not isinstance(value, dict):
        return None
    prompt, completion, total = (
        _count(value.get(f"{name}_tokens")) for name in ("prompt", "completion", "total")
    )
    prompt = prompt or max(0, total - completion if completion else 0)
    completion = completion or max(0, total - prompt if prompt else 0)
    if not prompt or not completion:
        return None
    return Usage(prompt, completion, total or prompt + completion)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < _ABSURD:
        return 0
    return int(value)
