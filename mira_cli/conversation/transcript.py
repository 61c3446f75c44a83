"""A conversation as a Markdown document for people. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.conversation.file_format import StoredConversation

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


def as_markdown(stored: StoredConversation) -> str:
    """The whole conversation under headings; a reply that was cut says so."""
    parts = [f"# Conversation with {stored.model or 'Mira'}"]
    if stored.system:
        parts += ["## System", _closed(stored.system)]
    for turn in stored.turns:
        parts += ["## You", _closed(turn.question.content), "## Mira", _closed(turn.reply.content)]
        if turn.cut:
            parts.append("*(The reply was cut off here.)*")
    if stored.unanswered:
        parts += ["## You", _closed(stored.unanswered)]
    return "\n\n".join(parts) + "\n"


def _closed(text: str) -> str:
    """The text, a fence that it leaves open closed, so that it cannot swallow the next heading."""
    text = text.strip("\r\n")
    fence = ""
    for line in text.splitlines():
        found = _FENCE.fullmatch(line)
        if found is None:
            continue
        mark, rest = found.groups()
        if not fence:
            fence = "" if mark[0] == "`" and "`" in rest else mark
        elif mark.startswith(fence) and not rest.strip():
            fence = ""
    return f"{text}\n{fence}" if fence else text
