"""/copy: copies a reply or its code, with a program or through the terminal."""

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

_CODE = re.compile(r"code(?:\s+([0-9]{1,9}))?")
_TIMEOUT = 5.0  # seconds
_WINDOWS = "clip.exe"  # also within WSL; it reads UTF-16
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
    """The name and the text of the code block for `code` or `code N`."""
    from mira_cli.session.reply_parts.code_blocks import code_blocks

    typed = _CODE.fullmatch(rest)
    if typed is None:
        raise UsageError("It is /copy, /copy code, or /copy code N.")
    number, blocks = int(typed[1] or 1), code_blocks(reply)
    if not blocks:
        raise UsageError("The last reply has no code block.")
    if not 1 <= number <= len(blocks):
        raise UsageError(f"The last reply has {len(blocks)} code block{'s' * (len(blocks) != 1)}.")
    of = f" {number} of {len(blocks)}" if len(blocks) > 1 else ""
    return f"code block{of}", blocks[number - 1].body


def put_in_clipboard(text: str, streams: Streams, env: Mapping[str, str]) -> str:
    """Copy a text.

    Returns:
        What copied it: the name of a program, or OSC 52 for the terminal.

    Raises:
        OutputError: Nothing did.
    """
    programs = tools(env)
    for argv in programs:
        try:
            subprocess.run(
                argv,
                executable=shutil.which(argv[0], path=env.get("PATH")),
                input=text.encode("utf-16" if argv[0] == _WINDOWS else "utf-8", "replace"),
                stdout=subprocess.DEVNULL,  # not a pipe: xclip stays in the background and would hold it open
                stderr=subprocess.DEVNULL,
                timeout=_TIMEOUT,
                env=without_key(env),
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        return argv[0]
    data = text.encode(errors="replace")
    if streams.err_tty and not streams.plain and len(data) <= _OSC_52_LIMIT:
        streams.draw(f"\x1b]52;c;{base64.b64encode(data).decode()}\x07")
        return "OSC 52, if the terminal allows it"
    failed = f" ({', '.join(argv[0] for argv in programs)} failed)" if programs else ""
    raise OutputError(
        f"No clipboard is available{failed}.", hint="Install wl-copy, xclip or xsel; or use /save PATH."
    )


def tools(env: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The installed programs that copy their standard input in this environment, the best one first."""
    display = bool(env.get("DISPLAY"))
    known = (
        (sys.platform == "darwin", ("pbcopy",)),
        (os.name == "nt" or "WSL_DISTRO_NAME" in env, (_WINDOWS,)),
        (bool(env.get("WAYLAND_DISPLAY")), ("wl-copy",)),
        (display, ("xclip", "-selection", "clipboard")),
        (display, ("xsel", "--input", "--clipboard")),
        (bool(env.get("TMUX")), ("tmux", "load-buffer", "-w", "-")),
    )
    return [argv for fits, argv in known if fits and shutil.which(argv[0], path=env.get("PATH"))]
