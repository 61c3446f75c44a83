"""A conversation written to a file: by --save and /save of a chat."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mira_cli.conversation.file_format import dump
from mira_cli.conversation.transcript import as_markdown
from mira_cli.errors import UsageError
from mira_cli.session.conversation_store import write_text
from mira_cli.settings.files import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.conversation.file_format import StoredConversation

_JSON, _DOCUMENT = (".json",), (".md", ".markdown", ".txt")


def check_form(path: str) -> None:
    """See that the name says in which form to write.

    Raises:
        UsageError: It does not.
    """
    if not path.lower().endswith(_JSON + _DOCUMENT):
        raise UsageError(
            f"{path} does not say which form to write.",
            hint="Name it .md for people, .json to load it again.",
        )


def write_talk(stored: StoredConversation, path: str, redact: Callable[[str], str]) -> None:
    """Write a conversation in one step, 0600: JSON, or a document for people.

    Args:
        stored: The conversation.
        path: The file, whose name says which.
        redact: A text -> the same without keys.

    Raises:
        UsageError: The name does not say which.
        OutputError: It cannot be written; what stood there is as it was.
    """
    check_form(path)
    text = dump(stored) if path.lower().endswith(_JSON) else as_markdown(stored)
    write_text(path, redact(text), mode=PRIVATE)


def same_file(one: str, other: str) -> bool:
    """Whether both names lead to one file, there or not."""
    try:
        return os.path.realpath(one) == os.path.realpath(other)
    except FileNotFoundError:  # the working directory is gone
        return one == other
