"""What a chat came to, in words."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mira_cli.session.chat_balance import Balance


def turn(tokens, *, estimated=False):
    """A turn, as far as the balance looks."""
    usage = SimpleNamespace(total_tokens=tokens, estimated=estimated)
    return SimpleNamespace(result=SimpleNamespace(usage=usage))


@pytest.mark.parametrize(
    ("questions", "turns", "words", "plain"),
    [
        (0, [], "0 questions · 0 tokens", "0 questions, 0 tokens"),
        (1, [turn(7)], "1 question · 7 tokens", "1 question, 7 tokens"),
        (6, [turn(3_000), turn(140)], "6 questions · 3,140 tokens", "6 questions, 3,140 tokens"),
        (2, [turn(5), None], "2 questions · ~5 tokens", "2 questions, about 5 tokens"),
        (2, [turn(5, estimated=True), turn(1)], "2 questions · ~6 tokens", "2 questions, about 6 tokens"),
    ],
)
def test_the_words(questions, turns, words, plain):
    balance = Balance()
    balance.questions = questions
    for one in turns:
        balance.add(one)
    assert balance.words() == words
    assert balance.words(plain=True) == plain
