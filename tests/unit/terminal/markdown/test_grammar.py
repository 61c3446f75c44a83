"""The grammar: a tree with line numbers, definitions that are kept, brackets that cost little."""

from mira_cli.terminal.markdown.grammar import Grammar


def shape(blocks):
    return [(block.kind, block.start, block.end, shape(block.children)) for block in blocks]


def test_the_tree():
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
