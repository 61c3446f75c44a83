"""What a chat has used, in summary."""

from __future__ import annotations

import pytest

from mira_cli.conversation.reply import Usage
from mira_cli.session.chat.chat import Totals


def used(tokens, *, estimated=False):
    return Usage(tokens - 1, 1, 999, estimated)


@pytest.mark.parametrize(
    ("questions", "turns", "summary", "plain"),
    [
        (0, [], "0 questions · 0 tokens", "0 questions, 0 tokens"),
        (1, [used(7)], "1 question · 7 tokens", "1 question, 7 tokens"),
        (6, [used(3_000), used(140)], "6 questions · 3,140 tokens", "6 questions, 3,140 tokens"),
        (2, [used(5, estimated=True), used(1)], "2 questions · ~6 tokens", "2 questions, about 6 tokens"),
    ],
)
def test_the_summary(questions, turns, summary, plain):
    totals = Totals()
    totals.questions = questions
    for one in turns:
        totals.add(one)
    assert totals.summary() == summary
    assert totals.summary(plain=True) == plain
