"""A chat in files: written by --save and /save, read by --load and /load."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.conversation.history import Conversation
from mira_cli.conversation.talk import Talk, dump
from mira_cli.conversation.transcript import as_markdown
from mira_cli.errors import ConfigError, MiraError, OutputError, UsageError
from mira_cli.settings import atomic
from mira_cli.terminal.sanitize import clean_paste

if TYPE_CHECKING:
    from mira_cli.session.chat import Chat

_JSON, _DOCUMENT = (".json",), (".md", ".markdown", ".txt")


def check_kind(path: str) -> None:
    """See that the name says in which form to write.

    Raises:
        UsageError: It does not.
    """
    if not path.lower().endswith(_JSON + _DOCUMENT):
        raise UsageError(
            f"{path} does not say which form to write.",
            hint="Name it .md for people, .json to load it again.",
        )


def write_talk(chat: Chat, path: str) -> None:
    """Write the conversation in one step, 0600, without keys: JSON, or a document for people.

    Raises:
        UsageError: The name does not say which.
        OutputError: It cannot be written; what stood there is as it was.
    """
    check_kind(path)
    talk = _talk(chat)
    text = dump(talk) if path.lower().endswith(_JSON) else as_markdown(talk)
    try:
        atomic.write(path, chat.streams.redact(text).encode(errors="replace"), mode=atomic.PRIVATE)
    except ConfigError as error:
        raise OutputError(error.message, hint="Name a file in a directory that can be written to.") from error


def keep_saved(chat: Chat) -> None:
    """Bring the file of --save up to date. That it fails is said, and stops nothing."""
    talk = _talk(chat)
    if not talk.turns or talk == chat.saved:
        return
    try:
        write_talk(chat, chat.save_to)
    except MiraError as error:
        chat.fail(error)
    else:
        chat.saved = talk


def take_up(chat: Chat, talk: Talk, path: str, *, system: str | None = None) -> None:
    """Put a conversation from a file in place of the one there is.

    Args:
        chat: The chat.
        talk: What the file holds.
        path: Its name.
        system: A system text that replaces the file's, "" to have none any more; None leaves it.
    """
    session = chat.session
    if talk.model and session.settings.source("model") in {"default", "the loaded file"}:
        chat.use_settings(session.settings.with_value("model", talk.model, source="the loaded file"))
    session.conversation = Conversation(
        (talk.system or session.conversation.system) if system is None else system,
        budget=session.conversation.budget,
        turns=talk.turns,
    )
    session.trimmed = 0
    chat.unanswered, chat.replacing = None, False
    if talk.left_out:
        chat.streams.note("What was said before the first question was left out.")
    chat.streams.note(f"Loaded {2 * len(talk.turns)} messages from {path}.")
    if talk.turns:
        last = " ".join(talk.turns[-1].question.content[:200].split())
        chat.streams.note(f"The last question: {last}")
    if chat.interactive:
        chat.draft = clean_paste(talk.pending)[0]
    else:
        chat.pending = talk.pending


def same_file(one: str, other: str) -> bool:
    """Whether both names lead to one file, there or not."""
    return bool(one and other) and os.path.realpath(one) == os.path.realpath(other)


def is_taken(path: str) -> bool:
    """Whether something stands there that writing would replace."""
    try:
        return Path(path).stat().st_size > 0
    except OSError:
        return False


def _talk(chat: Chat) -> Talk:
    return Talk.of(chat.session.conversation, chat.session.options.model)
