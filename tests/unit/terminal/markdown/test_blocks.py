"""The look of blocks, one empty row between them; where an open paragraph is cut, and the source that stays."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mira_cli.terminal.markdown.blocks import certain, cut_source
from mira_cli.terminal.markdown.grammar import HOLD, Grammar
from mira_cli.terminal.markdown.inline import InlineDrawer
from mira_cli.terminal.markdown.look import Look

LINE = "─" * 80


def texts(rows):
    return [row.plain for row in rows]


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        (
            "# One\n## Two *em*\nSetext\n======\n### `three`\n",
            ["One", "", "Two em", "", "Setext", "", "three"],
        ),
        ("a\n\n\n\nb\n\n***\n\n\nc", ["a", "", "b", "", LINE, "", "c"]),
        ("***\n- a", [LINE, "", " • a"]),
        ("***\n\n> a", [LINE, "", "▌ a"]),
        ("a\n> ***", ["a", "", "▌ " + "─" * 78]),
        ("before\n```\ncode\n\n  more\n```\nafter\n", ["before", "", "code", "", "  more", "", "after"]),
        ("a\n\n    indented\n\nb", ["a", "", "indented", "", "b"]),
        ("```\n```\na", ["a"]),
        ("a\n\n# \n\nb", ["a", "", "b"]),
        ("| a |\n|---|\n| b |\n\nc", ["a", "─", "b", "", "c"]),
        ("a  \nb\\\nc\n", ["a", "b", "c"]),
        ("<div>\n  <b>x</b>\n\ntext", ["<div>", "  <b>x</b>", "", "text"]),
        ("a <b>c</b>", ["a <b>c</b>"]),
        ("see ![a](b) now", ["see 🌆 a (b) now"]),
        ("<http://x.example>", ["http://x.example"]),
        ("a\tb", ["a b"]),
    ],
)
def test_each_kind_of_block_has_its_look(whole, source, rows):
    assert texts(whole(source)) == rows


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ("9. a\n10. b\n", [" 9. a", " 10. b"]),
        ("3. a\n3. b\n", [" 3. a", " 4. b"]),
        ("1) a\n2) b", [" 1) a", " 2) b"]),
        ("- one\n- two\n  - inner\n- three", [" • one", " • two", "    • inner", " • three"]),
        ("- one\n\n- two\n\n- three", [" • one", " • two", " • three"]),
        ("- one\n\n  second\n- two", [" • one", "", "   second", "", " • two"]),
        (
            "1. Install:\n\n   ```sh\n   pip\n   ```\n\n2. Run:\n   - a\n3. b",
            [" 1. Install:", "", "    pip", "", " 2. Run:", "     • a", " 3. b"],
        ),
        ("- ```\n  a\n  ```\n- b", [" • a", "", " • b"]),
        ("- a\n  - b\n\n    c\n- d", [" • a", "    • b", "", "      c", "", " • d"]),
        ("-\n- a", [" •", " • a"]),
        ("- #\n- a", [" •", " • a"]),
        ("- a\n\n+ b", [" • a", "", " • b"]),
        ("> a quote\n> goes on\n>\n> next\n>\n> - with a list\n", ["▌ a quote goes on", "▌", "▌ next", "▌", "▌  • with a list"]),
        ("> a\n\nb\n\n> c", ["▌ a", "", "b", "", "▌ c"]),
        ("> \n\na", ["▌", "", "a"]),
        ("- a\n\n  > b\n\n  c", [" • a", "", "   ▌ b", "", "   c"]),
    ],
)  # fmt: skip
def test_lists_and_quotes(whole, source, rows):
    assert texts(whole(source)) == rows


def test_a_long_line_of_code_is_one_row_with_its_gutter(whole):
    long = "x" * 50 + " " + "y" * 50
    assert texts(whole(f"```\n{long}\n```", 40)) == [long]
    assert texts(whole(f"1. ```\n   {long}\n   ```\n\n> ```\n> {long}", 40)) == [
        f" 1. {long}",
        "",
        f"▌ {long}",
    ]


def test_a_long_address_is_one_row(whole):
    address = "https://example.com/" + "path/" * 20
    assert texts(whole(f"see {address} for more words", 40)) == ["see", address, "for more words"]
    assert texts(whole(f"- {address}", 40)) == [f" • {address}"]


def test_there_are_never_two_empty_rows_but_in_code(whole, documents):
    for document in documents:
        rows = texts(whole(document.replace("```", "`` ` ``")))
        assert rows[0]
        assert rows[-1]
        assert all(first.strip("▌ ") or second.strip("▌ ") for first, second in pairwise(rows))


@pytest.mark.parametrize(
    "info", ["py", "Python", 'py title="x"', "{.py}", "{ .py .numberLines }", "py,ignore", "py{1,3}"]
)
def test_the_language_of_code_is_found(whole, info):
    assert whole(f"```{info}\nimport x\n```") == whole("```py\nimport x\n```")
    assert whole(f"```{info}\nimport x\n```") != whole("```\nimport x\n```")


@pytest.fixture
def drawer():
    return InlineDrawer(Grammar(), Look(color=False))


def cut(text, drawer, *, partial=True):
    found = certain(text, drawer, (), partial=partial)
    return None if found is None else text[: found[0]]


def test_a_long_line_is_cut_before_its_last_word(drawer):
    text = "word " * 300 + "last"
    assert cut(text, drawer) == "word " * 300


def test_a_line_that_may_be_a_header_is_left_whole(drawer):
    text = "x" * (HOLD + 1) + "\nsome words"
    assert cut(text, drawer) == "x" * (HOLD + 1) + "\n"
    assert cut(text, drawer, partial=False) == "x" * (HOLD + 1) + "\nsome "
    assert cut(text + " | more", drawer, partial=False) == "x" * (HOLD + 1) + "\n"


def test_markup_that_is_open_is_not_cut(drawer):
    text = "word " * 200 + "**bold " + "word " * 20
    assert "**" not in cut(text, drawer)
    assert cut("**" + "word " * 300, drawer) is None


@pytest.mark.parametrize("open_end", range(1, 40, 3))
def test_a_text_of_many_links_is_cut_before_the_last_one(drawer, open_end):
    link = "[some words](http://example.com/page.html) "
    text = link * 30
    assert cut(text + link[:open_end], drawer) == text


def test_a_hard_break_is_not_torn(drawer):
    assert cut("x " * 500 + "y  \nz", drawer, partial=False) in {"x " * 500, "x " * 500 + "y  \n"}


def test_a_word_without_end_is_cut_between_letters(drawer):
    assert len(cut("x" * 5000, drawer)) > 4000
    assert cut("-" * 5000, drawer) is None


@pytest.mark.parametrize(
    ("lines", "length", "kept", "following"),
    [
        (["one two three"], 4, "x two three", 1),
        (["- one two", "three"], 4, "- x two", 1),
        (["> one two", "> three four"], 8, "> x", 1),
        (["> one two", "> three four  "], 14, "> x four  ", 2),
    ],
)
def test_the_source_that_stays(lines, length, kept, following):
    block = Grammar().blocks("\n".join(lines) + "\n")[0]
    while block.kind != "paragraph":
        block = block.children[0]
    assert cut_source(block, lines, length) == (following, kept)
