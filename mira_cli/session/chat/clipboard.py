"""Copies a text to the clipboard with a program of this machine, or through the terminal."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.errors import OutputError
from mira_cli.settings.keys import without_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mira_cli.terminal.streams import Streams

_TIMEOUT = 5.0  # seconds
# What terminals accept in one OSC 52 sequence: xterm about 100,000 characters of base64.
_OSC_52_LIMIT = 74_000  # bytes


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that reads the new contents of the clipboard from its standard input."""

    argv: tuple[str, ...]
    encoding: str = "utf-8"


def put_in_clipboard(text: str, streams: Streams, env: Mapping[str, str]) -> str:
    """Copy a text.

    Returns:
        What copied it: the name of a program, or "OSC 52" for the terminal itself.

    Raises:
        OutputError: Nothing did.
    """
    tried = []
    for tool in tools(env):
        if _run(tool, text, env):
            return tool.argv[0]
        tried.append(tool.argv[0])
    data = text.encode(errors="replace")
    if streams.err_tty and not streams.plain and len(data) <= _OSC_52_LIMIT:
        streams.draw(f"\x1b]52;c;{base64.b64encode(data).decode()}\x07")
        return "OSC 52, if the terminal allows it"
    failed = f" ({', '.join(tried)} failed)" if tried else ""
    raise OutputError(
        f"No clipboard is available{failed}.", hint="Install wl-copy, xclip or xsel; or use /save PATH."
    )


def tools(env: Mapping[str, str]) -> Iterator[Tool]:
    """The installed programs that fit this environment, the best first.

    `clip.exe` is that of Windows, also from within WSL; it reads UTF-16.
    """
    for tool, fits in (
        (Tool(("pbcopy",)), sys.platform == "darwin"),
        (Tool(("clip.exe",), "utf-16"), os.name == "nt" or "WSL_DISTRO_NAME" in env),
        (Tool(("wl-copy",)), bool(env.get("WAYLAND_DISPLAY"))),
        (Tool(("xclip", "-selection", "clipboard")), bool(env.get("DISPLAY"))),
        (Tool(("xsel", "--input", "--clipboard")), bool(env.get("DISPLAY"))),
        (Tool(("tmux", "load-buffer", "-w", "-")), bool(env.get("TMUX"))),
    ):
        if fits and shutil.which(tool.argv[0], path=env.get("PATH")):
            yield tool


def _run(tool: Tool, text: str, env: Mapping[str, str]) -> bool:
    """Whether the program accepted the text. Its output is discarded: xclip keeps running and holding it."""
    path = shutil.which(tool.argv[0], path=env.get("PATH")) or tool.argv[0]
    try:
        done = subprocess.run(
            [path, *tool.argv[1:]],
            input=text.encode(tool.encoding, "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT,
            env=without_key(env),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
