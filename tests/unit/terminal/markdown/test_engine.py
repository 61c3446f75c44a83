"""Invariant E: whatever the pieces, a stream gives out exactly the rows of one pass over the whole text."""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mira_cli.terminal import cells
from mira_cli.terminal.markdown import blocks, grammar
from mira_cli.terminal.markdown import engine as engine_module
from mira_cli.terminal.markdown.engine import BATCH, Engine
from mira_cli.terminal.markdown.painter import to_ansi
from mira_cli.terminal.markdown.rows import as_wrapped

WIDTHS = (20, 40, 80, 200)
ATOMS = (
    *(
        "- ",
        "* ",
        "+ ",
        "1. ",
        "2) ",
        "12. ",
        "> ",
        ">",
        "  ",
        "    ",
        "\t",
        "# ",
        "***",
        "---",
        "===",
        "- - ",
        "> > ",
    ),
    *(
        "```",
        "~~~py",
        "`",
        "**",
        "*",
        "_",
        "~~",
        "[a]",
        "](",
        "![i](s)",
        "[l](u)",
        "<b",
        "<a href",
        "<div>",
        "</div>",
    ),
    *(
        "<!--",
        "-->",
        "|",
        "-|-",
        "a|b",
        "word",
        "two words",
        "\\",
        "&amp;",
        "  \n",
        "\n",
        "\n\n",
        "\n",
        "\n",
        "\n- ",
    ),
    *(
        "\n  - ",
        "\n    ",
        "\n> ",
        "\n1. ",
        "x",
        "日本語",
        "é",
        "😀",
        "`code`",
        "<br>",
        "**bold**",
        "$",
        "!",
        "[r]",
        "\n\n[r]: u\n\n",
    ),
    "longer words in a row that will be wrapped",
)

soups = st.lists(st.sampled_from(ATOMS), max_size=30).map("".join)
pieces = st.lists(st.integers(1, 15), min_size=1, max_size=5)


def test_every_example_of_commonmark(examples, whole, stream):
    chance = random.Random(1)
    for example in examples:
        for width in WIDTHS:
            wanted = whole(example, width)
            for _ in range(3):
                sizes = [chance.randint(1, 9) for _ in range(5)]
                region, steps = chance.randint(1, 12), chance.randint(1, 3)
                # Exception 1 is left out: links that are defined after their use are known beforehand here.
                found = stream(example, width, sizes, region, steps, define=True)
                assert found == wanted, (example, width, sizes)


def test_an_example_whose_definitions_come_first_is_no_exception(whole, stream):
    text = "[foo]: /url 'title'\n\n[foo] and *[bar][foo]*\n\n> [foo]\n"
    assert stream(text, 80, (1,)) == whole(text, 80)


def test_every_prefix_of_every_example(timeless, whole, stream):
    for example in timeless:
        for end in range(1, len(example)):
            prefix = example[:end]
            assert stream(prefix, 40, (3, 1)) == whole(prefix, 40), prefix


def test_examples_joined_in_pairs_and_triples(timeless, whole, stream):
    chance = random.Random(2)
    for _ in range(1500):
        text = chance.choice(("", "\n", "\n\n")).join(chance.sample(timeless, chance.randint(2, 3)))
        width = chance.choice(WIDTHS)
        sizes = [chance.randint(1, 9) for _ in range(5)]
        assert stream(text, width, sizes) == whole(text, width), (text, width, sizes)


def test_a_long_document_streams_to_the_same_rows(documents, whole, stream):
    chance = random.Random(3)
    for document in documents:
        width = chance.randint(20, 200)
        wanted = whole(document, width)
        for most in (3, 40, 700):
            sizes = [chance.randint(1, most) for _ in range(7)]
            assert stream(document, width, sizes, steps=chance.randint(1, 4)) == wanted


@settings(max_examples=700, deadline=None)
@given(
    text=soups, sizes=pieces, width=st.integers(20, 200), region=st.integers(1, 12), steps=st.integers(1, 4)
)
def test_any_text_in_any_pieces(whole, stream, text, sizes, width, region, steps):
    assume(text.find("[r]") == text.find("[r]:"))  # else it may be used before it is defined: exception 1
    assert stream(text, width, sizes, region, steps) == whole(text, width)


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=80),
    sizes=pieces,
)
def test_any_characters_in_any_pieces(whole, stream, text, sizes):
    assert stream(text, 30, sizes) == whole(text, 30)


@pytest.fixture(params=[(6, BATCH), (25, 30)], ids=["hold6", "hold25"])
def tight(request, monkeypatch):
    """Bounds so low that short texts pass them: paragraphs are cut early, batches are a line or two."""
    hold, batch = request.param
    for module in (grammar, engine_module, blocks):
        monkeypatch.setattr(module, "HOLD", hold)
    monkeypatch.setattr(engine_module, "BATCH", batch)
    monkeypatch.setattr(blocks, "_MARGIN", 3)
    monkeypatch.setattr(blocks, "_LONG_WORD", 6)


def test_any_text_under_tight_bounds(tight, whole, stream):
    chance = random.Random(4)
    for _ in range(1000):
        text = "".join(chance.choices(ATOMS, k=chance.randint(3, 30))).replace("[r]:", "r")
        width = chance.choice((20, 25, 40, 80))
        sizes = [chance.randint(1, 9) for _ in range(5)]
        assert stream(text, width, sizes) == whole(text, width), (text, width, sizes)


@settings(max_examples=150, deadline=None)
@given(text=soups, width=st.integers(20, 100))
def test_no_row_but_code_and_long_words_is_wider_than_the_screen(whole, text, width):
    assume(not any(mark in text for mark in ("```", "~~~", "    ", "\t")))
    longest = max(map(len, text.split()), default=0)
    assert all(cells.width(row.plain) <= width for row in whole(text, width)) or longest > width // 2


@settings(max_examples=150, deadline=None)
@given(text=soups, width=st.integers(20, 100), region=st.integers(1, 12))
def test_no_open_row_is_wider_than_the_screen(look, text, width, region):
    engine = Engine(look)
    engine.feed(text + "```\n" + "long code " * 30)
    still_open = engine.step(width, region)[1]
    assert all(cells.width(row.plain) <= width for row in still_open)
    assert len(still_open) <= region


def test_a_line_of_code_is_one_row_when_it_is_complete_and_wrapped_while_it_is_open(look):
    line = "curl -X POST https://api.example/v1/chat -H 'Content-Type: application/json' \\"
    engine = Engine(look)
    engine.feed(f"```sh\n{line}")
    certain, still_open = engine.step(40, 10)
    assert certain == []
    assert [row.plain for row in still_open] == [line[:40], line[40:]]
    engine.feed("\n")
    assert [row.plain for row in engine.step(40, 10)[0]] == [line]
    assert [row.plain for row in as_wrapped(still_open[0], 20)] == [line[:20], line[20:40]]


def test_the_first_word_is_open_at_once_and_committed_once(look):
    engine = Engine(look)
    engine.feed("Hel")
    assert [row.plain for row in engine.step(80, 10)[1]] == ["Hel"]
    engine.feed("lo\n\nnext")
    certain, still_open = engine.step(80, 10)
    assert [row.plain for row in certain] == ["Hello"]
    assert [row.plain for row in still_open] == ["", "next"]
    assert [row.plain for row in engine.close(80)] == ["", "next"]


def test_a_step_without_news_gives_the_same_open_rows(look):
    engine = Engine(look)
    engine.feed("a *b")
    assert engine.step(80, 10) == engine.step(80, 10)


def test_open_rows_are_drawn_anew_for_another_width(look):
    engine = Engine(look)
    engine.feed("some words to wrap")
    assert len(engine.step(80, 10)[1]) == 1
    assert len(engine.step(10, 10)[1]) == 2


def test_what_is_more_than_the_region_is_counted(look):
    engine = Engine(look)
    engine.feed("word " * 100)
    rows = [row.plain for row in engine.step(20, 5)[1]]
    assert rows[0] == "… 21 rows above"
    assert len(rows) == 5
    assert rows[-1] == "word word word word"


@pytest.mark.parametrize(("width", "region"), [(80, 5), (200, 12)])
def test_rows_above_the_end_of_a_very_long_block_are_told_but_not_counted(look, width, region):
    engine = Engine(look)
    engine.feed("```\n" + "y" * 19_996)
    rows = [row.plain for row in engine.step(width, region)[1]]
    assert rows[0] == "… more rows above"
    assert len(rows) <= region
    assert "".join(rows[1:]).strip("y") == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("para\n--", ["para"]),
        ("1. a\n2", [" 1. a"]),
        ("1. a\n2. *", [" 1. a"]),
        ("1. a\n2. - ", [" 1. a"]),
        ("- a\n- 1", [" • a"]),
        ("1. a\n2. **b", [" 1. a", " 2. b"]),
        ("1. a\n\n2.", []),
        ("42", ["42"]),
        ("#", []),
    ],
)
def test_marks_that_may_become_anything_are_not_shown_yet(look, text, shown):
    engine = Engine(look)
    engine.feed(text)
    assert [row.plain for row in engine.step(80, 10)[1]] == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("some **bo", "some \x1b[1mbo\x1b[0m"),
        ("a `co", "a \x1b[36mco\x1b[0m"),
        ("see [text](http", "see text"),
        ("*a **b", "\x1b[3ma \x1b[0m\x1b[1;3mb\x1b[0m"),
    ],
)
def test_open_markup_is_closed_for_the_eye_only(look, text, shown):
    engine = Engine(look)
    engine.feed(text)
    assert to_ansi(engine.step(80, 10)[1][0]) == shown
    assert engine.close(80)[0].plain == text


def test_of_a_cut_reply_the_open_markup_is_closed(look):
    engine = Engine(look)
    engine.feed("> - some **bo")
    row = engine.close(80, cut=True)[0]
    assert row.plain == "▌  • some bo"
    assert row.spans[-1].style == look.of(("block_quote", "strong"))


def test_long_paragraphs_lists_and_fences_are_given_out_while_they_grow(look):
    for start, line in (
        ("", "words and words "),
        ("- a\n- ", "b\n- "),
        ("```\n", "code\n"),
        ("> ", "a quote\n> "),
    ):
        engine = Engine(look)
        engine.feed(start + line * 400)
        certain, still_open = engine.step(80, 10)
        assert len(certain) > 30, line
        assert len(still_open) <= 10


def test_controls_become_visible(look):
    engine = Engine(look)
    engine.feed("a\x1b[31mb\x9bc\x00\r\ud800")
    assert [row.plain for row in engine.close(80)] == ["a\ufffd[31mb\ufffdc\ufffd\ufffd\ufffd"]


def test_nothing_gives_nothing(look):
    engine = Engine(look)
    assert engine.step(80, 10) == ([], [])
    assert engine.close(80) == []


def test_ten_thousand_blank_lines(stream):
    text = "a\n" + "\n" * 10_000 + "b"
    assert [row.plain for row in stream(text, 80, (500,))] == ["a", "", "b"]


@pytest.mark.parametrize("words", [1, 300])
def test_a_break_at_the_end_of_a_paragraph_leaves_no_empty_row(whole, stream, words):
    text = f"{'word ' * words}<br>\n\nnext"
    assert [row.plain for row in whole(text)][-3:][1:] == ["", "next"]
    assert [row.plain for row in whole(text)][-3].endswith("word")
    assert stream(text) == whole(text)


@pytest.mark.parametrize("space", "\u3000\xa0\u2003")
@pytest.mark.parametrize("text", ["> a\n{}\nb\nc", "> - a\n{}\n  b\n\nc"])
def test_a_line_of_wide_spaces_is_not_blank(whole, stream, text, space):
    text = text.format(space)
    assert stream(text, 80, (1,)) == whole(text)


def test_a_long_line_without_a_space(whole, stream):
    text = "x" * 200_000
    assert stream(text, 80, (1000,)) == whole(text, 80)


def test_of_an_open_line_that_is_too_long_to_be_parsed_for_the_eye_the_end_stands_as_it_came(look):
    engine = Engine(look)
    engine.feed("```\nfirst\n" + "word " * 4000 + "*end*")
    certain, still_open = engine.step(40, 10)
    assert [row.plain for row in certain] == ["first"]
    assert 1 < len(still_open) <= 10
    assert still_open[-1].plain.endswith("word *end*")


def test_definitions_that_are_known_resolve_before_they_come(look):
    engine = Engine(look)
    text = "see [a]\n\n[a]: http://x.y\n"
    engine.define(text)
    engine.feed(text)
    assert [row.plain for row in engine.close(80)] == ["see a (http://x.y)"]
