"""The files of a chat: --conversation, --load and --save, /file, /load and /save."""

from __future__ import annotations

import os
import re
import shlex
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.conversation.file_format import REPLIES_SKIPPED, dump
from mira_cli.conversation.question import compose, own_words
from mira_cli.conversation.trimming import MAX_MESSAGE_BYTES, utf8_bytes
from mira_cli.errors import OutputError, TooLargeError, UsageError
from mira_cli.masking import redact
from mira_cli.session import conversation_store as store
from mira_cli.session.chat.chat import Question
from mira_cli.settings.files import PRIVATE
from mira_cli.terminal.reading import is_stdin, read_text_file
from mira_cli.terminal.sanitize import clean_paste

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mira_cli.conversation.file_format import StoredConversation
    from mira_cli.session.chat.chat import Chat

_JSON, _MARKDOWN = (".json",), (".md", ".markdown", ".txt")
_NAME_HINT = "Name it .md for people, .json to load it again."
_PATIENCE = 1.0  # seconds to wait for a file that another mira uses
_DROPPED = ("/", "'/", '"/', "file:///")  # how such a line begins
_LONGEST_DROP = 10_000  # characters
_FILE_URL = re.compile(r"file://(?:localhost)?(/.*)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r" {0,3}<([A-Za-z]+)")


@contextmanager
def open_files(
    chat: Chat, conversation: str | None, load: str | None, save: str | None, system: str | None
) -> Iterator[None]:
    """Load the conversation that a chat begins with, and keep the file of --conversation locked meanwhile.

    Args:
        chat: The chat, before its first turn.
        conversation: The file of --conversation; None without the option, as the next two.
        load: That of --load.
        save: That of --save.
        system: A system prompt that replaces the file's, None for none.

    Raises:
        UsageError: A file is no conversation, is in use, read-only, or would be overwritten.
    """
    if conversation is None:
        _open_load_and_save(chat, load, save, system)
        yield
        return
    with store.open_conversation(conversation, timeout=_PATIENCE) as file:
        if store.is_taken(conversation):
            _put(chat, file.stored, conversation, system)
        else:
            chat.own_files.add(_real_path(conversation))
            chat.streams.note(f"New conversation; it will be saved in {conversation}.")
        chat.save, chat.save_path, chat.locked = partial(file.write, redact=redact), conversation, True
        chat.saved = chat.stored
        yield


def _open_load_and_save(chat: Chat, load: str | None, save: str | None, system: str | None) -> None:
    """Load the file of --load, and check that of --save, which may be the same, missing one."""
    if save is not None:
        _check_name(save)
        store.check_writable(save)
    both = load is not None and save is not None and _real_path(load) == _real_path(save)
    if load is not None and (store.is_taken(load) or not both):
        _put(chat, store.read_conversation(load), load, system)
    if save is None:
        return
    directory = Path(save).parent
    if not directory.is_dir():
        raise UsageError(f"No such directory: {directory}", hint="Make it first.")
    may_overwrite = both or not store.is_taken(save)
    if not may_overwrite and not chat.confirm(f"{save} already exists. Overwrite it after the first turn?"):
        raise UsageError(
            f"{save} already exists; it was left unchanged.",
            hint=f"To continue it: --load {save} --save {save}. Or give a new file.",
        )
    chat.save, chat.save_path = partial(_write, path=save), save


def _put(chat: Chat, stored: StoredConversation, path: str, system: str | None) -> None:
    """Put the conversation that a file holds in place of the current one.

    `system` replaces the file's system prompt, "" by none at all; None keeps it.
    """
    session = chat.session
    if stored.model and session.settings.sources["model"] in {"default", "the loaded file"}:
        chat.use_settings(session.settings.with_value("model", stored.model, source="the loaded file"))
    conversation = session.conversation  # what was learnt of the server stays, as after /clear
    conversation.system = (stored.system or conversation.system) if system is None else system
    conversation.turns = stored.turns
    session.last_sent = None
    chat.replacing = False
    chat.own_files.add(_real_path(path))
    if stored.skipped:
        chat.streams.note(REPLIES_SKIPPED)
    unanswered = stored.unanswered
    count = 2 * len(stored.turns) + bool(unanswered)
    chat.streams.note(f"Loaded {count} message{'s' * (count != 1)} from {path}.")
    if stored.turns and chat.interactive:
        chat.prompted = True
        chat.show_question(stored.turns[-1].question.content)
        chat.show_reply(stored.turns[-1].reply)
    elif unanswered or stored.turns:
        asked = unanswered or stored.turns[-1].question.content
        last = " ".join(own_words(asked)[:200].split())
        chat.streams.note(f"The last question{', not answered yet' * bool(unanswered)}: {last}")
    chat.unanswered = Question(unanswered, unanswered) if unanswered else None
    chat.draft, chat.draft_returned = unanswered, True
    if chat.interactive:
        chat.draft = clean_paste(unanswered)[0]


def load(chat: Chat, rest: str) -> None:
    """Continue a saved chat."""
    path = as_path(rest)
    if not path:
        raise UsageError("Load what? /load PATH")
    if chat.locked and _real_path(path) != _real_path(chat.save_path):
        raise UsageError(
            f"This chat is saved in {chat.save_path}, which would be overwritten.",
            hint=f"Quit and run: mira chat -c {path}",
        )
    _put(chat, store.read_conversation(path), path, None)


def save(chat: Chat, rest: str) -> None:
    """Save the chat: .md for people, .json to load again.

    A person is asked before a file is overwritten that this chat has neither saved nor loaded.
    """
    path, turns = as_path(rest), chat.session.conversation.turns
    if not path:
        raise UsageError("Save as what? /save PATH", hint=_NAME_HINT)
    _check_name(path)
    if not turns:
        raise UsageError("There is nothing to save yet.")
    store.check_writable(path)
    if store.is_taken(path) and _real_path(path) not in chat.own_files:
        agreed = chat.confirm(f"{path} already exists. Overwrite?")
        if agreed is None:
            raise UsageError(f"{path} already exists; it was left unchanged.", hint="Give a new file name.")
        if not agreed:
            chat.streams.note("Left unchanged.")
            return
    try:
        _write(chat.stored, path)
    except OutputError as error:
        chat.fail(error)  # replies can still be written: the chat goes on
        return
    chat.own_files.add(_real_path(path))
    chat.streams.note(f"Saved {2 * len(turns)} messages in {path}.")


def add_file(chat: Chat, rest: str) -> None:
    """Attach a text file to your next message (no path: remove them)."""
    if not rest:
        if not chat.files:
            raise UsageError("Which file? /file PATH")
        chat.streams.note(f"No longer attached: {', '.join(name for name, _ in chat.files)}")
        chat.files.clear()
        return
    for path in _paths(rest):
        attach(chat, path)
        chat.streams.note(attached(*chat.files[-1]))


def attach(chat: Chat, path: str) -> None:
    """Let a file wait for the next question.

    Raises:
        UsageError: It cannot be read, is no text, or is standard input.
        TooLargeError: It cannot be sent, by itself or together with those that wait already.
    """
    if is_stdin(path):
        raise UsageError("In a chat, standard input holds the messages.", hint="Give a file name.")
    text = read_text_file(path, chat.streams)
    size, alone = (
        utf8_bytes(compose((), files=files)) for files in ([*chat.files, (path, text)], [(path, text)])
    )
    if size >= MAX_MESSAGE_BYTES:
        others = f" and {size - alone:,} are attached already" if alone < MAX_MESSAGE_BYTES else ""
        raise TooLargeError(
            f"{path} is {utf8_bytes(text):,} bytes{others}; the API takes at most {MAX_MESSAGE_BYTES:,} bytes"
            " a message.",
            hint="Attach a part of it." if not others else "Send them one after the other.",
        )
    chat.files.append((path, text))


def attached(name: str, text: str) -> str:
    """What is said of a file that waits for the next question."""
    return f"{name}, {len(text):,} characters, will be attached to your next message."


def is_dropped(line: str) -> bool:
    """Whether a line is nothing but absolute paths of files, as a terminal writes what is dropped on it."""
    if not line.startswith(_DROPPED) or len(line) > _LONGEST_DROP:
        return False
    return all(Path(path).is_absolute() and Path(path).is_file() for path in _paths(line))


def as_path(typed: str) -> str:
    """The file that was typed, pasted or dropped on the terminal."""
    paths = _paths(typed)
    return paths[0] if len(paths) == 1 else typed.strip()


def _paths(typed: str) -> list[str]:
    r"""The file that was typed or pasted, or the files that were dropped together.

    A name that exists as it stands is that file. Else it may be a URL (`file:///tmp/a%20b.txt`) or words as
    a shell reads them (`'a b.txt'`, `"a b.txt"`, `a\ b.txt`). `~` is the home directory.
    """
    typed = typed.strip()
    name = os.path.expanduser(typed)
    if os.path.lexists(name):
        return [name]
    if url := _FILE_URL.fullmatch(typed):
        from urllib.parse import unquote

        return [unquote(url[1])]
    if os.name == "nt":  # where a backslash separates directories
        return [name.strip('"')]
    try:
        words = shlex.split(typed)
    except ValueError:  # a quote that is not closed
        return [name]
    if len(words) == 1:
        return [os.path.expanduser(words[0])]
    paths = [as_path(word) for word in words]
    return paths if all(map(os.path.lexists, paths)) else [name]


def _check_name(path: str) -> None:
    """Check that a file name says in which format to write."""
    if not path.lower().endswith(_JSON + _MARKDOWN):
        raise UsageError(f"{path} does not say which format to write.", hint=_NAME_HINT)


def _write(stored: StoredConversation, path: str) -> None:
    """Write a conversation in one step, 0600: as JSON, or as a document for people.

    Raises:
        OutputError: It cannot be written; the old contents are unchanged.
    """
    json = path.lower().endswith(_JSON)
    store.write_text(path, dump(stored, redact) if json else redact(as_markdown(stored)), mode=PRIVATE)


def _real_path(path: str) -> str:
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
