"""Standard streams: what is written arrives whole, and every way in which it cannot has its own end."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
from io import BytesIO

import pytest

from mira_cli.errors import Interrupted, OutputError, ReaderGone
from mira_cli.terminal.stdio import Descriptor, Output, open_source, size_of
from mira_cli.terminal.streams import Streams
from rig.streams import buffered


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    ends = {reading, writing}
    yield reading, writing, ends
    for end in ends:
        os.close(end)


@pytest.fixture
def terminal():
    master, slave = pty.openpty()
    ends = {master, slave}
    yield master, slave, ends
    for end in ends:
        os.close(end)


def buffers(**facts):
    return buffered(BytesIO(), BytesIO(), BytesIO(), **facts)


def err(streams):
    return streams.stderr.sink.getvalue().decode()


def test_text_is_written_exactly(pipe):
    reading, writing, _ = pipe
    buffered(stdout=Descriptor(writing)).write("é\r\n\x1b[31m\u2028\x00")
    assert os.read(reading, 100) == "é\r\n\x1b[31m\u2028\x00".encode()


def test_all_of_a_large_text_arrives_though_the_pipe_does_not_block(pipe):
    reading, writing, ends = pipe
    os.set_blocking(writing, False)
    text = "0123456789" * 100_000
    got = []

    def drain():
        while data := os.read(reading, 1 << 16):
            got.append(data)

    reader = threading.Thread(target=drain)
    reader.start()
    buffered(stdout=Descriptor(writing)).write(text)
    ends.remove(writing)
    os.close(writing)
    reader.join()
    assert b"".join(got).decode() == text


@pytest.mark.parametrize(
    ("text", "encoding", "data"),
    [
        ("a\ud800b", "utf-8", "a\ufffdb".encode()),
        ("\ud83d\ude00", "utf-8", "😀".encode()),
        ("é…·漢", "ascii", b"?...-?"),
        ("é…", "iso8859-1", b"\xe9..."),
        ("\ud800", "ascii", b"?"),
        ("• ▌─🌆", "ascii", b"* |-[image]"),
        ("·漢", "iso8859-1", b"\xb7?"),
    ],
)
def test_what_cannot_be_encoded_is_replaced(text, encoding, data):
    output = Output(BytesIO(), encoding=encoding)
    output.write(text)
    assert output.sink.getvalue() == data


def test_a_reader_that_left_is_no_error_of_ours(pipe):
    reading, writing, ends = pipe
    ends.remove(reading)
    os.close(reading)
    streams = buffered(stdout=Descriptor(writing))
    with pytest.raises(ReaderGone):
        streams.check_stdout()
    with pytest.raises(ReaderGone):
        streams.write("a")


def test_a_pipe_with_a_reader_is_fine(pipe):
    reading, writing, _ = pipe
    os.set_blocking(reading, False)
    buffered(stdout=Descriptor(writing)).check_stdout()
    with pytest.raises(BlockingIOError):
        os.read(reading, 1)


def test_a_closed_standard_output_is_found_before_anything_is_paid_for():
    with pytest.raises(OutputError, match="Standard output is closed"):
        buffered().check_stdout()


@pytest.mark.needs("/dev/full")
@pytest.mark.parametrize("check", [Streams.check_stdout, lambda streams: streams.write("a")])
def test_a_full_disk(check):
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        with pytest.raises(
            OutputError, match=r"^Cannot write to standard output: No space left on device\.$"
        ):
            check(buffered(stdout=Descriptor(full)))
    finally:
        os.close(full)


def test_standard_output_that_is_open_for_reading_only():
    null = os.open(os.devnull, os.O_RDONLY)
    try:
        with pytest.raises(OutputError, match="Cannot write to standard output: Bad file descriptor"):
            buffered(stdout=Descriptor(null)).check_stdout()
    finally:
        os.close(null)


def test_a_terminal_that_went_away(terminal):
    master, slave, ends = terminal
    ends.remove(master)
    os.close(master)
    with pytest.raises(Interrupted) as caught:
        buffered(stdout=Descriptor(slave), out_tty=True).write("a")
    assert caught.value.exit_code == 129


def test_notes_and_errors():
    streams = buffers()
    streams.note("one\x1b[2J\ntwo")
    streams.warn("careful")
    streams.error("It failed: \u202eevil.", "Try again\nlater.")
    streams.log("not asked for")
    assert err(streams) == "one^[[2J two\nmira: careful\nmira: It failed: <U+202E>evil.\nTry again later.\n"


def test_in_a_chat_errors_stand_without_a_prefix():
    streams = buffers()
    streams.prefix = ""
    streams.error("It failed.")
    assert err(streams) == "It failed.\n"


def test_quiet_and_verbose():
    streams = buffers()
    streams.configure(quiet=True, verbose=True)
    streams.note("note")
    streams.warn("warning")
    streams.log("POST https://user:secret@host/")
    streams.error("error")
    assert err(streams) == "POST https://user:…@host/\nmira: error\n"


def test_secrets_are_hidden_even_where_invisible_characters_tear_them():
    key = "sk-mira-" + "ab" * 20
    streams = buffers()
    streams.error(f"Bad key {key[:20]}\u200b{key[20:]}", key)
    assert err(streams) == "mira: Bad key sk-mira-abababab…\nsk-mira-abababab…\n"


def test_colour_on_standard_error():
    streams = buffers(err_tty=True, err_size=lambda: (80, 24))
    streams.note("note")
    streams.error("error", "hint")
    assert err(streams) == "\x1b[2mnote\x1b[0m\n\x1b[31mmira: error\x1b[0m\nhint\n"
    dumb = buffers(err_tty=True, out_tty=True, env={"TERM": "dumb", "FORCE_COLOR": "1"})
    dumb.note("note")
    dumb.status("waiting")
    assert (err(dumb), dumb.plain) == ("note\n", True)


@pytest.mark.needs("/dev/full")
def test_a_standard_error_that_fails_or_is_closed_is_ignored():
    full = os.open("/dev/full", os.O_WRONLY)
    streams = buffered(stderr=Descriptor(full))
    streams.note("a")
    os.close(full)
    streams.error("b")
    buffered().error("c", "d")


def test_the_status_gives_way_to_whatever_is_written():
    streams = buffers(
        out_tty=True, err_tty=True, env={"NO_COLOR": "1", "TERM": "xterm"}, err_size=lambda: (8, 24)
    )
    streams.status("a long status")
    streams.note("note")
    streams.write("answer")
    streams.write("more")
    streams.status("")
    streams.close()
    assert err(streams) == "\r\x1b[0Ka long \r\x1b[0Knote\n\r\x1b[0Ka long \r\x1b[0K"


def test_no_status_where_lines_cannot_be_redrawn():
    streams = buffers()
    streams.status("waiting")
    plain = buffers(err_tty=True)
    plain.configure(plain=True)
    plain.status("waiting")
    assert err(streams) + err(plain) == ""


def set_size(slave, columns, rows):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


@pytest.mark.parametrize(
    ("columns", "rows", "env", "want"),
    [
        (100, 30, {"COLUMNS": "50", "LINES": "10"}, (100, 30)),
        (0, 0, {}, (80, 24)),
        (0, 0, {"COLUMNS": "50", "LINES": "10"}, (50, 10)),
        (0, 0, {"COLUMNS": "-5", "LINES": "ten"}, (80, 24)),
        (0, 0, {"COLUMNS": "0", "LINES": ""}, (80, 24)),
        (0, 0, {"COLUMNS": "99999", "LINES": "²"}, (10_000, 24)),
        (0, 0, {"COLUMNS": "9" * 5000}, (80, 24)),
    ],
)
def test_the_size_of_a_terminal(terminal, columns, rows, env, want):
    _, slave, _ = terminal
    set_size(slave, columns, rows)
    assert size_of(slave, env) == want


def test_the_size_of_what_is_no_terminal(pipe):
    assert size_of(pipe[1], {"COLUMNS": "120"}) == (120, 24)
    assert size_of(987, {}) == (80, 24)


def test_the_real_ones_under_a_terminal(terminal):
    _, slave, _ = terminal
    set_size(slave, 90, 20)
    kept = os.dup(1)
    os.dup2(slave, 1)
    try:
        streams = Streams.open({})
        assert (streams.out_tty, streams.stdout.size(), streams.width()) == (True, (90, 20), 90)
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@pytest.fixture
def standard_input():
    kept = os.dup(0)
    yield lambda number: os.dup2(number, 0)
    os.dup2(kept, 0)
    os.close(kept)


def test_a_device_has_nothing_to_say(standard_input, pipe):
    zero = os.open("/dev/zero", os.O_RDONLY)
    standard_input(zero)
    os.close(zero)
    assert open_source() is None
    standard_input(pipe[0])
    os.write(pipe[1], b"text")
    assert open_source().read(100) == b"text"
    os.close(0)
    assert open_source() is None


@pytest.mark.needs("/dev/full")
def test_closing_what_is_full():
    full = os.open("/dev/full", os.O_WRONLY)
    streams = buffered(stdout=Descriptor(full))
    streams.close()
    os.close(full)
    with pytest.raises(OutputError):
        streams.close()


REPORT = """
import os, socket
from mira_cli.errors import OutputError
from mira_cli.terminal.streams import Streams
streams = Streams.open(os.environ)
taken = socket.socket()
try:
    streams.check_stdout()
    streams.write("…")
except OutputError as error:
    streams.error(error.message)
streams.note(f"{streams.stdin is None} {streams.in_tty} {streams.out_tty} {streams.err_tty}")
streams.close()
"""


@pytest.mark.parametrize(
    ("redirection", "out", "err"),
    [
        ("<&-", "…", "True False False False\n"),
        (">&-", "", "mira: Standard output is closed.\nFalse False False False\n"),
        ("<&- >&-", "", "mira: Standard output is closed.\nTrue False False False\n"),
        ("2>&-", "…", ""),
        ("<&- 2>&-", "…", ""),
        ("</dev/null", "…", "True False False False\n"),
        ("</dev/zero", "…", "True False False False\n"),
        pytest.param(
            ">/dev/full",
            "",
            "mira: Cannot write to standard output: No space left on device.\nFalse False False False\n",
            marks=pytest.mark.needs("/dev/full"),
        ),
        pytest.param("2>/dev/full", "…", "", marks=pytest.mark.needs("/dev/full")),
    ],
)
def test_descriptors_that_are_closed_or_devices(redirection, out, err):
    ran = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -c "$1" {redirection}', sys.executable, REPORT],
        input=b"",
        capture_output=True,
        check=True,
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    )
    assert (ran.stdout.decode(), ran.stderr.decode()) == (out, err)


def test_a_terminal_of_another_encoding(terminal):
    master, slave, _ = terminal
    program = (
        "import os; from mira_cli.terminal.streams import Streams; Streams.open(os.environ).write('é… ')"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    subprocess.run([sys.executable, "-c", program], stdout=slave, check=True, env=environment)
    assert os.read(master, 100) == b"\xe9... "


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        (
            {"err_tty": True, "env": {"NO_COLOR": "1", "TERM": "xterm"}},
            "mira: Cannot reach\napi.vmira.ai.\nCheck the\nconnection.\n",
        ),
        ({"err_tty": False}, "mira: Cannot reach api.vmira.ai.\nCheck the connection.\n"),
        (
            {"err_tty": True, "env": {"TERM": "dumb"}},
            "mira: Cannot reach api.vmira.ai.\nCheck the connection.\n",
        ),
    ],
)
def test_a_line_is_folded_on_a_narrow_terminal_alone(facts, shown):
    streams = buffers(err_size=lambda: (18, 24), **facts)
    streams.error("Cannot reach api.vmira.ai.", "Check the connection.")
    assert err(streams) == shown


@pytest.mark.parametrize(
    ("facts", "theme", "shown"),
    [
        ({"err_tty": True}, "auto", "\x1b[35m› a\n  b^[\x1b[0m\n\n"),
        ({"err_tty": True}, "light", "\x1b[38;5;89m› a\n  b^[\x1b[0m\n\n"),
        ({"err_tty": True}, "dark", "\x1b[38;5;212m› a\n  b^[\x1b[0m\n\n"),
        ({"err_tty": True}, "monokai", "\x1b[35m› a\n  b^[\x1b[0m\n\n"),
        (
            {"err_tty": True, "env": {"TERM": "xterm", "NO_COLOR": "1"}},
            "auto",
            "› \x1b[1ma\n  b^[\x1b[0m\n\n",
        ),
        ({"err_tty": True, "env": {"TERM": "dumb"}}, "auto", "> a\n  b^[\n"),
        ({}, "auto", "› a\n  b^[\n"),
    ],
)
def test_a_question_stands_out_and_has_an_empty_row_below(facts, theme, shown):
    streams = buffers(**facts)
    streams.question("a\nb\x1b", theme)
    streams.empty_row()
    assert err(streams) == shown


@pytest.mark.parametrize("term", ["", "unknown", "dumb", None])
def test_a_terminal_that_does_not_say_what_it_is_gets_no_escape(term):
    env = {} if term is None else {"TERM": term}
    streams = buffers(out_tty=True, err_tty=True, env=env)
    streams.note("note")
    streams.status("waiting")
    streams.error("a", "b")
    assert streams.plain
    assert b"\x1b" not in streams.stderr.sink.getvalue()
    assert not buffers(env=env).plain or term == "dumb"
