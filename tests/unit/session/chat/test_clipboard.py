"""The clipboard: which program takes a text, and what happens when none does."""

from __future__ import annotations

import base64
import os
from io import BytesIO

import pytest

from mira_cli.errors import OutputError
from mira_cli.session.chat.clipboard import put_in_clipboard, tools
from rig.streams import buffered


@pytest.fixture
def programs(tmp_path):
    """Makes programs on a PATH of their own, and gives that PATH."""

    def make(**scripts):
        for name, script in scripts.items():
            path = tmp_path / name.replace("_", "-").replace("-exe", ".exe")
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        return f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin"

    return make


def streams(**facts):
    stderr = BytesIO()
    return buffered(None, BytesIO(), stderr, **facts), stderr


def test_the_order_is_that_of_the_environment(programs):
    path = programs(wl_copy="", xclip="", xsel="", tmux="", clip_exe="")
    everything = {"PATH": path, "WAYLAND_DISPLAY": "w", "DISPLAY": ":0", "TMUX": "x", "WSL_DISTRO_NAME": "u"}
    assert [program for program, *_ in tools(everything)] == ["clip.exe", "wl-copy", "xclip", "xsel", "tmux"]
    assert tools({"PATH": path, "TMUX": "x"}) == [("tmux", "load-buffer", "-w", "-")]
    assert tools({"PATH": path}) == []
    assert tools({"PATH": "/nowhere", "DISPLAY": ":0"}) == []


def test_the_first_that_takes_it_is_named_and_gets_no_key(programs, tmp_path):
    path = programs(
        wl_copy="exit 1", xclip=f'cat > "{tmp_path}/got"; echo "[$MIRA_API_KEY]" > "{tmp_path}/key"'
    )
    env = {"PATH": path, "WAYLAND_DISPLAY": "w", "DISPLAY": ":0", "MIRA_API_KEY": "sk-mira-secret"}
    assert put_in_clipboard("Привет\n", streams()[0], env) == "xclip"
    assert (tmp_path / "got").read_text() == "Привет\n"
    assert (tmp_path / "key").read_text() == "[]\n"


def test_windows_gets_utf_16(programs, tmp_path):
    env = {"PATH": programs(clip_exe=f'cat > "{tmp_path}/got"'), "WSL_DISTRO_NAME": "u"}
    assert put_in_clipboard("Привет", streams()[0], env) == "clip.exe"
    assert (tmp_path / "got").read_bytes().decode("utf-16") == "Привет"


def test_without_a_program_the_terminal_is_asked():
    given, stderr = streams(err_tty=True, env={"TERM": "xterm"})
    assert put_in_clipboard("text", given, {"PATH": "/nowhere"}) == "OSC 52, if the terminal allows it"
    assert stderr.getvalue() == b"\x1b]52;c;" + base64.b64encode(b"text") + b"\x07"


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"err_tty": True, "env": {"TERM": "dumb"}}, "text"),
        ({"err_tty": False, "env": {"TERM": "xterm"}}, "text"),
        ({"err_tty": True, "env": {"TERM": "xterm"}}, "x" * 80_000),
    ],
)
def test_where_nothing_can_take_it_it_is_an_error(facts, text):
    given, stderr = streams(**facts)
    with pytest.raises(OutputError):
        put_in_clipboard(text, given, {"PATH": "/nowhere"})
    assert stderr.getvalue() == b""


def test_what_failed_is_named(programs):
    with pytest.raises(OutputError) as caught:
        put_in_clipboard("x", streams()[0], {"PATH": programs(tmux="exit 1"), "TMUX": "x"})
    assert "(tmux failed)" in caught.value.message
