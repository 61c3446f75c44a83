"""Chunks, the reply they join to, and its usage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Ending: TypeAlias = Literal["natural", "length", "filter", "error", "other"]

# finish_reason as servers spell it, compared without case, separators and the name of an enum before a dot.
_NATURAL = {
    "",
    "stop",
    "stopped",
    "endturn",
    "eos",
    "eostoken",
    "endoftext",
    "stopsequence",
    "stopword",
    "stoptoken",
    "complete",
    "completed",
    "end",
    "finished",
    "done",
}
_LENGTH = {
    "length",
    "maxtokens",
    "modellength",
    "maxlength",
    "maxoutputtokens",
    "maxcompletiontokens",
    "maxnewtokens",
    "maxtokensreached",
    "tokenlimit",
    "lengthlimit",
    "modelcontextwindowexceeded",
    "contextlength",
    "contextlengthexceeded",
    "contextwindowexceeded",
}
_FILTER = {
    "contentfilter",
    "contentfiltered",
    "safety",
    "recitation",
    "blocklist",
    "prohibitedcontent",
    "spii",
    "sensitive",
    "moderation",
    "refusal",
    "guardrailintervened",
    "blocked",
    "imagesafety",
    "errortoxic",
}
_ERROR = {
    "abort",
    "aborted",
    "cancel",
    "cancelled",
    "canceled",
    "fail",
    "failed",
    "failure",
    "timeout",
    "interrupted",
    "incomplete",
    "insufficientsystemresource",
    "unavailable",
    "overloaded",
}


def ending(finish_reason: str) -> Ending:
    """How a reply ended, however the server spells it.

    Returns:
        "natural": the model was done, or the server named no reason. "length": a token limit cut it.
        "filter": moderation ended it. "error": the server failed. "other": a reason that is not known.
    """
    word = "".join(filter(str.isalnum, finish_reason.rpartition(".")[2].casefold()))
    word = word.removeprefix("finishreason")
    if word in _NATURAL:
        return "natural"
    if word in _LENGTH:
        return "length"
    if word in _FILTER:
        return "filter"
    return "error" if word in _ERROR or "error" in word else "other"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request. In a server's report, 0 means that the number is missing.

    `estimated` when any of them is an estimate of ours.
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
    """A piece of a reply as it arrives; a reply sent whole is one chunk. Empty fields are unknown."""

    text: str = ""
    reasoning: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
    id: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as a whole.

    Attributes:
        text: The answer, without reasoning.
        reasoning: The model's reasoning, if it sent any; never part of the history.
        finish_reason: As the server sent it: stop, length, content_filter …; "" if it did not.
        usage: As reported, or None.
        id: The server's id of the completion, "" if none.
        model: The model that answered, "" if the server did not say.
    """

    text: str
    reasoning: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
    id: str = ""
    model: str = ""


class ReplyBuilder:
    """Joins chunks to a reply; joins the text once, at the end."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._finish_reason = ""
        self._usage: Usage | None = None
        self._id = ""
        self._model = ""

    def add(self, chunk: Chunk) -> None:
        """Take the next chunk. The first finish_reason, id and model count; of usage the last numbers do."""
        if chunk.text:
            self._text.append(chunk.text)
        if chunk.reasoning:
            self._reasoning.append(chunk.reasoning)
        self._finish_reason = self._finish_reason or chunk.finish_reason
        if chunk.usage is not None:
            self._usage = chunk.usage.after(self._usage)
        self._id = self._id or chunk.id
        self._model = self._model or chunk.model

    @property
    def started(self) -> bool:
        """Whether any text has arrived."""
        return bool(self._text)

    def reply(self) -> Reply:
        """The reply so far."""
        return Reply(
            text="".join(self._text),
            reasoning="".join(self._reasoning),
            finish_reason=self._finish_reason,
            usage=self._usage,
            id=self._id,
            model=self._model,
        )
