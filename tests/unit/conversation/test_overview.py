"""How a conversation looks: what the toolbar counts, and the rows of /context."""

from __future__ import annotations

from mira_cli.conversation.history import Conversation, StoredTurn
from mira_cli.conversation.overview import context_use, message_rows


def talk(count, *, system="", budget=10**6, length=40):
    turns = [StoredTurn.of(f"question {n}".ljust(length), f"reply {n}".ljust(length)) for n in range(count)]
    return Conversation(system, budget=budget, turns=turns)


def test_overview_tells_what_would_be_sent():
    conversation = talk(3, system="Be\nbrief.", budget=70)
    conversation.add(StoredTurn.of("Last\n\tone", "cut re", cut=True))
    conversation.pin(1)
    rows = message_rows(conversation)
    assert [(row.number, row.role) for row in rows[:3]] == [(0, "system"), (1, "user"), (2, "assistant")]
    assert [row.sent for row in rows] == [True, True, True, False, False, False, False, True, True]
    assert [row.pinned for row in rows] == [False, True, True] + 6 * [False]
    assert [row.cut for row in rows] == 8 * [False] + [True]
    assert rows[0].start == "Be brief."
    assert rows[7].start == "Last one"
    assert sum(row.tokens for row in rows if row.sent) == context_use(conversation).tokens


def test_standing():
    use = context_use(talk(3, budget=60))
    assert (use.budget, use.messages, use.trimmed) == (60, 6, 2)
    assert 0 < use.tokens <= 60


def test_looking_never_fails():
    conversation = talk(3, system="x" * 4000, budget=60)
    assert not any(row.sent for row in message_rows(conversation)[1:])
    assert context_use(conversation).trimmed == 6
