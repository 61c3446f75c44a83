"""/copy: puts a reply or its code into the clipboard, with a program of this machine or by the terminal."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from mira_cli.errors import OutputError, UsageError
from mira_cli.settings.keys import without_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.session.chat.chat import Chat
    from mira_cli.terminal.streams import Streams

_CODE = re.compile(r"code(?: ([0-9]{1,9}))?")
_TIMEOUT = 5.0  # seconds
_WINDOWS = "clip.exe"  # within WSL too; it reads UTF-16
# What terminals accept in one OSC 52 sequence: xterm about 100,000 characters of base64.
_OSC_52_LIMIT = 74_000  # bytes


def copy(chat: Chat, rest: str) -> None:
    """Copy the last reply, or a code block of it."""
    turns = chat.session.conversation.turns
    if not turns:
        raise UsageError("There is no reply to copy yet.")
    reply = turns[-1].reply.content
    what, text = _code(reply, rest) if rest else ("the reply", reply)
    try:
        tool = put_in_clipboard(text, chat.streams, chat.streams.env)
    except OutputError as error:
        chat.fail(error)  # replies can still be written: the chat goes on
        return
    lines = len(text.splitlines())
    chat.streams.note(f"Copied {what} ({lines:,} line{'s' * (lines != 1)}) with {tool}.")


def _code(reply: str, rest: str) -> tuple[str, str]:
    """What to call the code block that `code` or `code N` means, and its text."""
    from mira_cli.session.reply_parts.code_blocks import code_blocks

    typed = _CODE.fullmatch(" ".join(rest.split()))
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


def put_in_clipboard(text: str, streams: Streams, env: Mapping[str, str]) -> str:
    """Copy a text.

    Returns:
        What copied it: the name of a program, or "OSC 52" for the terminal itself.

    Raises:
        OutputError: Nothing did.
    """
    tried = []
    for program, *arguments in tools(env):
        if _run(program, arguments, text, env):
            return program
        tried.append(program)
    data = text.encode(errors="replace")
    if streams.err_tty and not streams.plain and len(data) <= _OSC_52_LIMIT:
        streams.draw(f"\x1b]52;c;{base64.b64encode(data).decode()}\x07")
        return "OSC 52, if the terminal allows it"
    failed = f" ({', '.join(tried)} failed)" if tried else ""
    raise OutputError(
        f"No clipboard is available{failed}.", hint="Install wl-copy, xclip or xsel; or use /save PATH."
    )


def tools(env: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The installed programs that fit this environment, with their arguments, the best first.

    They read the new contents of the clipboard from standard input.
    """
    known = (
        (sys.platform == "darwin", ("pbcopy",)),
        (os.name == "nt" or "WSL_DISTRO_NAME" in env, (_WINDOWS,)),
        (bool(env.get("WAYLAND_DISPLAY")), ("wl-copy",)),
        (bool(env.get("DISPLAY")), ("xclip", "-selection", "clipboard")),
        (bool(env.get("DISPLAY")), ("xsel", "--input", "--clipboard")),
        (bool(env.get("TMUX")), ("tmux", "load-buffer", "-w", "-")),
    )
    return [argv for fits, argv in known if fits and shutil.which(argv[0], path=env.get("PATH"))]


def _run(program: str, arguments: list[str], text: str, env: Mapping[str, str]) -> bool:
    """Whether the program accepted the text. Its output is discarded: xclip keeps running and holding it."""
    encoding = "utf-16" if program == _WINDOWS else "utf-8"
    try:
        done = subprocess.run(
            [shutil.which(program, path=env.get("PATH")) or program, *arguments],
            input=text.encode(encoding, "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT,
            env=without_key(env),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
