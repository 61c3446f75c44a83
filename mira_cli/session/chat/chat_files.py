"""The files of a chat: --conversation, --load and --save, /load and /save, /file and dropped files."""

from __future__ import annotations

import os
import re
import shlex
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.conversation.file_format import REPLIES_SKIPPED, StoredConversation, dump
from mira_cli.conversation.question import compose, own_words
from mira_cli.conversation.sizes import MAX_MESSAGE_BYTES, utf8_bytes
from mira_cli.errors import OutputError, TooLargeError, UsageError
from mira_cli.masking import redact
from mira_cli.session import conversation_store as store
from mira_cli.session.chat.chat import Draft, Question
from mira_cli.settings.files import PRIVATE
from mira_cli.terminal.reading import is_stdin, read_text_file
from mira_cli.terminal.sanitize import clean_paste

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mira_cli.session.chat.chat import Chat

_JSON, _MARKDOWN = (".json",), (".md", ".markdown", ".txt")
_NAME_HINT = "Name it .md for people, .json to load it again."
_DROPPED = re.compile(r"/(?!/)|'/|\"/|file:///")  # the start of a dropped path; // starts a message
_FILE_URL = re.compile(r"file://(?:localhost)?(/.*)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r" {0,3}<([A-Za-z]+)")


@contextmanager
def open_files(
    chat: Chat, conversation: str | None, load: str | None, save: str | None, system: str | None
) -> Iterator[None]:
    """Load the conversation that a chat starts with; save it when the `with` block ends.

    The file of --conversation is locked meanwhile. `system` replaces the system prompt in the file, unless
    it is None.

    Raises:
        UsageError: A file is not a conversation, is in use or read-only, or must not be overwritten.
    """
    if conversation is not None:
        timeout = chat.session.settings.timeout
        with store.open_conversation(conversation, timeout=timeout, note=chat.streams.note) as stored:
            chat.save_path, chat.locked = conversation, True
            if store.is_taken(conversation):
                _put(chat, stored, conversation, system)
            else:
                chat.streams.note(f"New conversation; it will be saved in {conversation}.")
            chat.own_files.add(_real_path(conversation))
            chat.saved = _stored(chat)
            yield
            save_if_changed(chat)
        return
    is_same = load is not None and save is not None and _real_path(load) == _real_path(save)
    if save is not None:
        if not Path(save).parent.is_dir():
            raise UsageError(f"No such directory: {Path(save).parent}", hint="Make it first.")
        hint = f"To continue it: --load {save} --save {save}. Or give a new file."
        if is_same:
            chat.own_files.add(_real_path(save))
        if not _may_write(chat, save, "Overwrite it after the first turn?", hint):
            raise UsageError(f"{save} was left unchanged.", hint=hint)
        chat.own_files.add(_real_path(save))
        chat.save_path = save
    if load is not None and (store.is_taken(load) or not is_same):
        _put(chat, store.read_conversation(load), load, system)
    yield
    save_if_changed(chat)


def _put(chat: Chat, stored: StoredConversation, path: str, system: str | None) -> None:
    """Replace the conversation by the contents of a file; `system` as for `open_files`."""
    session, streams, unanswered = chat.session, chat.streams, stored.unanswered
    if stored.model and session.settings.sources["model"] in {"default", "the loaded file"}:
        chat.use_settings(session.settings.with_value("model", stored.model, source="the loaded file"))
    conversation = session.conversation  # keeps what it has learnt about the server
    conversation.system = (stored.system or conversation.system) if system is None else system
    conversation.turns = stored.turns
    session.last_sent = None
    chat.own_files.add(_real_path(path))
    if stored.skipped:
        streams.note(REPLIES_SKIPPED)
    count = 2 * len(stored.turns) + bool(unanswered)
    streams.note(f"Loaded {count} message{'s' * (count != 1)} from {path}.")
    if stored.turns and chat.interactive:
        chat.prompted = True
        chat.show_question(stored.turns[-1].question.content)
        chat.show_reply(stored.turns[-1].reply)
    elif unanswered or stored.turns:
        last = own_words(unanswered or stored.turns[-1].question.content)[:200]
        state = ", not answered yet" if unanswered else ""
        streams.note(f"The last question{state}: {' '.join(last.split())}")
    chat.unanswered = None
    if unanswered:
        chat.unanswered = Question(unanswered, unanswered, loaded="" if chat.interactive else unanswered)
        chat.draft = Draft(clean_paste(unanswered)[0], returned=True)


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

    Asks before it overwrites a file, unless this chat saved or loaded it.
    """
    path, stored = as_path(rest), _stored(chat)
    if not path:
        raise UsageError("Save as what? /save PATH", hint=_NAME_HINT)
    if not stored.turns:
        raise UsageError("There is nothing to save yet.")
    try:
        if not _may_write(chat, path, "Overwrite?", "Give a new file name."):
            chat.streams.note("Left unchanged.")
            return
        _write(path, stored)
    except OutputError as error:
        chat.fail(error)  # replies can still be written: the chat goes on
        return
    chat.own_files.add(_real_path(path))
    chat.streams.note(f"Saved {2 * len(stored.turns)} messages in {path}.")


def _may_write(chat: Chat, path: str, question: str, hint: str) -> bool:
    """Whether a file may be written. Asks before it is overwritten, unless this chat saved or loaded it.

    Raises:
        UsageError: Its name doesn't tell the format, it is read-only, or (with `hint`) nobody can be asked.
    """
    if not path.lower().endswith(_JSON + _MARKDOWN):
        raise UsageError(f"{path} does not say which format to write.", hint=_NAME_HINT)
    store.check_writable(path)
    if not store.is_taken(path) or _real_path(path) in chat.own_files:
        return True
    if chat.reader is None:
        raise UsageError(f"{path} already exists; it was left unchanged.", hint=hint)
    answer = chat.reader.ask(chat.streams.folded(f"{path} already exists. {question} (y/N)"))
    return answer.casefold() in {"y", "yes"}


def save_if_changed(chat: Chat) -> None:
    """Bring the file of --conversation or --save up to date. A failure is shown; the chat goes on."""
    stored = _stored(chat)
    if not chat.save_path or not stored.turns or stored == chat.saved:
        return
    try:
        if chat.locked:
            store.write_conversation(chat.save_path, stored, redact)
        else:
            _write(chat.save_path, stored)
    except OutputError as error:
        chat.fail(error)
    else:
        chat.saved = stored


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
    """Attach a file to the next question.

    Raises:
        UsageError: It cannot be read, is not text, or is standard input.
        TooLargeError: It cannot be sent, alone or together with the files attached before.
    """
    if is_stdin(path):
        raise UsageError("In a chat, standard input holds the messages.", hint="Give a file name.")
    text = read_text_file(path, chat.streams)
    files = [*chat.files, (path, text)]
    if utf8_bytes(compose((), files=files)) >= MAX_MESSAGE_BYTES:
        size, before = utf8_bytes(text), utf8_bytes(compose((), files=chat.files))
        others = f" and {before:,} are attached already" if before else ""
        raise TooLargeError(
            f"{path} is {size:,} bytes{others}; the API takes at most {MAX_MESSAGE_BYTES:,} bytes a message.",
            hint="Send them one after the other." if before else "Attach a part of it.",
        )
    chat.files = files


def attached(name: str, text: str) -> str:
    """The notice about an attached file."""
    return f"{name}, {len(text):,} characters, will be attached to your next message."


def is_dropped(line: str) -> bool:
    """Whether a line is only absolute paths of files, as when they are dropped on the terminal."""
    if not _DROPPED.match(line):
        return False
    return all(Path(path).is_absolute() and os.path.isfile(path) for path in _paths(line))


def as_path(typed: str) -> str:
    """The path of a file that was typed, pasted or dropped on the terminal."""
    paths = _paths(typed)
    return paths[0] if len(paths) == 1 else typed.strip()


def _paths(typed: str) -> list[str]:
    r"""The path of a file that was typed or pasted, or those of files that were dropped together.

    The text itself, if such a file exists; else a URL (`file:///tmp/a%20b.txt`), or words quoted for a shell
    (`'a b.txt'`, `"a b.txt"`, `a\ b.txt`). `~` is the home directory.
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
    except ValueError:  # an open quote
        return [name]
    if len(words) == 1:
        return [os.path.expanduser(words[0])]
    paths = [as_path(word) for word in words]
    return paths if all(map(os.path.lexists, paths)) else [name]


def _stored(chat: Chat) -> StoredConversation:
    return StoredConversation.of(chat.session.conversation, chat.session.options.model)


def _write(path: str, stored: StoredConversation) -> None:
    """Write a conversation atomically with mode 0600, without keys: as JSON or as Markdown.

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
    """The conversation as a Markdown document with a heading for each message."""
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
    """The text with a code fence or HTML block closed that would swallow the next heading."""
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
