"""A drawing on a real pseudo-terminal, read through pyte and libvterm, and on tmux, which wraps rows anew when resized."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pyte
import pytest

from rig.drawing import for_pyte, render

DRAW = Path(__file__).with_name("draw.py")
SECOND_HALF = b"\xfd\xbf\xbf\xbf\xbf\xbf"  # of a wide character: -1 for none, as unterm encodes it
UNTERM_BLOCK = 1024  # bytes that unterm reads at once; it takes a character that is cut there for two
TEXTS = Path(__file__).parents[1] / "unit/terminal/markdown"


@pytest.fixture
def reply(tmp_path):
    """Write a reply into a file."""

    def make(text):
        path = tmp_path / "reply.md"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return make


@pytest.fixture
def document():
    return (TEXTS / "parts.md").read_text(encoding="utf-8").replace("%%%%\n", "").rstrip("\n")


@pytest.fixture
def examples():
    """CommonMark's, without those that define links: a stream cannot know what is defined later."""
    examples = json.loads((TEXTS / "commonmark.json").read_text(encoding="utf-8"))
    return [example for example in examples if not re.search(r"\[[^\]]+\]:", example)]


def screen_of(output, columns, lines):
    screen = pyte.HistoryScreen(columns, lines, history=10_000, ratio=0.5)
    pyte.Stream(screen).feed(for_pyte(output))
    return screen


def rows_of(screen):
    rows = [*screen.history.top, *(screen.buffer[line] for line in range(screen.lines))]
    texts = ["".join(row[column].data for column in range(screen.columns)).rstrip() for row in rows]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def wait_until(happened):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if happened():
            return
        time.sleep(0.02)
    raise AssertionError


def start(path, *arguments, columns=80, lines=24):
    return pexpect.spawn(
        sys.executable,
        [str(DRAW), path, *map(str, arguments)],
        dimensions=(lines, columns),
        encoding="utf-8",
        echo=False,
        timeout=60,
    )


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 12), (20, 4)])
def test_a_reply_ends_as_its_one_shot_render(reply, document, columns, lines):
    child = start(reply(document), 7, 0.0005, columns=columns, lines=lines)
    output = child.read()
    child.close()
    assert child.exitstatus == 0
    shown = rows_of(screen_of(output, columns, lines))
    wanted = screen_of(render(document, columns).replace("\n", "\r\n"), columns, lines)
    assert shown == [*rows_of(wanted), "the end"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("words\n\nsome **bold wo", ["words", "", "some bold wo", "the end"]),
        ("```py\nx = 1\ny", ["x = 1", "y", "the end"]),
        ("| a | b |\n|---|---|\n| c | d |\n", ["a  b", "────", "c  d", "the end"]),
        ("- one\n- two", [" • one", " • two", "the end"]),
    ],
)
def test_ctrl_c_keeps_what_came_and_leaves_a_fresh_row(reply, text, wanted):
    path = reply(text + " never seen" * 3)
    child = start(path, 1, 0.001, len(text))
    wait_until(Path(f"{path}.waits").exists)
    child.sendintr()
    output = child.read()
    child.close()
    assert child.exitstatus == 130
    screen = screen_of(output, 80, 24)
    assert rows_of(screen) == wanted
    assert not screen.cursor.hidden
    assert screen.cursor.attrs == screen.default_char
    assert output.count("\x1b[?7l") == output.count("\x1b[?7h")


def rows_of_libvterm(output, columns, lines, path):
    """The rows on libvterm, the terminal of Vim, Neovim and Emacs, and those that have scrolled off it."""
    data = bytearray()
    for char in output:
        left = -len(data) % UNTERM_BLOCK
        data += bytes(left if left < len(char.encode()) else 0) + char.encode()
    path.write_bytes(data)
    done = subprocess.run(
        ["unterm", "-c", str(columns), "-l", str(lines), path], check=True, capture_output=True
    )
    text = done.stdout.replace(SECOND_HALF, b"").decode()
    return [row.rstrip() for row in text.rstrip().split("\n")]


@pytest.mark.needs("unterm")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 12), (20, 4), (200, 60)])
def test_a_reply_ends_as_its_one_shot_render_on_another_emulator(
    reply, document, examples, tmp_path, seed, columns, lines
):
    text = "\n\n".join([document, *random.Random(seed).sample(examples, 25)])
    child = start(reply(text), 7 + seed, 0, columns=columns, lines=lines)
    output = child.read()
    whole = render(text, columns).replace("\n", "\r\n") + "the end\r\n"
    path = tmp_path / "output"
    shown, wanted = (rows_of_libvterm(each, columns, lines, path) for each in (output, whole))
    assert shown == wanted


class Tmux:
    """A tmux server of its own with one window."""

    def __init__(self, folder, columns, lines):
        self._socket = str(folder / "tmux")
        self.run("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(lines), "sleep 600")
        self.run("set", "-g", "history-limit", "5000")
        self.run("set", "-g", "remain-on-exit", "on")

    def run(self, *arguments):
        done = subprocess.run(["tmux", "-S", self._socket, *arguments], check=True, capture_output=True)
        return done.stdout.decode()

    def rows(self):
        return [row.rstrip() for row in self.run("capture-pane", "-p", "-S", "-").splitlines()]

    def shows(self, text):
        return any(text in row for row in self.rows())


@pytest.fixture
def tmux(tmp_path):
    server = Tmux(tmp_path, 60, 20)
    yield server
    server.run("kill-server")


def draw_and_resize(tmux, path, stop, columns, lines):
    """Draw up to `stop`, change the size, draw the rest; the rows on the screen and above it."""
    tmux.run("respawn-window", "-k", f"{sys.executable} {DRAW} {path} {stop} 0.1 {stop}")
    wait_until(Path(f"{path}.waits").exists)
    wait_until(lambda: tmux.shows("row at"))
    tmux.run("resize-window", "-x", str(columns), "-y", str(lines))
    wait_until(
        lambda: tmux.run("display", "-p", "#{pane_width}x#{pane_height}").strip() == f"{columns}x{lines}"
    )
    Path(f"{path}.goes").touch()
    wait_until(lambda: tmux.shows("the end"))
    return tmux.rows()


@pytest.mark.needs("tmux")
@pytest.mark.parametrize(("columns", "lines"), [(30, 20), (40, 12), (90, 20)])
def test_resizing_in_mid_reply_leaves_no_debris_and_what_is_certain_stays(tmux, reply, columns, lines):
    certain = "".join(f"Paragraph {number} is certain.\n\n" for number in range(30))
    open_start = "The open paragraph has enough words to be wrapped into more than one row at"
    text = f"{certain}{open_start} any width of the screen, and ends with the last word."
    shown = draw_and_resize(tmux, reply(text), len(certain + open_start), columns, lines)
    for number in range(30):
        assert shown.count(f"Paragraph {number} is certain.") == 1
    tail = " ".join(shown[shown.index("Paragraph 29 is certain.") + 1 : shown.index("the end")])
    assert re.sub(r"\s+", " ", tail).strip() == text[len(certain) :]


@pytest.mark.needs("tmux")
def test_resizing_leaves_no_debris_where_the_open_rows_begin_the_screen(tmux, reply):
    start = "Certain.\n\nThe open paragraph has enough words to be wrapped into more than one row at"
    shown = draw_and_resize(tmux, reply(f"{start} any width."), len(start), 30, 20)
    assert shown[: shown.index("the end")] == [
        "Certain.",
        "",
        "The open paragraph has enough",
        "words to be wrapped into more",
        "than one row at any width.",
    ]


SHELL = "printf '%s|' first --and-a-long-option='some words that go on' \\\n  second-line-of-the-command third fourth fifth-word"
PROGRAM = (
    "import sys; words = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']; print(len(words))\n"
    "if words:\n    for word in words[:2]:\n        print(word.upper(), file=sys.stdout)  # a comment that is long"
)
HEREDOC = (
    "cat <<'EOF' | tr a-z A-Z\nsome text in a document that is longer than the sixty columns of the pane\nEOF"
)


def copied(tmux, reply, language, code):
    """The code of a reply as it is copied from the pane, lines joined that the terminal has wrapped."""
    path = reply(f"Before.\n\n```{language}\n{code}\n```\n\nAfter.\n")
    tmux.run("respawn-window", "-k", f"{sys.executable} {DRAW} {path} 7 0")
    wait_until(lambda: tmux.shows("the end"))
    rows = tmux.run("capture-pane", "-p", "-J", "-S", "-").splitlines()
    start, end = (
        next(at for at, row in enumerate(rows) if row.strip() == word) for word in ("Before.", "After.")
    )
    return "\n".join(row.rstrip() for row in rows[start + 2 : end - 1])


@pytest.mark.needs("tmux", "bash")
@pytest.mark.parametrize(
    ("language", "program", "code"),
    [("bash", "bash", SHELL), ("", "bash", HEREDOC), ("python", sys.executable, PROGRAM)],
)
def test_code_that_is_copied_from_the_screen_runs(tmux, reply, language, program, code):
    found = copied(tmux, reply, language, code)
    assert found == code
    ran, wanted = (
        subprocess.run([program], input=text, capture_output=True, text=True, check=True)
        for text in (found, code)
    )
    assert ran.stdout == wanted.stdout != ""


@pytest.mark.needs("tmux")
@pytest.mark.parametrize(("columns", "lines"), [(30, 20), (90, 20)])
def test_resizing_with_long_lines_of_code_above_and_in_the_preview(tmux, reply, columns, lines):
    above = "x = 'a line of code that is certain, and longer than the sixty columns of the pane'"
    start = "y = 'an open line of code, longer than the sixty columns of the pane as well, and a row at"
    text = f"Before.\n\n```python\n{above}\n{start} its end'\n```\n\nAfter."
    shown = draw_and_resize(tmux, reply(text), text.index(start) + len(start), columns, lines)
    joined = "".join(shown[shown.index("Before.") + 1 : shown.index("After.")])
    assert joined.replace(" ", "") == f"{above}{start} its end'".replace(" ", "")
    whole = tmux.run("capture-pane", "-p", "-J", "-S", "-").splitlines()
    assert above in [row.rstrip() for row in whole]
    assert f"{start} its end'" in [row.rstrip() for row in whole]
