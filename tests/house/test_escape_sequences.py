"""Escape sequences are written by rich; by hand only where a terminal is driven or a foreign text is read."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "mira_cli"
BY_HAND = {
    "terminal/markdown/painter.py",  # moves the cursor over the open rows
    "terminal/prompt/keyboard.py",  # modes of the terminal, and keys as they arrive
    "terminal/prompt/keys.py",  # the same
    "terminal/reading.py",  # takes them out of piped text
    "session/chat/clipboard.py",  # OSC 52
}


def with_escapes(path):
    """Whether a file has a string constant with an escape character, docstrings included."""
    constants = (
        node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)
    )
    return any(
        "\x1b" in text if isinstance(text, str) else isinstance(text, bytes) and b"\x1b" in text
        for text in constants
    )


def test_no_other_file_writes_them():
    found = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if with_escapes(path)}
    assert {name for name in found if not name.startswith("simulator/")} <= BY_HAND
    assert "terminal/markdown/painter.py" in found
