import re
from io import BytesIO

from mira_cli.conversation.reply import Usage
from mira_cli.errors import IncompleteError
from mira_cli.terminal.result import Result
from mira_cli.terminal.streams import Streams
from mira_cli.terminal.writers import WholeWriter, open_writer

DONE = Result("", "mira", "stop", Usage(1, 1, 2))


def written(text, size=(40, 20), error=None):
    out = BytesIO()
    streams = Streams(None, out, BytesIO(), out_tty=True, env={"TERM": "xterm"}, size=lambda: size)
    writer = open_writer(streams, stream=False)
    assert isinstance(writer, WholeWriter)
    writer.start("mira")
    for character in text:
        writer.write(character)
    assert out.getvalue() == b""
    writer.fail(error) if error else writer.done(DONE)
    return out.getvalue().decode()


def test_a_link_that_is_defined_below_is_resolved():
    shown = written("See [this].\n\n[this]: https://a.example\n")
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == "See this (https://a.example).\n"


def test_controls_are_shown_not_obeyed():
    assert "^[]52;c;x" in written("a\x1b]52;c;x")


def test_a_tiny_terminal_gets_the_text():
    assert written("# A\n\n*b*", size=(10, 3)) == "# A\n\n*b*\n"


def test_what_came_of_a_cut_reply_is_shown():
    assert "half" in written("half", error=IncompleteError("cut"))


def test_what_is_open_in_a_cut_reply_is_closed():
    assert re.sub(r"\x1b\[[0-9;]*m", "", written("half **bo", error=IncompleteError("cut"))) == "half bo\n"


def test_no_reply_is_no_row():
    assert written("") == ""
