"""The token line."""

import subprocess
import sys

import pytest

from mira_cli.conversation.reply import Usage
from mira_cli.terminal.result import Result, usage_line


@pytest.mark.parametrize(
    ("usage", "elapsed", "line"),
    [
        (Usage(1204, 312, 1516), 2.4, "1,204 in · 312 out · 2.4 s"),
        (Usage(7, 3, 10, estimated=True), 0.04, "~7 in · ~3 out · 0.0 s"),
        (Usage(0, 0, 0), 1234.5, "0 in · 0 out · 1,234 s"),
    ],
)
def test_the_usage_line(usage, elapsed, line):
    assert usage_line(usage, elapsed) == line


def test_the_server_cannot_echo_the_key_in_a_field():
    key = "sk-mira-0123456789abcdef0123456789abcdef01234567"
    values = Result("text", key, key, Usage(1, 2, 3), id=key).as_json()
    assert {values[name] for name in ("model", "finish_reason", "id")} == {"sk-mira-01234567…"}


def test_a_pipe_needs_no_rich():
    program = (
        "import sys, os; from mira_cli.terminal.streams import Streams; "
        "from mira_cli.terminal.result import usage_line; from mira_cli.terminal.writers import PlainWriter; "
        "from mira_cli.terminal.reading import read_stdin; from mira_cli.conversation.reply import Usage; "
        "streams = Streams.open(os.environ); text = read_stdin(streams); writer = PlainWriter(streams); "
        "writer.write(text); streams.note(usage_line(Usage(1, 2, 3), 1.0)); streams.error('a\\x1b', 'b'); "
        "print([name for name in ('rich', 'pygments', 'markdown_it', 'asyncio', 'httpx') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], input=b"text", capture_output=True, check=True)
    assert (ran.stdout, ran.stderr.decode()) == (b"text[]\n", "1 in · 2 out · 1.0 s\nmira: a^[\nb\n")
