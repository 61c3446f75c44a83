"""Inline text: its styles, what is certain, how it looks while it is open."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mira_cli.terminal.markdown.grammar import Grammar
from mira_cli.terminal.markdown.inline import InlineDrawer
from mira_cli.terminal.markdown.look import Look


class Names(Look):
    """Styles that are their names."""

    def __init__(self):
        super().__init__(color=True)

    def of(self, names):
        return "+".join(names)


class Runs:
    """A drawer whose lines are runs of a text and the names of its styles."""

    def __init__(self):
        self._drawer = InlineDrawer(Grammar(), Names())

    def __getattr__(self, name):
        def draw(*args):
            lines = getattr(self._drawer, name)(*args)
            return lines if lines is None else [runs(line) for line in lines]

        return draw


def runs(line):
    cuts = sorted({0, *(at for start, end, _ in line.spans for at in (start, end)), len(line.plain)})
    found = []
    for start, end in pairwise(cuts):
        style = next((style for first, last, style in line.spans if first <= start < last), "")
        if found and found[-1][1] == style:
            found[-1] = (found[-1][0] + line.plain[start:end], style)
        else:
            found.append((line.plain[start:end], style))
    return found


@pytest.fixture
def drawer():
    return Runs()


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("plain", [[("plain", "")]]),
        ("a *b **c***", [[("a ", ""), ("b ", "em"), ("c", "em+strong")]]),
        ("*a **b *c* d** e*", [[("a ", "em"), ("b c d", "em+strong"), (" e", "em")]]),
        ("~~a~~ `b`", [[("a", "s"), (" ", ""), ("b", "code")]]),
        ("a\nb", [[("a b", "")]]),
        ("a  \nb\\\nc", [[("a", "")], [("b", "")], [("c", "")]]),
        ("[a *b*](u)", [[("a ", "link"), ("b", "link+em"), (" (", ""), ("u", "link_url"), (")", "")]]),
        ("<http://x.y>", [[("http://x.y", "link")]]),
        ("<me@x.y>", [[("me@x.y", "link")]]),
        ("![a *b*](u 't')", [[("🌆 a b (", ""), ("u", "link_url"), (")", "")]]),
        ("a<br>b<BR/>c", [[("a", "")], [("b", "")], [("c", "")]]),
        ("a <br> b<br>\nc", [[("a ", "")], [("b", "")], [("c", "")]]),
        ("<kbd>x</kbd></kbd>", [[("x", "kbd"), ("</kbd>", "html")]]),
        ("List<int> x", [[("List", ""), ("<int>", "html"), (" x", "")]]),
        ("&amp;&lt;\\*", [[("&<*", "")]]),
        ("&#x202e;&NewLine;&Tab;a", [[("<U+202E>  a", "")]]),
        ("a\tb", [[("a b", "")]]),
        ("", [[]]),
    ],
)
def test_each_markup_has_its_style(drawer, source, lines):
    assert drawer.lines(source) == lines


@pytest.mark.parametrize(
    "source",
    [
        "plain",
        "*a*",
        "`a`",
        "2 * 3",
        "snake_case",
        "a_b",
        "[x] y",
        "[a](b)",
        "<b> x",
        "x < y",
        "\\*a",
        "a** b",
        "![a](b) x",
        "~ x",
    ],
)
def test_what_no_later_text_can_change_is_certain(drawer, source):
    assert drawer.certain(source) == drawer.lines(source)


@pytest.mark.parametrize(
    "source",
    [
        "*a",
        "**a*",
        "_a",
        "`a",
        "``a`",
        "~~a",
        "[a",
        "![a",
        "[a](b",
        "[a](b 'c",
        "[a][b",
        "<b",
        "<!-- x",
        "</a",
        "a [b] [c",
        "[a]: b",
    ],
)
def test_markup_that_is_open_is_not_certain(drawer, source):
    assert drawer.certain(source) is None


@pytest.mark.parametrize(
    ("source", "same_as"),
    [
        ("a **b", "a **b**"),
        ("a **b ", "a **b**"),
        ("a **b*", "a **b**"),
        ("a **", "a"),
        ("*a **b", "*a **b***"),
        ("~~a", "~~a~~"),
        ("`a", "`a`"),
        ("``a`b", "``a`b``"),
        ("**a `b", "**a `b`**"),
        ("[text](http://x", "text"),
        ("[text]", "[text]"),
        ("see [te", "see te"),
        ("x[0", "x[0"),
        ("![alt](pic", "alt"),
        ("a\\", "a"),
        ("plain", "plain"),
        ("`f[0](x*", "`f[0](x*`"),
        ("a `", "a"),
    ],
)
def test_a_preview_closes_what_is_open(drawer, source, same_as):
    assert drawer.preview(source) == drawer.lines(same_as)


@pytest.mark.parametrize(
    ("source", "bold"),
    [
        ("这是**「强调」**后面还有字。", ["「强调」"]),
        ("这是**「强调」**后面，**注意：**请看", ["「强调」", "注意："]),
        ("**注意：**请看", ["注意："]),
        ("これは**「重要」**です", ["「重要」"]),
        ("**스크립트(script)**라고", ["스크립트(script)"]),
        ("看**`code`**这里", ["code"]),
        ("**“强调”**后面", ["“强调”"]),
        ("a**(b)**c", []),
        ("word**!**word", []),
        ("🎉**(x)**y", []),
        ("snake_case_中文_名", []),
        ("** 中文**", []),
    ],
)
def test_emphasis_beside_ideographs_needs_no_spaces(drawer, source, bold):
    [line] = drawer.lines(source)
    assert [text for text, style in line if "strong" in style] == bold
    if bold:
        assert "**" not in "".join(text for text, _ in line)


def test_base_is_under_every_look(drawer):
    assert drawer.lines("a *b*", ("h1",)) == [[("a ", "h1"), ("b", "h1+em")]]


@pytest.mark.parametrize(
    ("source", "same_as"),
    [
        ("a **b", "a **b**"),
        ("[text](http://x", "[text](http://x)"),
        ("[text](http://x 'title'", "[text](http://x)"),
        ("**[text](http://x 'ti", "**[text](http://x)**"),
        ("![alt](pic", "![alt](pic)"),
        ("[text](", "text"),
        ("`f[0](x", "`f[0](x`"),
    ],
)
def test_a_reply_that_was_cut_closes_what_is_open_and_keeps_addresses(drawer, source, same_as):
    assert drawer.cut(source) == drawer.lines(same_as)
