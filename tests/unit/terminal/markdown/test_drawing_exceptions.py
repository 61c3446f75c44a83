"""The exceptions to invariant E, as the package lists them, each where it begins and not before."""

from __future__ import annotations

import pytest

from mira_cli.terminal.markdown.blocks import LONGEST_OPEN
from mira_cli.terminal.markdown.drawing import Drawing
from mira_cli.terminal.markdown.grammar import DEEPEST, HOLD, Grammar
from mira_cli.terminal.markdown.look import Look
from mira_cli.terminal.markdown.table import MOST_ROWS
from rig.drawing import render


def texts(rows):
    return [row.plain for row in rows]


def test_1_a_definition_after_its_use_is_not_known_to_a_stream(whole, stream):
    late = "see [a]\n\n[a]: http://x.example\n"
    assert texts(whole(late)) == ["see a (http://x.example)"]
    assert texts(stream(late)) == ["see [a]"]
    assert render(late, 80).startswith("see ")
    assert "http://x.example" in render(late, 80)
    early = "[a]: http://x.example\n\nsee [a]\n"
    assert stream(early, 80, (1,)) == whole(early)


def table(rows):
    return "| a | b |\n|---|---|\n" + "".join(f"| {number} | x |\n" for number in range(rows))


def test_2_a_table_keeps_the_widths_of_its_first_rows(whole, stream):
    at_the_bound = table(MOST_ROWS - 1) + "| a wide cell | x |\n"
    assert stream(at_the_bound, 80, (900,)) == whole(at_the_bound)
    assert texts(whole(at_the_bound))[2] == "0            x"
    past = table(MOST_ROWS) + "| a wide cell | x |\n"
    assert texts(whole(past))[2] == "0     x"
    assert texts(whole(past))[-3:] == ["a     x", "wide", "cell"]
    assert stream(past, 80, (900,)) == whole(past)


@pytest.mark.parametrize("opener", ["**", "`", "[", "<a ", "~~", "_"])
def test_3_markup_that_is_open_for_long_is_taken_as_it_stands(whole, stream, opener):
    closer = {"[": "](u)", "<a ": ">"}.get(opener, opener)
    near = opener + "word " * (LONGEST_OPEN // 5 - 40) + "end" + closer
    assert stream(near, 80, (400,)) == whole(near)
    far = opener + "word " * (LONGEST_OPEN // 2) + "end" + closer
    assert texts(stream(far, 80, (400,)))[0].startswith(opener)
    assert "".join(texts(stream(far, 80, (400,)))).count("word") == LONGEST_OPEN // 2


def test_3_markup_that_is_never_closed_is_no_exception(whole, stream):
    text = "**" + "word " * LONGEST_OPEN
    assert stream(text, 80, (400,)) == whole(text)


@pytest.mark.parametrize(("underline", "tag"), [("===", "h1"), ("---", "h2")])
def test_4_a_setext_heading_has_a_greatest_length(whole, stream, underline, tag):
    heading = f"{'h' * HOLD}\n{underline}\n"
    assert [(block.kind, block.token.tag) for block in Grammar().blocks(heading)] == [("heading", tag)]
    assert stream(heading, 80, (50,)) == whole(heading)
    paragraph = f"h{heading}"
    assert Grammar().blocks(paragraph)[0].kind == "paragraph"
    assert stream(paragraph, 80, (50,)) == whole(paragraph)


def test_4_the_header_of_a_table_has_a_greatest_length(whole, stream):
    for size, kind in ((HOLD, "table"), (HOLD + 1, "paragraph")):
        text = f"{'| a |'.ljust(size - 1, ' ')}|\n|---|\n".replace("| a |", "| a  ")
        assert Grammar().blocks(text)[0].kind == kind
        assert stream(text, 80, (50,)) == whole(text)


def test_5_what_nests_too_deep_is_a_paragraph_and_not_lost(whole, stream):
    for depth in (5, DEEPEST, 200):
        text = "> " * depth + "word\n\nafter\n"
        assert "word" in " ".join(texts(whole(text)))
        assert stream(text, 80, (7,)) == whole(text)


def test_6_what_is_drawn_keeps_its_width(new_terminal):
    terminal = new_terminal(40, 20)
    now = [0.0]
    drawing = Drawing(terminal.write, terminal.size, Look(color=True), clock=lambda: now[0])
    drawing.feed("words that fill more than thirty cells\n\nnext")
    terminal.screen.resize(20, 60)
    now[0] = 1
    drawing.feed(" words that fill more than thirty cells as well")
    drawing.close()
    assert terminal.rows() == [
        "words that fill more than thirty cells",
        "",
        "next words that fill more than thirty cells as well",
    ]
