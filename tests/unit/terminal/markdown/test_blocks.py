"""The look: rich's own, row by row, but for what is different on purpose."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.markdown import Markdown

from mira_cli.terminal.markdown.drawing import render
from mira_cli.terminal.markdown.rows import row_text

SAME = {
    "headings": "# One\n\n## Two *em*\n\nSetext\n======\n\n### `three`\n",
    "paragraphs": "Some **bold** words, [a link](http://x.example) and `code` that wrap over the rows.\n\nNext.\n",
    "bullets": "- one\n- two with more words than fit into one row\n  - inner\n\n  second paragraph\n* other\n",
    "numbers": "1. one\n2. two\n   - inner\n\nafter\n",
    "quotes": "> a quote that is longer than one row\n> and goes on\n>\n> - with a list\n\nafter\n",
    "code": "before\n\n```\nsome code\n\n  more\n```\n\n    indented\n\nafter\n",
    "rules": "a\n\n---\n\nb\n\n***\n",
    "table": "| a | b |\n|---|:-:|\n| c | wide cell |\n",
    "breaks": "a  \nb\\\nc\n",
}


@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize("width", [30, 80])
def test_as_rich_draws_it(name, width):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(Markdown(SAME[name], hyperlinks=False))
    wanted = [line.rstrip() for line in console.file.getvalue().splitlines()]
    shown = [strip(line).rstrip() for line in render(SAME[name], width, color=False).splitlines()]
    if len(wanted) > len(shown):
        assert wanted.pop(0) == ""  # rich leaves a row free above a list or a table, even at the top
    assert shown == wanted


def strip(line):
    parts = line.split("\x1b[")
    return parts[0] + "".join(part.partition("m")[2] for part in parts[1:])


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ("9. a\n10. b\n", [" 9 a", " 10 b"]),
        ("3. a\n3. b\n", [" 3 a", " 4 b"]),
        ("see ![a](b) now", ["see 🌆 a (b) now"]),
        ("<div>\n  <b>x</b>\n\ntext", ["<div>", "  <b>x</b>", "", "text"]),
        ("a <b>c</b>", ["a <b>c</b>"]),
        ("-\n- a", [" •", " • a"]),
        ("<http://x.example>", ["http://x.example"]),
        ("> \n\na", ["▌", "", "a"]),
        ("```\n```", ["", ""]),
        ("***\n- a", ["-" * 80, "", " • a"]),
        ("***\n\n> a", ["-" * 80, "", "▌ a"]),
        ("a\n> ***", ["a", "", f"▌ {'-' * 76}", "▌"]),
        ("a\tb", ["a b"]),
        ("| a |\n|---|\n| " + "x" * 100, ["", " a", " " + "─" * 78, " " + "x" * 78, " " + "x" * 22, ""]),
    ],
)
def test_different_on_purpose(whole, source, rows):
    assert [row_text(row) for row in whole(source)] == rows


@pytest.mark.parametrize(
    "info", ["py", "Python", 'py title="x"', "{.py}", "{ .py .numberLines }", "py,ignore", "py{1,3}"]
)
def test_the_language_of_code_is_found(whole, info):
    assert whole(f"```{info}\nimport x\n```") == whole("```py\nimport x\n```")
    assert whole(f"```{info}\nimport x\n```") != whole("```\nimport x\n```")
