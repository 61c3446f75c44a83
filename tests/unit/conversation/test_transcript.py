"""A conversation as Markdown for people."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mira_cli.conversation.history import Turn
from mira_cli.conversation.talk import Talk
from mira_cli.conversation.transcript import as_markdown


def test_headings_name_who_speaks():
    talk = Talk(
        "Be brief.", (Turn.of("Hi\n", "\nHello"), Turn.of("Bye", "So lo", cut=True)), "mira-pro", "And?"
    )
    assert as_markdown(talk) == (
        "# Conversation with mira-pro\n\n## System\n\nBe brief.\n\n## You\n\nHi\n\n## Mira\n\nHello\n\n"
        "## You\n\nBye\n\n## Mira\n\nSo lo\n\n*(The reply was cut off here.)*\n\n## You\n\nAnd?\n"
    )


def test_nothing_said():
    assert as_markdown(Talk()) == "# Conversation with Mira\n"


@given(st.lists(st.text("`~ab \n", max_size=30), min_size=2, max_size=4))
@settings(max_examples=300, deadline=None)
def test_an_open_fence_swallows_no_heading(texts):
    turns = tuple(Turn.of(text, text) for text in texts)
    headings = [
        token for token in MarkdownIt().parse(as_markdown(Talk(turns=turns))) if token.type == "heading_open"
    ]
    assert len(headings) == 1 + 2 * len(turns)
