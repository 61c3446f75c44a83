"""Code, line by line: the colours of a whole lex, state carried, comments held until they end."""

from __future__ import annotations

from copy import copy

import pytest
from pygments.lexers import get_lexer_by_name
from rich.text import Text

from mira_cli.terminal.markdown.code import LONGEST_COLOURED, LONGEST_HELD, Code
from mira_cli.terminal.markdown.grammar import Grammar
from mira_cli.terminal.markdown.inline import InlineDrawer
from mira_cli.terminal.markdown.look import Look
from mira_cli.terminal.markdown.painter import to_ansi

SOURCES = {
    "python": 'def f(a):\n    """Doc\n    goes on.\n    """\n    return f"{a!r}"  # why\n\nclass A(B):\n    x = 1\n',
    "c": '/* one\n   two */ int x = 1; // three\nchar *s = "a\\n";\n#define A 1\n',
    "js": "const a = `x ${b} y`;\n/* one\n two\n */\nfunction f() { return /re/.test(a); }\n",
    "rust": '/* a\n b */ fn main() { let s = "x"; }\n',
    "html": "<!-- a\n b -->\n<p class='x'>text</p>\n",
    "sql": "select * -- all\nfrom t where a = 'b';\n",
    "bash": 'for i in *; do echo "$i"; done\nls /*\n',
    "go": "func main() {\n\t/* a\n\tb */\n\tfmt.Println(`raw\nstring`)\n}\n",
    "css": "/* a\n b */\n.x { color: red; }\n",
    "haskell": '{- a\n b -}\nmain = putStrLn "x"\n',
    "yaml": "key: value\nlist:\n  - a\n",
    "json": '{\n  "a": [1, true]\n}\n',
    "diff": "--- a\n+++ b\n-old\n+new\n",
}  # fmt: skip
EXACT = set(SOURCES) - {"yaml", "go"}  # YAML's lexer cannot be resumed; a raw string of Go is one token


@pytest.fixture
def look():
    return Look(color=True)


def code(language, look):
    """An empty block of code."""
    grammar = Grammar()
    return Code(grammar.blocks(f"```{language}\n```\n")[0], InlineDrawer(grammar, look), ())


def lines_of(block, source):
    out = []
    for line in source.splitlines():
        out += block.feed(line)
    return out + block.flush()


@pytest.mark.parametrize("language", SOURCES)
def test_no_character_is_lost(look, language):
    shown = lines_of(code(language, look), SOURCES[language])
    assert [line.plain for line in shown] == SOURCES[language].splitlines()


@pytest.mark.parametrize("language", sorted(EXACT))
def test_colours_are_those_of_the_whole(look, language):
    def spread(line):
        chars = line.divide(range(1, len(line)))
        return [to_ansi(char) for char in chars if char.plain.strip()]

    whole = Text()
    for _, kind, text in get_lexer_by_name(language).get_tokens_unprocessed(SOURCES[language]):
        whole.append(text, look.code((), kind))
    shown = lines_of(code(language, look), SOURCES[language])
    wanted = spread(whole)
    if language == "bash":
        wanted = [char if len(char) > 1 else f"\x1b[36m{char}\x1b[0m" for char in wanted]
    assert [char for line in shown for char in spread(line)] == wanted


def test_a_comment_is_held_until_it_ends(look):
    block = code("c", look)
    assert block.feed("/* one") == []
    assert block.feed("two") == []
    assert len(block.feed("three */ int x;")) == 3


def test_a_comment_that_does_not_end_is_let_go(look):
    block = code("c", look)
    given = [len(block.feed(line)) for line in ["/*"] + ["x"] * (LONGEST_HELD - 1)]
    assert sum(given) == given[-1] == LONGEST_HELD


def test_a_pattern_of_the_shell_is_no_comment(look):
    assert len(code("bash", look).feed("ls /*")) == 1


def test_a_state_is_carried_over_lines(look):
    block = code("python", look)
    block.feed('x = """')
    [line] = block.feed("inside")
    assert to_ansi(line) == "\x1b[32minside\x1b[0m"


def test_a_copy_goes_its_own_way(look):
    block = code("python", look)
    twin = copy(block)
    twin.feed('"""')
    assert "\x1b[32m" not in to_ansi(block.feed("x = 1")[0])


@pytest.mark.parametrize("language", ["", "no-such-language", "text"])
def test_without_a_lexer_lines_have_the_colour_of_code(look, language):
    lines = lines_of(code(language, look), "a\nb\n")
    assert list(map(to_ansi, lines)) == ["\x1b[36ma\x1b[0m", "\x1b[36mb\x1b[0m"]


def test_what_has_no_colour_of_its_own_in_a_shell_has_that_of_code(look):
    [line] = code("sh", look).feed("pip install 'x'")
    assert to_ansi(line) == "\x1b[36mpip install \x1b[0m\x1b[32m'x'\x1b[0m"
    for theme in ("light", "dark", "monokai"):
        [line] = code("sh", Look(color=True, theme=theme)).feed("pip install 'x'")
        assert to_ansi(line).startswith("\x1b[36mpip")
    [line] = code("python", look).feed("pip = 1")
    assert to_ansi(line).startswith("pip = ")


def test_a_very_long_line_is_not_coloured(look):
    line = "x = 1;" * LONGEST_COLOURED
    [row] = code("python", look).feed(line)
    assert to_ansi(row) == f"\x1b[36m{line}\x1b[0m"


def drawn(text, look):
    grammar = Grammar()
    block = grammar.blocks(text)[0]
    inline = InlineDrawer(grammar, look)
    leaf = Code(block, inline, ())
    return [*leaf.add(block, 20, inline.lines), *leaf.finish(20)]


def rows_of(lines, look, fence="```"):
    text = "\n".join([fence, *lines]) if fence else "\n".join(f"    {line}" for line in lines)
    return [row.plain for row in drawn(text + "\n", look)]


def test_blank_lines_at_the_end_are_left_out(look):
    assert rows_of(["a", "", "b", "", "  "], look) == ["a", "", "b"]
    assert rows_of([], look) == []


def test_tabs_are_spaces_and_a_long_line_is_one_row_without_padding(look):
    assert rows_of(["\ta", "x" * 30, "y  "], look) == ["    a", "x" * 30, "y"]


@pytest.mark.parametrize(
    ("fence", "first", "last"),
    [
        ("```py", "```py", "```"),
        ("~~~~ a\tb", "~~~~ a  b", "~~~~"),
        ("", "```", "```"),
    ],
)
def test_where_there_are_no_colours_the_fences_are_shown(fence, first, last):
    assert rows_of(["a"], Look(color=False), fence=fence) == [first, "a", last]
    assert not fence or rows_of([], Look(color=False), fence=fence) == [first, last]


@pytest.mark.parametrize("theme", ["auto", "light", "dark", "monokai"])
def test_no_theme_brings_a_background(theme):
    for row in drawn("```python\ndef f(x): return 'x'  # y\n", Look(color=True, theme=theme)):
        assert "48;" not in to_ansi(row)
