"""Puts a text into the clipboard by whatever this machine has for it."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from mira_cli.errors import OutputError
from mira_cli.settings.keys import without_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mira_cli.terminal.streams import Streams

_PATIENCE = 5.0  # seconds
# What terminals take in one OSC 52 sequence: xterm about 100,000 characters of base64.
_MOST_BY_TERMINAL = 74_000  # bytes


class Tool(NamedTuple):
    """A program that reads the new contents of the clipboard from its standard input."""

    words: tuple[str, ...]
    encoding: str = "utf-8"


def put_in_clipboard(text: str, streams: Streams, env: Mapping[str, str]) -> str:
    """Copy a text.

    Returns:
        What took it: the name of a program, or "OSC 52" for the terminal itself.

    Raises:
        OutputError: Nothing did.
    """
    tried = []
    for tool in tools(env):
        if _run(tool, text, env):
            return tool.words[0]
        tried.append(tool.words[0])
    data = text.encode(errors="replace")
    if streams.err_tty and not streams.plain and len(data) <= _MOST_BY_TERMINAL:
        streams.draw(f"\x1b]52;c;{base64.b64encode(data).decode()}\x07")
        return "OSC 52, if the terminal allows it"
    failed = f" ({', '.join(tried)} failed)" if tried else ""
    raise OutputError(
        f"No clipboard can be reached{failed}.", hint="Install wl-copy, xclip or xsel; or use /save PATH."
    )


def tools(env: Mapping[str, str]) -> Iterator[Tool]:
    """The programs that are there and fit this environment, the best first.

    `clip.exe` is that of Windows, which Linux within Windows (WSL) reaches too; it takes UTF-16 only.
    """
    for tool, fits in (
        (Tool(("pbcopy",)), sys.platform == "darwin"),
        (Tool(("clip.exe",), "utf-16"), os.name == "nt" or "WSL_DISTRO_NAME" in env),
        (Tool(("wl-copy",)), bool(env.get("WAYLAND_DISPLAY"))),
        (Tool(("xclip", "-selection", "clipboard")), bool(env.get("DISPLAY"))),
        (Tool(("xsel", "--input", "--clipboard")), bool(env.get("DISPLAY"))),
        (Tool(("tmux", "load-buffer", "-w", "-")), bool(env.get("TMUX"))),
    ):
        if fits and shutil.which(tool.words[0], path=env.get("PATH")):
            yield tool


def _run(tool: Tool, text: str, env: Mapping[str, str]) -> bool:
    """Whether the program took the text. Its output is not kept: xclip stays and would hold it open."""
    path = shutil.which(tool.words[0], path=env.get("PATH")) or tool.words[0]
    try:
        done = subprocess.run(
            [path, *tool.words[1:]],
            input=text.encode(tool.encoding, "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            env=without_key(env),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
