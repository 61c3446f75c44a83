"""The chunks of a reply, the reply built from them, how it ended, and stop sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Ending: TypeAlias = Literal["natural", "length", "filter", "error", "other"]

# Spellings of finish_reason, compared without case, separators and an enum name before a dot.
_SPELLINGS: dict[Ending, str] = {
    "natural": """
        stop stopped endturn eos eostoken endoftext stopsequence stopword stoptoken complete completed
        end finished done
    """,
    "length": """
        length maxtokens modellength maxlength maxoutputtokens maxcompletiontokens maxnewtokens
        maxtokensreached tokenlimit lengthlimit modelcontextwindowexceeded contextlength
        contextlengthexceeded contextwindowexceeded
    """,
    "filter": """
        contentfilter contentfiltered safety recitation blocklist prohibitedcontent spii sensitive
        moderation refusal guardrailintervened blocked imagesafety errortoxic
    """,
    "error": """
        abort aborted cancel cancelled canceled fail failed failure timeout interrupted incomplete
        insufficientsystemresource unavailable overloaded
    """,
}
_ENDINGS = {word: ending for ending, words in _SPELLINGS.items() for word in words.split()}


def ending(finish_reason: str) -> Ending:
    """How a reply ended, however the server spells it.

    Returns:
        "natural": the model was done, or there is no reason. "length": a token limit. "filter": moderation.
        "error": the server failed. "other": an unknown reason.
    """
    word = "".join(filter(str.isalnum, finish_reason.rpartition(".")[2].casefold()))
    word = word.removeprefix("finishreason")
    if not word:
        return "natural"
    return _ENDINGS.get(word, "error" if "error" in word else "other")


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request. In a server's report, 0 means missing.

    `estimated`: some of the numbers are our estimates.
    """

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    estimated: bool = False

    def after(self, earlier: Usage | None) -> Usage:
        """This report, completed by an earlier one for the same reply."""
        if earlier is None:
            return self
        return Usage(
            self.prompt_tokens or earlier.prompt_tokens,
            self.completion_tokens or earlier.completion_tokens,
            self.total_tokens or earlier.total_tokens,
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a reply as it arrives; an unstreamed reply is one chunk. Empty fields are unknown."""

    text: str = ""
    reasoning: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
    id: str = ""
    model: str = ""


class ReplyBuilder:
    """Joins chunks to a reply.

    Attributes:
        finish_reason: As the server sent it: stop, length, content_filter …, or "".
        usage: As reported, or None.
        id: The server's id of the completion, or "".
        model: The model that answered, or "".
    """

    def __init__(self) -> None:
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self.finish_reason = ""
        self.usage: Usage | None = None
        self.id = ""
        self.model = ""

    def add(self, chunk: Chunk) -> None:
        """Add the next chunk. Keeps the first finish_reason, id and model, and the last usage numbers."""
        if chunk.text:
            self._text.append(chunk.text)
        if chunk.reasoning:
            self._reasoning.append(chunk.reasoning)
        self.finish_reason = self.finish_reason or chunk.finish_reason
        if chunk.usage is not None:
            self.usage = chunk.usage.after(self.usage)
        self.id = self.id or chunk.id
        self.model = self.model or chunk.model

    @property
    def text(self) -> str:
        """The answer so far, without reasoning."""
        return "".join(self._text)

    @property
    def reasoning(self) -> str:
        """The model's reasoning so far; never part of the history."""
        return "".join(self._reasoning)


class StopCutter:
    """Passes text on up to the first complete stop sequence, however the text is split.

    Only holds back text that may begin a stop sequence.

    Args:
        stops: The sequences; empty ones are ignored.
    """

    def __init__(self, stops: Iterable[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.stopped = False

    def feed(self, text: str) -> str:
        """Take the next piece; returns the text that is certainly before a stop sequence, "" once stopped."""
        if self.stopped or not self._stops:
            return "" if self.stopped else text
        text = self._held + text
        # The one that ends first wins, so the result does not depend on how the text is split.
        ends = [(start + len(stop), start) for stop in self._stops if (start := text.find(stop)) >= 0]
        if ends:
            self.stopped = True
            self._held = ""
            return text[: min(ends)[1]]
        safe = min(_beginning(text, stop) for stop in self._stops)
        self._held = text[safe:]
        return text[:safe]

    def finish(self) -> str:
        """End the text; returns the text that was held back."""
        held, self._held = self._held, ""
        return held


def _beginning(text: str, stop: str) -> int:
    """The start of the longest suffix of `text` that is a prefix of `stop`; `len(text)` if there is none."""
    start = text.find(stop[0], max(0, len(text) - len(stop) + 1))
    while start >= 0:
        if stop.startswith(text[start:]):
            return start
        start = text.find(stop[0], start + 1)
    return len(text)
