"""Copies a text to the clipboard with a program of this machine, or through the terminal."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from mira_cli.errors import OutputError
from mira_cli.settings.keys import without_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.terminal.streams import Streams

_TIMEOUT = 5.0  # seconds
_WINDOWS = "clip.exe"  # within WSL too; it reads UTF-16
# What terminals accept in one OSC 52 sequence: xterm about 100,000 characters of base64.
_OSC_52_LIMIT = 74_000  # bytes


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
