"""Draws as many characters of Markdown as the first argument says with rich.Markdown, at once."""

import sys
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

sys.path.insert(0, str(Path(__file__).parents[1]))
from texts import text_of

Console(force_terminal=True, width=100).print(Markdown(text_of("mixed", int(sys.argv[1])), hyperlinks=False))
