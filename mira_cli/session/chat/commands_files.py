"""Commands that read and write files: /file /copy /save /load."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

from mira_cli.errors import OutputError, UsageError
from mira_cli.session.chat import saving
from mira_cli.session.conversation_store import check_writable, is_taken, read_conversation
from mira_cli.terminal.reading import is_stdin, read_text_file

if TYPE_CHECKING:
    from mira_cli.session.chat.chat import Chat

_CODE = re.compile(r"code(?: ([0-9]{1,9}))?")
_FILE_URL = re.compile(r"file://(?:localhost)?(/.*)", re.IGNORECASE | re.DOTALL)


def add_file(chat: Chat, rest: str) -> None:
    """Attach files to the next question; without a path, remove the attached ones.

    Raises:
        UsageError: It cannot be read, or is no text.
        TooLargeError: It is beyond what is read.
    """
    if not rest:
        if not chat.files:
            raise UsageError("Which file? /file PATH")
        chat.streams.note(f"No longer attached: {', '.join(name for name, _ in chat.files)}")
        chat.files.clear()
        return
    for path in _dropped(rest):
        if is_stdin(path):
            raise UsageError("Standard input is where the chat comes from.", hint="Give a file name.")
        text = read_text_file(path, chat.streams)
        chat.files.append((path, text))
        chat.streams.note(attached(path, text))


def _dropped(typed: str) -> list[str]:
    """The file that was typed, or the files that were dropped together."""
    path = as_path(typed)
    if os.path.lexists(path):
        return [path]
    try:
        paths = [as_path(word) for word in shlex.split(typed)]
    except ValueError:  # a quote that is not closed
        return [path]
    return paths if all(map(os.path.lexists, paths)) else [path]


def attached(name: str, text: str) -> str:
    """What is said of a file that waits for the next question."""
    return f"{name}, {len(text):,} characters, will be attached to your next message."


def copy(chat: Chat, rest: str) -> None:
    """Put the last reply, or a code block of it, into the clipboard.

    Raises:
        UsageError: There is no reply, or nothing of that name in it.
    """
    turns = chat.session.conversation.turns
    if not turns:
        raise UsageError("There is no reply to copy yet.")
    reply = turns[-1].reply.content
    words = rest.split()
    what, text = "the reply", reply
    if words:
        what, text = _code(reply, words)
    from mira_cli.session.chat.clipboard import put_in_clipboard

    try:
        tool = put_in_clipboard(text, chat.streams, chat.env)
    except OutputError as error:
        chat.fail(error)  # replies can still be written: the chat goes on
        return
    lines = len(text.splitlines())
    chat.streams.note(f"Copied {what} ({lines:,} line{'s' * (lines != 1)}) with {tool}.")


def _code(reply: str, words: list[str]) -> tuple[str, str]:
    from mira_cli.session.reply_parts.code_blocks import code_blocks

    typed = _CODE.fullmatch(" ".join(words))
    if typed is None:
        raise UsageError("It is /copy, /copy code, or /copy code N.")
    number = int(typed[1] or 1)
    blocks = code_blocks(reply)
    if not blocks:
        raise UsageError("The last reply has no code block.")
    if not 1 <= number <= len(blocks):
        raise UsageError(f"The last reply has {len(blocks)} code block{'s' * (len(blocks) != 1)}.")
    of = f" {number} of {len(blocks)}" if len(blocks) > 1 else ""
    return f"code block{of}", blocks[number - 1].body


def save(chat: Chat, rest: str) -> None:
    """Write the conversation; a person is asked before something is overwritten.

    Raises:
        UsageError: No name, a name of no format, nothing to save, or the file exists already.
    """
    path = as_path(rest)
    if not path:
        raise UsageError("Save as what? /save PATH", hint=saving.NAME_HINT)
    saving.check_name(path)
    if not chat.session.conversation.turns:
        raise UsageError("There is nothing to save yet.")
    check_writable(path)
    if not _may_overwrite(chat, path):
        return
    try:
        saving.write_conversation(chat.stored, path)
    except OutputError as error:
        chat.fail(error)  # as in copy()
        return
    count = 2 * len(chat.session.conversation.turns)
    chat.own_files.add(saving.real_path(path))
    chat.streams.note(f"Saved {count} messages in {path}.")


def _may_overwrite(chat: Chat, path: str) -> bool:
    """Whether a file may be written: it is new, this chat saved or loaded it, or a person agrees.

    Raises:
        UsageError: It exists and nobody can be asked.
    """
    if not is_taken(path) or saving.real_path(path) in chat.own_files:
        return True
    agreed = chat.confirm(f"{path} already exists. Overwrite?")
    if agreed is None:
        raise UsageError(f"{path} already exists; it was left unchanged.", hint="Give a new file name.")
    if not agreed:
        chat.streams.note("Left unchanged.")
    return agreed


def load(chat: Chat, rest: str) -> None:
    """Put a saved conversation in place of this one; one that cannot be read changes nothing.

    Raises:
        UsageError: No name, no such file, it is no conversation, or the chat belongs to another file.
    """
    path = as_path(rest)
    if not path:
        raise UsageError("Load what? /load PATH")
    if chat.locked and not saving.same_file(path, chat.save_path):
        raise UsageError(
            f"This chat is saved in {chat.save_path}, which would be overwritten.",
            hint=f"Quit and run: mira chat -c {path}",
        )
    saving.load_conversation(chat, read_conversation(path), path)


def as_path(typed: str) -> str:
    r"""The file that was typed, pasted or dropped on the terminal.

    A name that exists as it stands is that file. Else it may be a URL (`file:///tmp/a%20b.txt`) or a word as
    a shell reads it (`'a b.txt'`, `"a b.txt"`, `a\ b.txt`). `~` is the home directory.
    """
    typed = typed.strip()
    name = os.path.expanduser(typed)  # noqa: PTH111 - a path is a text here, "" included
    if os.path.lexists(name):
        return name
    if url := _FILE_URL.fullmatch(typed):
        from urllib.parse import unquote

        return unquote(url[1])
    if os.name == "nt":  # where a backslash separates directories
        return name.strip('"')
    try:
        words = shlex.split(typed)
    except ValueError:  # a quote that is not closed
        return name
    return os.path.expanduser(words[0]) if len(words) == 1 else name  # noqa: PTH111 - as above
