"""Code, line by line: the colours of a whole lex, state carried, comments held until they end."""

from __future__ import annotations

import pytest
from pygments.lexers import get_lexer_by_name

from mira_cli.terminal.markdown.code import LONGEST_COLOURED, LONGEST_HELD, CodeState, Highlighter
from mira_cli.terminal.markdown.look import Look
from mira_cli.terminal.markdown.rows import row_text, row_width

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


def lines_of(highlighter, source):
    out = []
    for line in source.splitlines():
        out += highlighter.feed(line)
    return out + highlighter.flush()


@pytest.mark.parametrize("language", SOURCES)
def test_no_character_is_lost(look, language):
    shown = lines_of(Highlighter(language, look, ()), SOURCES[language])
    assert ["".join(text for text, _ in line) for line in shown] == SOURCES[language].splitlines()


@pytest.mark.parametrize("language", sorted(EXACT))
def test_colours_are_those_of_the_whole(look, language):
    def spread(runs):
        return [(char, style) for text, style in runs for char in text if not char.isspace()]

    tokens = get_lexer_by_name(language).get_tokens_unprocessed(SOURCES[language])
    wanted = spread((text, look.code((), kind)) for _, kind, text in tokens)
    shown = lines_of(Highlighter(language, look, ()), SOURCES[language])
    assert spread(run for line in shown for run in line) == wanted


def test_a_comment_is_held_until_it_ends(look):
    highlighter = Highlighter("c", look, ())
    assert highlighter.feed("/* one") == []
    assert highlighter.feed("two") == []
    assert len(highlighter.feed("three */ int x;")) == 3


def test_a_comment_that_does_not_end_is_let_go(look):
    highlighter = Highlighter("c", look, ())
    given = [len(highlighter.feed(line)) for line in ["/*"] + ["x"] * (LONGEST_HELD - 1)]
    assert sum(given) == given[-1] == LONGEST_HELD


def test_a_pattern_of_the_shell_is_no_comment(look):
    assert len(Highlighter("bash", look, ()).feed("ls /*")) == 1


def test_a_state_is_carried_over_lines(look):
    highlighter = Highlighter("python", look, ())
    highlighter.feed('x = """')
    [[(text, style)]] = highlighter.feed("inside")
    assert (text, style) == ("inside", "\x1b[32m")


def test_a_copy_goes_its_own_way(look):
    highlighter = Highlighter("python", look, ())
    twin = highlighter.copy()
    twin.feed('"""')
    assert highlighter.feed("x = 1")[0][0][1] != "\x1b[32m"


@pytest.mark.parametrize("language", ["", "no-such-language", "text"])
def test_without_a_lexer_lines_are_plain(look, language):
    assert lines_of(Highlighter(language, look, ()), "a\nb\n") == [[("a", "")], [("b", "")]]


def test_a_very_long_line_is_not_coloured(look):
    line = "x = 1;" * LONGEST_COLOURED
    assert Highlighter("python", look, ()).feed(line) == [[(line, "")]]


def rows_of(language, lines, look, columns=20):
    state = CodeState(language, look, ())
    return [*state.add(lines, columns), *state.finish(columns)]


def test_a_block_has_a_blank_row_above_and_below_and_none_of_its_own_at_the_end(look):
    assert [row_text(row) for row in rows_of("", ["a", "", "b", "", "  "], look)] == ["", " a", "", " b", ""]


def test_an_empty_block(look):
    assert [row_text(row) for row in rows_of("", [], look)] == ["", ""]


def test_tabs_are_spaces_and_long_lines_are_wrapped(look):
    assert [row_text(row) for row in rows_of("", ["\ta", "x" * 30], look)] == [
        "",
        "     a",
        " " + "x" * 18,
        " " + "x" * 12,
        "",
    ]


def test_a_theme_with_a_background_fills_its_rows():
    look = Look(color=True, theme="monokai")
    rows = rows_of("python", ["x = 1", ""], look)
    assert {row_width(row) for row in rows} == {20}
    assert all("48;5;" in style for row in rows for _, style in row)
