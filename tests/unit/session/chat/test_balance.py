"""What a chat came to, in words."""

from __future__ import annotations

import pytest

from mira_cli.conversation.reply import Usage
from mira_cli.session.chat.balance import Balance


def took(tokens, *, estimated=False):
    return Usage(0, tokens, tokens, estimated)


@pytest.mark.parametrize(
    ("questions", "turns", "words", "plain"),
    [
        (0, [], "0 questions · 0 tokens", "0 questions, 0 tokens"),
        (1, [took(7)], "1 question · 7 tokens", "1 question, 7 tokens"),
        (6, [took(3_000), took(140)], "6 questions · 3,140 tokens", "6 questions, 3,140 tokens"),
        (2, [took(5, estimated=True), took(1)], "2 questions · ~6 tokens", "2 questions, about 6 tokens"),
    ],
)
def test_the_words(questions, turns, words, plain):
    balance = Balance()
    balance.questions = questions
    for one in turns:
        balance.add(one)
    assert balance.words() == words
    assert balance.words(plain=True) == plain
