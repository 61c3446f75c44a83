"""The JSON format of conversation files, "mira-conversation/1" (README: a conversation in a file)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mira_cli.conversation.message import StoredTurn, well_formed
from mira_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mira_cli.conversation.history import Conversation

_FORMAT = "mira-conversation/1"
_BETWEEN = "\n\n"
# What to say when `skipped` is not 0.
REPLIES_SKIPPED = "Replies before the first question were skipped."


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """The contents of a conversation file.

    Attributes:
        system: The system text, "" for none.
        turns: The turns, oldest first.
        model: The model last used, "" if unknown.
        unanswered: A question at the end without a reply, "" for none.
        skipped: The number of replies before the first question, which are not in `turns`.
    """

    system: str = ""
    turns: tuple[StoredTurn, ...] = ()
    model: str = ""
    unanswered: str = ""
    skipped: int = 0

    @classmethod
    def of(cls, conversation: Conversation, model: str) -> StoredConversation:
        """The contents to store for a conversation and its model."""
        return cls(conversation.system, conversation.turns, model)


def dump(stored: StoredConversation, redact: Callable[[str], str] = str) -> str:
    """The file's text: JSON, one message a line. `pinned` and `cut` are indexes into `messages`.

    Args:
        stored: The conversation.
        redact: Removes keys from a text. It gets each message before JSON escaping, after which the next
            line would look like part of a URL.
    """
    messages = [_line("system", redact(stored.system))] if stored.system else []
    pinned: list[int] = []
    cut: list[int] = []
    for turn in stored.turns:
        first = len(messages)
        messages += (
            _line("user", redact(turn.question.content)),
            _line("assistant", redact(turn.reply.content)),
        )
        pinned += (first, first + 1) if turn.pinned else ()
        cut += (first + 1,) if turn.cut else ()
    if stored.unanswered:
        messages.append(_line("user", redact(stored.unanswered)))
    head = {"format": _FORMAT, "model": stored.model, "pinned": pinned} | ({"cut": cut} if cut else {})
    opening = json.dumps(head, ensure_ascii=False)[:-1]
    body = ",\n".join(messages)
    return f'{opening}, "messages": [\n{body}\n]}}\n' if messages else f'{opening}, "messages": []}}\n'


def parse(text: str, name: str = "The file") -> StoredConversation:
    """Parse our own format, `{"messages": […]}` or a bare list of messages; empty text is a new conversation.

    System messages are joined, and so are neighbours with the same role. Lone surrogates become U+FFFD.

    Args:
        text: The text of the file; a byte order mark is dropped.
        name: The file, for errors.

    Raises:
        UsageError: It is something else.
    """
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return StoredConversation()
    value = _json(text, name)
    head = {"messages": value} if isinstance(value, list) else value
    if not isinstance(head, dict) or not isinstance(head.get("messages"), list):
        raise _not_a_conversation(name, "it holds no list of messages")
    if head.get("format", _FORMAT) != _FORMAT:
        raise _not_a_conversation(name, f"its format is not {_FORMAT}")
    model = head.get("model") or ""
    if not isinstance(model, str):
        raise _not_a_conversation(name, "its model is not a text")
    system, runs = _runs(head["messages"], name)
    pinned, cut = (_indexes(head, key, name) for key in ("pinned", "cut"))
    skipped = len(runs.pop(0).texts) if runs and runs[0].role == "assistant" else 0
    unanswered = runs.pop().text if len(runs) % 2 else ""
    turns = tuple(
        StoredTurn.of(
            question.text,
            reply.text,
            cut=not cut.isdisjoint(reply.indexes),
            pinned=not pinned.isdisjoint(question.indexes | reply.indexes),
        )
        for question, reply in zip(runs[::2], runs[1::2], strict=True)
    )
    return StoredConversation(system, turns, well_formed(model), unanswered, skipped)


def _json(text: str, name: str) -> object:
    def refuse_constant(constant: str) -> None:
        raise _not_a_conversation(name, f"{constant} is not JSON")

    try:
        return json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise _not_a_conversation(name, f"{error.msg} in line {error.lineno}, column {error.colno}") from None
    except (RecursionError, ValueError):  # ValueError: Python limits the digits of an integer
        raise _not_a_conversation(name, "it is nested too deeply, or holds too long a number") from None


@dataclass(slots=True)
class _Run:
    """Neighbouring messages of one role and their indexes in the file."""

    role: str
    texts: list[str] = field(default_factory=list)
    indexes: set[int] = field(default_factory=set)

    @property
    def text(self) -> str:
        return _BETWEEN.join(self.texts)


def _runs(items: Sequence[object], name: str) -> tuple[str, list[_Run]]:
    """The system text, and the other messages as runs of the same role."""
    system = _Run("system")
    runs: list[_Run] = []
    for index, item in enumerate(items):
        where = f"its message {index + 1}"
        if not isinstance(item, dict):
            raise _not_a_conversation(name, f"{where} is not an object with role and content")
        role = item.get("role")
        if role not in ("system", "user", "assistant"):
            raise _not_a_conversation(name, f"{where} has no role system, user or assistant")
        content = _content(item.get("content"))
        if content is None:
            raise _not_a_conversation(name, f"{where} has no text as its content")
        if role != "system" and (not runs or runs[-1].role != role):
            runs.append(_Run(role))
        run = system if role == "system" else runs[-1]
        run.texts.append(well_formed(content))
        run.indexes.add(index)
    return system.text, runs


def _content(content: object) -> str | None:
    """The text of a message, which may be a list of parts; None if it contains anything but text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    parts = [part.get("text") if isinstance(part, dict) else part for part in content]
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else None


def _indexes(head: dict[str, Any], key: str, name: str) -> set[int]:
    values, count = head.get(key) or [], len(head["messages"])
    if isinstance(values, list) and all(type(value) is int and 0 <= value < count for value in values):
        return set(values)
    raise _not_a_conversation(name, f"its {key!r} is not a list of indexes into messages")


def _line(role: str, content: str) -> str:
    return json.dumps({"role": role, "content": well_formed(content)}, ensure_ascii=False)


def _not_a_conversation(name: str, why: str) -> UsageError:
    return UsageError(
        f"{name} is not a conversation: {why}.",
        hint='Expected JSON: a list of messages {"role": …, "content": …}, or an object with "messages".',
    )
