"""The built-in replies: the same each time, marked as simulated, cut into token-like pieces (pure)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mira_cli.simulator.request import last_question
from mira_cli.simulator.samples import CODE, MARKDOWN
from mira_cli.simulator.schema_instance import instance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MARK = "(simulated reply)"
_QUOTED = 60  # characters of the question that a plain reply repeats
_SEARCHED = 400  # characters at the end of the question that decide which reply it gets
_MAX_WORDS = 200_000

_PIECE = re.compile(r"[ ]?\w{1,7}|\s+|[^\w\s]")
_SHOW = re.compile(r"show (me )?markdown|what is machine learning|что такое машинное обучение", re.IGNORECASE)
_CODE = re.compile(
    r"\b(write|show|give|print|implement|generate)\b.*\b(code|function|script|program|one-liner|class|snippet)\b"
    r"|\bcode block\b|\bнапиши\b.*\b(код|функци|скрипт|программ)",
    re.IGNORECASE | re.DOTALL,
)
_WORDS = re.compile(r"\b(\d{1,6}) (?:words|слов)\b", re.IGNORECASE)


def pieces_of(text: str) -> tuple[str, ...]:
    """The text in token-like pieces: half a word or a word with its space; joined they are the text."""
    return tuple(_PIECE.findall(text))


def count_tokens(text: str) -> int:
    """A rough count of tokens: 4 characters of ASCII or 2 of anything else are one."""
    narrow = len(text.encode("ascii", "ignore"))
    return -(-narrow // 4) + -(-(len(text) - narrow) // 2)


def prompt_tokens(messages: Iterable[Mapping[str, Any]]) -> int:
    """Tokens that a list of messages takes of the window, with 4 for the wrapping of each."""
    return 3 + sum(4 + count_tokens(str(message.get("content", ""))) for message in messages)


def reply_to(messages: list[dict[str, str]], response_format: object = None) -> str:
    """The reply to the last question: JSON if asked for, sample Markdown, code, or an echo."""
    question = last_question(messages)
    kind = response_format.get("type") if isinstance(response_format, dict) else None
    if isinstance(response_format, dict) and kind in {"json_object", "json_schema"}:
        return _json_reply(question, response_format)
    end = question[-_SEARCHED:]  # files and piped text come first; the question itself is at the end
    if _SHOW.search(end):
        return MARKDOWN
    if _CODE.search(end):
        return _code_reply(end)
    words = _WORDS.search(end)
    if words:
        return _long_reply(min(int(words[1]), _MAX_WORDS))
    return _echo(question)


def _beginning(question: str) -> str:
    flat = " ".join(question.split())
    return flat if len(flat) <= _QUOTED else flat[: _QUOTED - 1] + "…"


def _echo(question: str) -> str:
    return (
        f"{MARK} You asked: “{_beginning(question)}”. No model was asked; "
        "this local mock API gives the same reply each time."
    )


def _code_reply(question: str) -> str:
    known = "|".join(sorted(CODE, key=len, reverse=True))
    named = re.search(rf"\b({known})\b", question.lower())
    language = named[1] if named else "python"
    fenced = f"```{language}\n{CODE[language]}```"
    return f"{MARK} Here is code in {language}:\n\n{fenced}\n\nIt is a sample, not advice.\n"


def _long_reply(count: int) -> str:
    return f"{MARK} " + " ".join(f"word{number}" for number in range(1, count + 1)) + "."


def _json_reply(question: str, response_format: Mapping[str, Any]) -> str:
    wrapped = response_format.get("json_schema")
    schema = wrapped.get("schema", wrapped) if isinstance(wrapped, dict) else None
    if schema is None:
        return json.dumps({"simulated": True, "question": _beginning(question)}, ensure_ascii=False)
    return json.dumps(instance(schema), ensure_ascii=False)
