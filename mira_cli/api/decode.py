"""Turns the JSON of a reply, streamed or whole, into chunks, and recognises errors sent as text."""

from __future__ import annotations

import json
import re
from typing import Any

from mira_cli.api.sse import DONE, Event
from mira_cli.api.thinking import Piece, ThinkSplitter
from mira_cli.conversation.message import well_formed
from mira_cli.conversation.reply import Chunk, Usage

_READ = json.JSONDecoder().raw_decode  # half the cost of json.loads for a small event
_ABSURD = 1e15  # tokens
_REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking_content", "thinking")

# Only at the start of a delta; in the middle of an answer these words mean nothing.
_ERROR_DELTAS = ("Ошибка: ", "Ошибка безопасности: ")

# A whole answer that is one bracketed Russian sentence: "[Модель недоступна. Попробуйте позже.]". Compiled
# on first use, since few answers begin with a bracket.
_MAY_BECOME = r"\[(?:[А-ЯЁ][^\[\]\n]*(?:\]\s*)?)?"
_MOST_HELD = 500  # characters
_SENTENCE = r"\s*\[([А-ЯЁ][^\[\]\n]*)\]\s*"
_ENDS_AS_SENTENCE = (".", "!", "?", "…")
_ABOUT_FAILURE = r"(?i)ошибк|недоступ|не удалось|попробуйте|повторите|превышен|перегруж|лимит"


class Decoder:
    """Takes the events of one reply in order.

    Attributes:
        done: Whether `[DONE]` arrived, or the reply was not streamed.
        finish_reason: The first one that was not null, "" before it.
        refusal: The text of OpenAI's `refusal` field, which other servers send, usually "".
        failure: The JSON value of an error that the server sent, None for none.
        unreadable: The number of events that were not JSON objects.
        has_text: Whether any answer text has arrived.
        progress: Counts the pieces of content; empty events don't count.
    """

    def __init__(self) -> None:
        self.done = False
        self.finish_reason = self.refusal = ""
        self.failure: object = None
        self.unreadable = 0
        self.has_text = False
        self.progress = 0
        self._named = False
        self._index: int | None = None  # of the choice that is read
        self._chunks: list[Chunk] = []
        self._facts: dict[str, Any] = {}  # the other fields of the chunk being built
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._half = ""
        self._half_reasoning = ""
        self._think = ThinkSplitter()
        self._held: str | None = ""  # an answer that may be just one bracketed sentence; None if it is not

    def feed(self, events: list[Event]) -> list[Chunk]:
        """The chunks in these events; text that arrived together is one chunk."""
        for data, name in events:
            if data == DONE:
                self.done = True
                break
            value = parse(data)
            if name == "error":
                self.failure = data if value is None else value
            elif isinstance(value, dict):
                self._object(value)
            else:
                self.unreadable += 1
            if self.failure is not None:
                break
        return self._drain()

    @property
    def complete(self) -> bool:
        """Whether the reply ended properly."""
        return self.failure is None and (self.done or bool(self.finish_reason))

    def take_whole(self, value: dict[str, Any]) -> list[Chunk]:
        """The chunks of a reply that was not streamed."""
        self.done = True
        self._object(value)
        return self._drain()

    def finish(self) -> list[Chunk]:
        """The reply has ended, complete or not: the chunks that were held back."""
        if self._half_reasoning:
            self._reason("\ufffd")
        if self._half:
            self._pieces(self._think.feed("\ufffd"))
        self._half = self._half_reasoning = ""
        self._pieces(self._think.finish())
        held, self._held = self._held or "", None
        sentence = _failure_in(held)
        if self.failure is None and sentence:
            self.failure = sentence
        else:
            self._add_text(held)
        return self._drain()

    def _object(self, value: dict[str, Any]) -> None:
        choices = value.get("choices")
        if value.get("error") or (
            choices is None and (value.get("detail") or value.get("object") == "error")
        ):
            self.failure = value
            return
        for position, choice in enumerate(choices if isinstance(choices, list) else ()):
            if isinstance(choice, dict) and self._counts(choice.get("index"), position):
                self._choice(choice)
                reason = choice.get("finish_reason")
                if reason and not self.finish_reason and isinstance(reason, str):
                    self.finish_reason = self._facts["finish_reason"] = reason
                    self.progress += 1
        if usage := _usage_of(value.get("usage")):
            self._facts["usage"] = usage.after(self._facts.get("usage"))
        if not self._named:
            names = {field: value[field] for field in ("id", "model") if isinstance(value.get(field), str)}
            self._facts |= names
            self._named = any(names.values())

    def _counts(self, index: object, position: int) -> bool:
        """Whether this is the choice to read: the first one, usually the only one, whatever its index."""
        index = index if isinstance(index, int) else position
        if self._index is None or (index < self._index and not self.has_text):
            self._index = index
        return index == self._index

    def _choice(self, choice: dict[str, Any]) -> None:
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            delta = choice.get("message")
            if not isinstance(delta, dict):
                return
        content = delta.get("content")
        if len(delta) > 1 or content is None:
            self._reasoning_of(delta)
            refusal = delta.get("refusal")
            if refusal and isinstance(refusal, str):
                self.progress += 1
                self.refusal += refusal
        if isinstance(content, list):
            content = _joined_parts(content)
        if not content or not isinstance(content, str):
            return
        self.progress += 1
        if content.startswith(_ERROR_DELTAS):
            self.failure = content.strip()
            return
        if self._half or not content.isascii():
            content, self._half = _whole_characters(self._half + content)
        self._pieces(self._think.feed(content))

    def _reasoning_of(self, delta: dict[str, Any]) -> None:
        for field in _REASONING_FIELDS:
            reasoning = delta.get(field)
            if reasoning and isinstance(reasoning, str):
                self.progress += 1
                reasoning, self._half_reasoning = _whole_characters(self._half_reasoning + reasoning)
                self._reason(reasoning)
                return

    def _pieces(self, pieces: list[Piece]) -> None:
        for text, reasoning in pieces:
            if reasoning:
                self._reason(reasoning)
            if text:
                self._add_text(text)

    def _reason(self, reasoning: str) -> None:
        if self._text:  # within a chunk, reasoning comes before text
            self._end_chunk()
        self._reasoning.append(reasoning)

    def _add_text(self, text: str) -> None:
        """Add text to the answer, which is held back while it may be just one bracketed Russian sentence."""
        if self._held is not None:
            text, self._held = self._held + text, None
            start = text.lstrip()
            may_be = not start or (start.startswith("[") and re.fullmatch(_MAY_BECOME, start))
            if may_be and len(text) <= _MOST_HELD:
                self._held = text
                return
        if text:
            self.has_text = True
            self._text.append(text)

    def _end_chunk(self) -> None:
        self._chunks.append(Chunk("".join(self._text), "".join(self._reasoning), **self._facts))
        self._text, self._reasoning, self._facts = [], [], {}

    def _drain(self) -> list[Chunk]:
        if self._text or self._reasoning or self._facts:
            self._end_chunk()
        chunks, self._chunks = self._chunks, []
        return chunks


def parse(data: str) -> Any:
    """A JSON value, None for invalid JSON."""
    data = data.strip()
    try:
        value, end = _READ(data)
    except (ValueError, RecursionError):
        return None
    return value if end == len(data) else None


def _joined_parts(parts: list[Any]) -> str:
    """The text of a `content` that is a list of parts."""
    texts = (
        part.get("text") if isinstance(part, dict) and part.get("type") in (None, "text") else part
        for part in parts
    )
    return "".join(text for text in texts if isinstance(text, str))


def _whole_characters(text: str) -> tuple[str, str]:
    """Text without lone surrogates, and a trailing high surrogate whose other half may follow, or ""."""
    try:
        text.encode()
    except UnicodeEncodeError:
        half = text[-1] if "\ud800" <= text[-1] <= "\udbff" else ""
        return well_formed(text.removesuffix(half)), half
    return text, ""


def _usage_of(value: object) -> Usage | None:
    """The usage in a server's report, where 0 and null count as missing; computes what is missing, else 0."""
    if not isinstance(value, dict):
        return None
    prompt, completion, total = (
        _count(value.get(f"{name}_tokens")) for name in ("prompt", "completion", "total")
    )
    prompt = prompt or max(0, total - completion if completion else 0)
    completion = completion or max(0, total - prompt if prompt else 0)
    if prompt and completion:
        total = total or prompt + completion
    return Usage(prompt, completion, total) if prompt or completion or total else None


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < _ABSURD:
        return 0
    return int(value)


def _failure_in(answer: str) -> str:
    """The sentence, if an answer is just one bracketed Russian sentence about a failure, else ""."""
    match = re.fullmatch(_SENTENCE, answer) if answer else None
    if not match:
        return ""
    sentence = match[1].strip()
    tells = sentence.endswith(_ENDS_AS_SENTENCE) or re.search(_ABOUT_FAILURE, sentence)
    return sentence if tells else ""
