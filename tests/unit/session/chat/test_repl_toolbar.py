"""The line below the input line."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from mira_cli.conversation.history import Conversation
from mira_cli.session.chat.chat import Draft
from mira_cli.session.chat.repl import toolbar


@dataclass
class Options:
    """As far as the toolbar looks."""

    model: str = "mira-pro"


@dataclass
class Session:
    """The same."""

    conversation: Conversation
    options: Options = field(default_factory=Options)


@dataclass
class Chat:
    """The same."""

    session: Session
    files: list = field(default_factory=list)
    draft: Draft = field(default_factory=Draft)


@pytest.fixture
def chat():
    """A chat with a budget of 1,000 tokens."""
    return Chat(Session(Conversation(budget=1_000)))


def test_the_toolbar_tells_tokens_and_messages(chat):
    conversation = chat.session.conversation
    assert toolbar(chat, 80) == "mira-pro · 0 of 1,000 tokens · 0 messages · /help"
    conversation.remember("a" * 40, "b" * 400)
    assert toolbar(chat, 80) == "mira-pro · ~118 of 1,000 tokens · 2 messages · /help"
    sent = conversation.with_question("c")
    conversation.calibrate(sent, 125)
    assert toolbar(chat, 80) == "mira-pro · ~120 of 1,000 tokens · 2 messages · /help"
    conversation.remember("c", "d" * 400)
    conversation.set_count(sent, 225)
    assert toolbar(chat, 80) == "mira-pro · 225 of 1,000 tokens · 4 messages · /help"
    for _ in range(9):
        conversation.remember("a" * 40, "b" * 400)
    assert toolbar(chat, 80) == "mira-pro · ~960 of 1,000 tokens · 22 messages, 6 trimmed · /help"


def test_a_narrow_terminal_keeps_model_and_tokens(chat):
    chat.files.append(("name", "text"))
    assert toolbar(chat, 59) == "mira-pro · 0 of 1,000 tokens"
    assert toolbar(chat, 60) == "mira-pro · 0 of 1,000 tokens · 0 messages · 1 file to send"
    assert toolbar(chat, 80) == "mira-pro · 0 of 1,000 tokens · 0 messages · 1 file to send · /help"


def test_a_draft_that_replaces_a_question_is_shown(chat):
    chat.draft = Draft("first", replaces_last=True)
    assert toolbar(chat, 80).endswith(" · replaces the last question")


def test_a_model_name_drives_no_terminal(chat):
    chat.session.options.model = "x\x1b[2J\ny"
    assert "\x1b" not in toolbar(chat, 80)
    assert "\n" not in toolbar(chat, 80)
