"""Commands that read and write: /file /copy /save /load."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from mira_cli.errors import OutputError, UsageError
from mira_cli.terminal.reading import read_text_file

if TYPE_CHECKING:
    from mira_cli.session.chat.state import Chat

_CODE = re.compile(r"code(?: ([0-9]{1,9}))?")


def add_file(chat: Chat, rest: str) -> None:
    """Add a file to the next question, or tell which wait for it; `none` drops them.

    Raises:
        UsageError: It cannot be read, or is no text.
        TooLargeError: It is beyond what is read.
    """
    if not rest:
        if not chat.files:
            raise UsageError("Which file? /file PATH")
        for name, text in chat.files:
            chat.say(f"{name}, {len(text):,} characters, goes with the next question.")
        return
    if rest == "none":
        chat.files.clear()
        chat.streams.note("No file goes with the next question.")
        return
    path = _expand(rest)
    if path == "-":
        raise UsageError("Standard input is where the chat comes from.", hint="Name a file.")
    text = read_text_file(path, chat.streams)
    chat.files.append((path, text))
    chat.streams.note(f"{path}, {len(text):,} characters, goes with the next question.")


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
        chat.fail(error)  # answers can still be written: the chat goes on
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
    """Write the conversation; a person is asked before something is replaced.

    Raises:
        UsageError: No name, a name of no form, nothing to save, or a file that stands there already.
    """
    path = _expand(rest)
    if not path:
        raise UsageError("Save as what? /save PATH", hint="Name it .md for people, .json to load it again.")
    from mira_cli.session.chat import talk_saving

    talk_saving.check_form(path)
    if not chat.session.conversation.turns:
        raise UsageError("There is nothing to save yet.")
    if not _may_replace(chat, path):
        return
    try:
        talk_saving.write_talk(chat.talk, path, chat.streams.redact)
    except OutputError as error:
        chat.fail(error)  # as in copy()
        return
    count = 2 * len(chat.session.conversation.turns)
    chat.streams.note(f"Saved {count} messages in {path}.")


def _may_replace(chat: Chat, path: str) -> bool:
    """Whether a file may be written: it is new, or a person agrees.

    Raises:
        UsageError: Something stands there and nobody can be asked.
    """
    from mira_cli.session.conversation_store import is_taken

    if not is_taken(path):
        return True
    agreed = chat.agrees(f"{path} is there already. Replace it?")
    if agreed is None:
        raise UsageError(f"{path} is there already; it was left as it is.", hint="Name a new file.")
    if not agreed:
        chat.streams.note("Left as it is.")
    return agreed


def load(chat: Chat, rest: str) -> None:
    """Put a saved conversation in place of this one; one that cannot be read changes nothing.

    Raises:
        UsageError: No name, no such file, or it is no conversation.
    """
    path = _expand(rest)
    if not path:
        raise UsageError("Load what? /load PATH")
    from mira_cli.session.chat.talk_loading import take_up
    from mira_cli.session.conversation_store import read_conversation

    take_up(chat, read_conversation(path), path)


def _expand(name: str) -> str:
    """A file name as it was typed, perhaps between quotes or from the home directory on."""
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1]
    return os.path.expanduser(name)  # noqa: PTH111 - a name is a text here, "" included
