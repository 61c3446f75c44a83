"""Conversations of any length, and the roles of what they send."""

from __future__ import annotations

import re

from mira_cli.conversation.history import Conversation
from mira_cli.conversation.message import StoredTurn

SHAPE = re.compile(r"s?(ua)*u")


def shape(messages):
    return "".join(message.role[0] for message in messages)


def make_conversation(count, *, system="", budget=10**6, length=40):
    turns = [StoredTurn.of(f"question {n}".ljust(length), f"reply {n}".ljust(length)) for n in range(count)]
    return Conversation(system, budget=budget, turns=turns)
