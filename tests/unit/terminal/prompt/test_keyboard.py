"""The keyboard of a chat is given back whatever happens while it is being held."""

from __future__ import annotations

import os
from io import BytesIO

import pytest

from mira_cli.terminal.prompt.keyboard import held_keys
from rig.streams import buffered


@pytest.fixture
def terminal():
    """Standard input is a terminal; where it is typed."""
    outer, inner = os.openpty()
    before = os.dup(0)
    os.dup2(inner, 0)
    yield outer
    os.dup2(before, 0)
    for descriptor in (before, outer, inner):
        os.close(descriptor)


@pytest.mark.usefixtures("terminal")
def test_a_signal_while_the_terminal_is_being_held_gives_it_back():
    class Interrupted(BytesIO):
        def write(self, data):
            super().write(data)
            if len(data) == len(self.getvalue()):
                raise KeyboardInterrupt
            return len(data)

    stderr = Interrupted()
    streams = buffered(
        None, BytesIO(), stderr, in_tty=True, out_tty=True, err_tty=True, env={"TERM": "xterm"}
    )
    with pytest.raises(KeyboardInterrupt), held_keys(streams):
        pass
    assert stderr.getvalue() == b"\x1b[?2004h\x1b[?2004l"
