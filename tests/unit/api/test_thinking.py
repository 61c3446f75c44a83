"""`<think>` blocks are parted from the answer, however the content is split."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.api.thinking import ThinkSplitter


def split(*contents):
    splitter = ThinkSplitter()
    pieces = []
    for content in contents:
        pieces += splitter.feed(content)
    pieces += splitter.finish()
    return "".join(text for text, _ in pieces), "".join(reasoning for _, reasoning in pieces)


@pytest.mark.parametrize(
    ("content", "answer", "reasoning"),
    [
        ("plain", "plain", ""),
        ("<think>why</think>Because.", "Because.", "why"),
        ("<think>why</think>\n\nBecause.\n", "Because.\n", "why"),
        ("\n<think>a</think>\n<think>b</think>c", "\nc", "ab"),
        ("<think></think>x", "x", ""),
        ("<think>never closed", "", "never closed"),
        ("<think>half </thi", "", "half </thi"),
        ("One <think>two</think> three", "One  three", "two"),
        ("The tag <think> opens it.", "The tag <think> opens it.", ""),
        ("Write `<think>` and `</think>`.", "Write `<think>` and `</think>`.", ""),
        ("a < b, <thin", "a < b, <thin", ""),
        ("x</think>y", "x</think>y", ""),
    ],
)
def test_reasoning_and_answer_are_told_apart(content, answer, reasoning):
    assert split(content) == (answer, reasoning)
    assert split(*content) == (answer, reasoning)


def test_reasoning_at_the_start_is_not_held_back():
    splitter = ThinkSplitter()
    assert splitter.feed("<think>so") == [("", "so")]


parts = st.sampled_from(["<think>", "</think>", "<thi", "nk>", "</", "`", "\n", "text ", "<", ">", "й"])


@settings(max_examples=300, deadline=None)
@given(st.lists(parts, max_size=12), st.data())
def test_any_split_gives_the_same(pieces, data):
    content = "".join(pieces)
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(content) - 1)))))
    cut = [content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True) if content[a:b]]
    assert split(*cut) == split(*([content] if content else []))
