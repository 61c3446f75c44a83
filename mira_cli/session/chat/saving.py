"""Saves a chat to files and loads it from them: --load and --save, /load and /save."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from mira_cli.conversation.file_format import REPLIES_SKIPPED, dump
from mira_cli.conversation.question import own_words
from mira_cli.errors import UsageError
from mira_cli.masking import redact
from mira_cli.session.chat.chat import Question
from mira_cli.session.conversation_store import (
    check_writable,
    is_taken,
    open_conversation,
    read_conversation,
    write_text,
)
from mira_cli.settings.files import PRIVATE
from mira_cli.terminal.sanitize import clean_paste

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mira_cli.conversation.file_format import StoredConversation
    from mira_cli.session.chat.chat import Chat
    from mira_cli.session.chat.run import ChatOptions

_JSON, _MARKDOWN = (".json",), (".md", ".markdown", ".txt")
NAME_HINT = "Name it .md for people, .json to load it again."
_PATIENCE = 1.0  # seconds to wait for a file that another mira uses
_TAG = re.compile(r" {0,3}<([A-Za-z]+)")


@contextmanager
def open_files(chat: Chat, options: ChatOptions, system: str | None) -> Iterator[None]:
    """Load the conversation that a chat begins with, and keep the file of --conversation locked meanwhile.

    Args:
        chat: The chat, before its first turn.
        options: The names of the files.
        system: A system prompt that replaces the file's, None for none.

    Raises:
        UsageError: A file is no conversation, is in use, read-only, or would be overwritten.
    """
    if options.conversation is None:
        _open_load_and_save(chat, options.load, options.save, system)
        yield
        return
    path = options.conversation
    with open_conversation(path, timeout=_PATIENCE) as file:
        if is_taken(path):
            load_conversation(chat, file.stored, path, system=system)
        else:
            chat.own_files.add(real_path(path))
            chat.streams.note(f"New conversation; it will be saved in {path}.")
        chat.save, chat.save_path, chat.locked = partial(file.write, redact=redact), path, True
        chat.saved = chat.stored
        yield


def _open_load_and_save(chat: Chat, load: str | None, save: str | None, system: str | None) -> None:
    """Load the file of --load, and check that of --save, which may be the same, missing one."""
    if save is not None:
        check_name(save)
        check_writable(save)
    both = load is not None and save is not None and same_file(load, save)
    if load is not None and (is_taken(load) or not both):
        load_conversation(chat, read_conversation(load), load, system=system)
    if save is None:
        return
    directory = os.path.dirname(save)  # noqa: PTH120 - a path is a text here
    if directory and not os.path.isdir(directory):  # noqa: PTH112 - the same
        raise UsageError(f"No such directory: {directory}", hint="Make it first.")
    may_overwrite = both or not is_taken(save)
    if not may_overwrite and not chat.confirm(f"{save} already exists. Overwrite it after the first turn?"):
        raise UsageError(
            f"{save} already exists; it was left unchanged.",
            hint=f"To continue it: --load {save} --save {save}. Or give a new file.",
        )
    chat.save, chat.save_path = partial(write_conversation, path=save), save


def load_conversation(
    chat: Chat, stored: StoredConversation, path: str, *, system: str | None = None
) -> None:
    """Put a stored conversation in place of the current one.

    Args:
        chat: The chat.
        stored: What the file holds.
        path: The name of the file.
        system: A system prompt that replaces the file's, "" for none at all; None keeps the file's.
    """
    session = chat.session
    if stored.model and session.settings.sources["model"] in {"default", "the loaded file"}:
        chat.use_settings(session.settings.with_value("model", stored.model, source="the loaded file"))
    conversation = session.conversation  # what was learnt of the server stays, as after /clear
    conversation.system = (stored.system or conversation.system) if system is None else system
    conversation.turns = stored.turns
    session.last_sent = None
    chat.replacing = False
    chat.own_files.add(real_path(path))
    if stored.skipped:
        chat.streams.note(REPLIES_SKIPPED)
    unanswered = stored.unanswered
    count = 2 * len(stored.turns) + bool(unanswered)
    chat.streams.note(f"Loaded {count} message{'s' * (count != 1)} from {path}.")
    if stored.turns and chat.interactive:
        chat.prompted = True
        chat.show_message(stored.turns[-1].question)
        chat.show_message(stored.turns[-1].reply)
    elif unanswered or stored.turns:
        asked = unanswered or stored.turns[-1].question.content
        last = " ".join(own_words(asked)[:200].split())
        chat.streams.note(f"The last question{', not answered yet' * bool(unanswered)}: {last}")
    chat.unanswered = Question(unanswered, unanswered) if unanswered else None
    chat.draft, chat.draft_returned = unanswered, True
    if chat.interactive:
        chat.draft = clean_paste(unanswered)[0]


def check_name(path: str) -> None:
    """Check that a file name says in which format to write.

    Raises:
        UsageError: It does not.
    """
    if not path.lower().endswith(_JSON + _MARKDOWN):
        raise UsageError(f"{path} does not say which format to write.", hint=NAME_HINT)


def write_conversation(stored: StoredConversation, path: str) -> None:
    """Write a conversation in one step, 0600: as JSON, or as a document for people.

    Args:
        stored: The conversation.
        path: The file, whose name `check_name` has accepted.

    Raises:
        OutputError: It cannot be written; the old contents are unchanged.
    """
    json = path.lower().endswith(_JSON)
    text = dump(stored, redact) if json else redact(as_markdown(stored))
    write_text(path, text, mode=PRIVATE)


def same_file(one: str, other: str) -> bool:
    """Whether two names lead to the same file, which may be missing."""
    return real_path(one) == real_path(other)


def real_path(path: str) -> str:
    """The absolute path without symbolic links."""
    try:
        return os.path.realpath(path)
    except FileNotFoundError:  # the working directory is gone
        return path


def as_markdown(stored: StoredConversation) -> str:
    """The whole conversation as a Markdown document with a heading for each message."""
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
    """The text with the code fence or HTML at its end closed, which would swallow the next heading.

    A fence within a list or a quote ends with it, so that only one at the left margin matters.
    """
    from markdown_it import MarkdownIt

    parse = MarkdownIt("commonmark").disable("inline").parse

    def swallows(text: str) -> bool:
        return parse(f"{text}\n\n# Next")[-1].type != "heading_close"

    text = text.strip("\r\n")
    if not swallows(text):
        return text
    last = parse(text)[-1]
    tag = _TAG.match(last.content)
    ends = (last.markup, f"</{tag[1]}>" if tag else "", ">", "-->", "?>", "]]>")
    return next((closed for end in ends if not swallows(closed := f"{text}\n{end}")), text)
