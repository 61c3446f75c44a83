"""A whole reply drawn at once, what a stream is compared with; and text as pyte can take it."""

import unicodedata

from wcwidth import wcwidth

from mira_cli.terminal.markdown.engine import Engine
from mira_cli.terminal.markdown.look import Look
from mira_cli.terminal.markdown.painter import as_lines


def render(text, width, color=True, theme="auto", shown=str):
    """The rows of a text that knows all its link definitions, each ended by a newline."""
    engine = Engine(Look(color=color, theme=theme, shown=shown))
    engine.define(text)
    engine.feed(text)
    return as_lines(engine.close(width))


def for_pyte(text):
    """pyte throws away what follows a character of no width, unless it is a combining mark."""
    return "".join(char for char in text if char < "\u0300" or wcwidth(char) or unicodedata.combining(char))
