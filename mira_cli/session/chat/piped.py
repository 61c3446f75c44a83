"""A chat whose messages come from a pipe, one a line; answers go to standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.session.chat.line import take_line
from mira_cli.session.chat.loading import collect_again
from mira_cli.terminal.reading import stdin_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mira_cli.session.chat.state import Chat


def converse_piped(chat: Chat, first: str = "") -> int:
    """Ask `first`, then what the lines say, until they end or one of them leaves.

    Returns:
        The exit code: that of the last line that failed, 0 if none did.

    Raises:
        MiraError: Standard input cannot be read, a signal came, or the answers cannot be written.
        ReaderGone: Nobody reads them any more.
    """
    collect_again()
    if first.strip():
        take_line(chat, first)
    for message in joined(stdin_lines(chat.streams)):
        if chat.leaving:
            break
        take_line(chat, message)
    chat.keep_saved()
    return chat.code


def joined(lines: Iterable[str]) -> Iterator[str]:
    r"""The messages: a line each, or several lines when each but the last ends in `\`."""
    parts: list[str] = []
    for line in lines:
        if line.endswith("\\"):
            parts.append(line[:-1])
            continue
        yield "\n".join([*parts, line])
        parts.clear()
    if parts:
        yield "\n".join(parts)
