"""The grammar: a tree with line numbers, definitions that are kept, what is closed, brackets that cost little."""

from __future__ import annotations

import pytest

from mira_cli.terminal.markdown.grammar import MOST_DEFINED, Grammar, above_definitions, is_closed


def shape(blocks):
    return [(block.kind, block.start, block.end, shape(block.children)) for block in blocks]


def test_blocks_form_a_tree_with_their_lines():
    blocks = Grammar().blocks("# a\n\n- b\n  > c\n")
    assert shape(blocks) == [
        ("heading", 0, 1, []),
        (
            "bullet_list",
            2,
            4,
            [("list_item", 2, 4, [("paragraph", 2, 3, []), ("blockquote", 3, 4, [("paragraph", 3, 4, [])])])],
        ),
    ]
    assert blocks[0].text == "a"
    assert blocks[1].children[0].children[0].text == "b"


def test_definitions_are_kept_unless_on_trial():
    grammar = Grammar()
    grammar.blocks("[a]: /x\n", trial=True)
    assert [token.type for token in grammar.inline("[a]").tokens] == ["text"]
    grammar.blocks("[a]: /y\n")
    assert grammar.inline("[a]").tokens[0].attrs == {"href": "/y"}


def test_a_drawn_block_is_no_heading_and_no_table():
    grammar = Grammar()
    assert grammar.blocks("x\n===\n")[0].kind == "heading"
    assert grammar.blocks("x\n===\n", drawn=0)[0].kind == "paragraph"
    assert grammar.blocks("x|y\n-|-\n")[0].kind == "table"
    assert grammar.blocks("x|y\n-|-\n", drawn=0)[0].kind == "paragraph"
    assert grammar.blocks("x\ny|z\n-|-\n", drawn=0)[1].kind == "table"


def test_labels_that_do_not_end_are_text():
    grammar = Grammar()
    tokens = grammar.inline("[" * 1000 + "![" * 1000 + " [a](b").tokens
    assert {token.type for token in tokens} == {"text"}
    assert [token.type for token in grammar.inline("![a [b](c) d](e)").tokens] == ["image"]


def closed(text):
    lines = text.split("\n")[:-1]
    return is_closed(Grammar().blocks(text)[-1], lines)


@pytest.mark.parametrize(
    "text",
    ["# a\n", "---\n", "a\n===\n", "a\n\n", "```\nx\n```\n", "~~~\n~~~~\n", "> a\n\n", "<!-- a -->\n", "<div>\n\n", "|a|\n|-|\n\n",
     "<script>\n</script>\n", "    a\n\n[r]: u\n", "- a\n\n[r]: u\n"],
)  # fmt: skip
def test_a_block_that_nothing_can_be_added_to_is_closed(text):
    assert closed(text)


@pytest.mark.parametrize(
    "text",
    ["a\n", "- a\n", "- a\n\n", "1. a\n\n\n", "```\nx\n", "```\n``\n", "> a\n", "> a\n>\n", "<!-- a\n", "<div>\n", "|a|\n|-|\n",
     "    a\n", "    a\n\n", "<script>\n\n"],
)  # fmt: skip
def test_a_block_that_may_go_on_is_open(text):
    assert not closed(text)


def test_definitions_stay_with_what_follows():
    assert above_definitions(["a", "", "[b]: c", "[d]: e", "f"], 4, 0) == 2
    assert above_definitions(["a", "[b]: c"], 1, 1) == 1


def test_of_many_definitions_only_the_last_ones_do():
    lines = [f"[{number}]:\n/u".split("\n")[half] for number in range(100) for half in (0, 1)]
    first = above_definitions(lines, len(lines), 0)
    assert 0 < len(lines) - first <= MOST_DEFINED + 1
    assert lines[first].startswith("[")
