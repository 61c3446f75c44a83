"""The JSON of a reply, streamed or whole, turned into chunks; errors sent as text are found. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mira_cli.api.fields import joined_parts, parse_any, usage_of, whole_characters
from mira_cli.api.sse import DONE, Event
from mira_cli.api.thinking import Piece, ThinkSplitter
from mira_cli.conversation.reply import Chunk

if TYPE_CHECKING:
    from mira_cli.conversation.reply import Usage

_NO_NAMES = ("", "")
_REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking_content", "thinking")

# A whole delta begins so; the words in the middle of an answer mean nothing.
_ERROR_DELTAS = ("Ошибка: ", "Ошибка безопасности: ")

# A whole answer that is one bracketed Russian sentence: "[Модель недоступна. Попробуйте позже.]". Patterns
# are compiled when an answer begins with a bracket: few do.
_MAY_BECOME = r"\[(?:[А-ЯЁ][^\[\]\n]{0,400}(?:\]\s*)?)?"
_SENTENCE = r"\s*\[([А-ЯЁ][^\[\]\n]*)\]\s*"
_ENDS_AS_SENTENCE = (".", "!", "?", "…")
_SPEAKS_OF_FAILURE = r"(?i)ошибк|недоступ|не удалось|попробуйте|повторите|превышен|перегруж|лимит"


class Decoder:
    """Takes the events of one reply in order.

    Attributes:
        done: Whether `[DONE]` came.
        finish_reason: The first one that was not null, "" before it.
        refusal: What the model said in place of a reply, in the field of that name; "" as a rule.
        failure: What the server said went wrong, as JSON gives it; None as long as nothing did.
        whole: Whether all of it came at once.
        unreadable: Events that were no JSON object.
        has_text: Whether any text of the answer came.
        progress: Counts what is more than a sign of life.
    """

    def __init__(self) -> None:
        self.done = False
        self.whole = False
        self.finish_reason = ""
        self.refusal = ""
        self.failure: object = None
        self.unreadable = 0
        self.has_text = False
        self.progress = 0
        self._named = False
        self._chunks: list[Chunk] = []
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._half = ""
        self._half_reasoning = ""
        self._think = ThinkSplitter()
        self._guard = BracketGuard()

    def feed(self, events: list[Event]) -> list[Chunk]:
        """The chunks that these events bring; text that came together is one chunk."""
        for data, name in events:
            if data == DONE:
                self.done = True
                break
            if name == "error":
                value = parse_any(data)
                self.failure = data if value is None else value
                break
            self._json(data)
            if self.failure is not None:
                break
        return self._drain()

    @property
    def complete(self) -> bool:
        """Whether the reply came to its end, and that end was no failure."""
        return self.failure is None and (self.whole or self.done or bool(self.finish_reason))

    def take_whole(self, value: dict[str, Any]) -> list[Chunk]:
        """The chunks of a reply that was not streamed."""
        self.whole = True
        self._object(value)
        return self._drain()

    def finish(self) -> list[Chunk]:
        """The reply has ended, well or not: what was held back."""
        if self._half_reasoning:
            self._reason("\ufffd")
        if self._half:
            self._pieces(self._think.feed("\ufffd"))
        self._half = self._half_reasoning = ""
        self._pieces(self._think.finish())
        if self.failure is None and self._guard.error:
            self.failure = self._guard.error
        else:
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
            self.failure = value
            return
        finish = ""
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and not choice.get("index"):
                self._choice(choice)
                reason = choice.get("finish_reason")
                if reason and not self.finish_reason and isinstance(reason, str):
                    finish = self.finish_reason = reason
                    self.progress += 1
        usage = usage_of(value["usage"]) if value.get("usage") else None
        names = _NO_NAMES if self._named else self._names(value)
        if finish or usage or names != _NO_NAMES:
            self._chunks.append(self._chunk(finish, usage, names))

    def _choice(self, choice: dict[str, Any]) -> None:
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            delta = choice.get("message")
            if not isinstance(delta, dict):
                delta = {"content": choice.get("text")}
        content = delta.get("content")
        if len(delta) > 1 or content is None:
            self._reasoning_of(delta)
            refusal = delta.get("refusal")
            if refusal and isinstance(refusal, str):
                self.progress += 1
                self.refusal += refusal
        if isinstance(content, list):
            content = joined_parts(content)
        if not content or not isinstance(content, str):
            return
        self.progress += 1
        if is_error_delta(content):
            self.failure = content.strip()
            return
        if self._half or not content.isascii():
            content, self._half = whole_characters(self._half + content)
        if self._think.passes(content):
            self._add_text(self._guard.feed(content))
        else:
            self._pieces(self._think.feed(content))

    def _reasoning_of(self, delta: dict[str, Any]) -> None:
        for field in _REASONING_FIELDS:
            reasoning = delta.get(field)
            if reasoning and isinstance(reasoning, str):
                self.progress += 1
                reasoning, self._half_reasoning = whole_characters(self._half_reasoning + reasoning)
                self._reason(reasoning)
                return

    def _pieces(self, pieces: list[Piece]) -> None:
        for text, reasoning in pieces:
            if reasoning:
                self._reason(reasoning)
            if text:
                self._add_text(self._guard.feed(text))

    def _reason(self, reasoning: str) -> None:
        if self._text:
            # In one chunk reasoning stands before text.
            self._chunks.append(self._chunk())
        self._reasoning.append(reasoning)

    def _add_text(self, text: str) -> None:
        if text:
            self.has_text = True
            self._text.append(text)

    def _names(self, value: dict[str, Any]) -> tuple[str, str]:
        """The reply's id and model; told once, by the first event that knows one."""
        identity, model = value.get("id"), value.get("model")
        names = identity if isinstance(identity, str) else "", model if isinstance(model, str) else ""
        self._named = names != _NO_NAMES
        return names

    def _chunk(
        self, finish_reason: str = "", usage: Usage | None = None, names: tuple[str, str] = _NO_NAMES
    ) -> Chunk:
        """What has gathered, as one chunk."""
        text, reasoning = "".join(self._text), "".join(self._reasoning)
        self._text, self._reasoning = [], []
        return Chunk(text, reasoning, finish_reason, usage, *names)

    def _drain(self) -> list[Chunk]:
        if self._text or self._reasoning:
            self._chunks.append(self._chunk())
        chunks, self._chunks = self._chunks, []
        return chunks


def is_error_delta(text: str) -> bool:
    """Whether a delta, taken whole, is an error message."""
    return text.startswith(_ERROR_DELTAS)


class BracketGuard:
    """Holds an answer back as long as it may turn out to be one bracketed Russian sentence, nothing else."""

    def __init__(self) -> None:
        self._blank: list[str] = []  # white space before anything else
        self._held = ""
        self._decided = False

    def feed(self, text: str) -> str:
        """The answer's text that may be shown."""
        if self._decided:
            return text
        if not self._held and not text.strip():
            self._blank.append(text)
            return ""
        self._held += text
        start = self._held.lstrip()
        if start.startswith("[") and re.fullmatch(_MAY_BECOME, start):
            return ""
        return self.release()

    def release(self) -> str:
        """Give out what is held."""
        self._decided = True
        held = "".join(self._blank) + self._held
        self._blank, self._held = [], ""
        return held

    @property
    def error(self) -> str:
        """The reply has ended: the server's sentence, if it is all that came, else ""."""
        match = re.fullmatch(_SENTENCE, self._held) if self._held else None
        if not match:
            return ""
        sentence = match[1].strip()
        says_so = sentence.endswith(_ENDS_AS_SENTENCE) or re.search(_SPEAKS_OF_FAILURE, sentence)
        return sentence if says_so else ""
