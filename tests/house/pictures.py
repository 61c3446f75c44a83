"""Takes the pictures of README.md: what a terminal shows in a real run against the simulator, as SVG.

    python tests/house/pictures.py [--check]

With --check it only says which picture is stale. Times differ from run to run, so each is shown as 0.3 s.
"""

import os
import re
import sys
import tempfile
from html import escape
from itertools import groupby
from pathlib import Path

import pexpect
import pyte

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "pictures"
COLUMNS = 88
CELL, LINE, MARGIN, FONT = 8.4, 19, 16, 14
BACKGROUND, FOREGROUND = "#161b22", "#d7dde4"
PALETTE = {
    "black": "#484f58",
    "red": "#ff7b72",
    "green": "#7ee787",
    "brown": "#e3b341",
    "blue": "#79c0ff",
    "magenta": "#d2a8ff",
    "cyan": "#76e3ea",
    "white": "#d7dde4",
    "brightblack": "#8b949e",
    "brightred": "#ffa198",
    "brightgreen": "#a5f0ad",
    "brightbrown": "#f2cc60",
    "brightblue": "#a5d6ff",
    "brightmagenta": "#e2c5ff",
    "brightcyan": "#b3f0ff",
    "brightwhite": "#ffffff",
}
_SGR = re.compile(r"\x1b\[([\d;]*)m")
_TIME = re.compile(r"\d+\.\d s\b")


class Terminal:
    """A pty with a program on it, and the screen that a person would see."""

    def __init__(self, command, rows, home):
        env = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        env |= {"HOME": str(home), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "MIRA_THEME": "dark"}
        env["PATH"] = f"{Path(sys.executable).parent}:{env['PATH']}"
        self.child = pexpect.spawn(
            command[0], command[1:], env=env, dimensions=(rows, COLUMNS), encoding="utf-8", timeout=60
        )
        self.screen = pyte.Screen(COLUMNS, rows)
        self.screen.write_process_input = self.child.send  # what a terminal answers when it is asked
        self.stream = pyte.Stream(self.screen)

    def type(self, text):
        """Type, as a person would."""
        self.child.send(text)

    def until(self, pattern, quiet=0.7):
        """Read until the screen shows the pattern and nothing more comes."""
        seen = False
        while True:
            try:
                self.stream.feed(_without_dim(self.child.read_nonblocking(65536, quiet if seen else 60)))
            except pexpect.TIMEOUT:
                if seen:
                    return
                raise
            except pexpect.EOF:
                return
            seen = seen or re.search(pattern, "\n".join(self.screen.display)) is not None


def _without_dim(text):
    """Dim as grey, since the emulator knows no dim."""

    def grey(found):
        codes = found[1].split(";")
        if "2" in codes and not {"38", "48"} & set(codes):
            codes = ["90" if code == "2" else code for code in codes]
        return f"\x1b[{';'.join(codes)}m"

    return _SGR.sub(grey, text)


def reply(home):
    """A reply, drawn as Markdown."""
    terminal = Terminal(["mira", "simulate", "--", "mira", "ask", "What is machine learning?"], 56, home)
    terminal.until(r" out · ")
    return svg(terminal.screen, '$ mira ask "What is machine learning?"')


def chat(home):
    """A chat of two turns, the prompt waiting for the third."""
    terminal = Terminal(["mira", "simulate", "--", "mira", "chat"], 34, home)
    terminal.until("Ask anything")
    terminal.type("Hello, Mira!\r")
    terminal.until(r" out · ")
    terminal.type("Write a function in python\r")
    terminal.until(r"(?s) out · .* out · ")
    terminal.type("/set temperature 0.2\r")
    terminal.until(r"(?s)temperature: 0\.2 *\n *\n *› *\n.* 4 messages ")
    return svg(terminal.screen, "$ mira chat")


def svg(screen, typed):
    """The screen as a picture, with the line that led to it on top, up to its last line that holds anything."""
    rows = [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]
    while not "".join(cell.data for cell in rows[-1]).strip():
        rows.pop()
    width, height = COLUMNS * CELL + 2 * MARGIN, (len(rows) + 1) * LINE + 2 * MARGIN
    lines = [_text(0, 0, typed, FOREGROUND, ' font-weight="bold"')]
    lines += [piece for y, row in enumerate(rows, 1) for piece in _row(row, y)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="{FONT}">\n'
        f"<title>{escape(typed)}</title>\n"
        f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>\n' + "\n".join(lines) + "\n</svg>\n"
    )


def _row(row, y):
    """The pieces of one row, each of one look."""
    text = "".join(cell.data or " " for cell in row)
    if len(text) == len(row):
        changed = _TIME.sub("0.3 s", text).ljust(len(row))[: len(row)]
        row = [cell._replace(data=data) for cell, data in zip(row, changed, strict=True)]
    x = 0
    for look, cells in groupby(row, key=lambda cell: cell._replace(data="")):
        piece = list(cells)
        text = "".join(cell.data for cell in piece)
        colour, ground = _colour(look.fg, FOREGROUND), _colour(look.bg, None)
        if look.reverse:
            colour, ground = ground or BACKGROUND, colour
        if ground:
            yield (
                f'<rect x="{MARGIN + x * CELL:g}" y="{MARGIN + y * LINE:g}" '
                f'width="{len(piece) * CELL:g}" height="{LINE}" fill="{ground}"/>'
            )
        if text.strip():
            start = len(text) - len(text.lstrip())
            yield _text(x + start, y, text.strip(), colour, _attributes(look))
        x += len(piece)


def _text(x, y, text, colour, attributes):
    return (
        f'<text x="{MARGIN + x * CELL:g}" y="{MARGIN + y * LINE + FONT:g}" textLength="{len(text) * CELL:g}" '
        f'fill="{colour}" xml:space="preserve"{attributes}>{escape(text)}</text>'
    )


def _attributes(look):
    lines = " ".join(
        name
        for name, is_on in (("underline", look.underscore), ("line-through", look.strikethrough))
        if is_on
    )
    weight = ' font-weight="bold"' if look.bold else ""
    style = ' font-style="italic"' if look.italics else ""
    return weight + style + (f' text-decoration="{lines}"' if lines else "")


def _colour(name, default):
    if name == "default":
        return default
    return PALETTE.get(name, f"#{name}")


def main():
    """Write the pictures, or name those that are stale."""
    stale = 0
    for take in (reply, chat):
        path = FOLDER / f"{take.__name__}.svg"
        with tempfile.TemporaryDirectory() as home:
            picture = take(home)
        if "--check" not in sys.argv[1:]:
            FOLDER.mkdir(parents=True, exist_ok=True)
            path.write_text(picture, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != picture:
            print(f"{path.relative_to(ROOT)} is stale; run: python tests/house/pictures.py")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
