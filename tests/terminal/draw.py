"""Draws a file as a reply that arrives, on the terminal at standard output: FILE, CHARACTERS a piece, SECONDS between.

With a fourth argument it stops there, makes FILE.waits, and goes on when FILE.goes is made. Ctrl-C cuts the reply.
"""

import os
import sys
import time
from pathlib import Path

from mira_cli.terminal.markdown.drawing import Drawing
from mira_cli.terminal.markdown.look import Look


def main(name, size, pause, stop_at=None):
    text = Path(name).read_text(encoding="utf-8")
    size, pause = int(size), float(pause)
    drawing = Drawing(write, lambda: tuple(os.get_terminal_size(1)), Look(color=True))
    code = 0
    try:
        for start in range(0, len(text), size):
            if stop_at is not None and start >= int(stop_at) > start - size:
                time.sleep(0.05)
                drawing.tick()
                Path(f"{name}.waits").touch()
                while not Path(f"{name}.goes").exists():
                    time.sleep(0.01)
            drawing.feed(text[start : start + size])
            time.sleep(pause)
        drawing.close()
    except KeyboardInterrupt:
        drawing.close(cut=True)
        code = 130
    write("the end\n")
    return code


def write(text):
    os.write(1, text.encode())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
