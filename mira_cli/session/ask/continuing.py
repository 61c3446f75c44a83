"""`mira ask -c FILE`: a question within the conversation that a file keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.file_format import REPLIES_SKIPPED, StoredConversation
from mira_cli.conversation.history import Conversation
from mira_cli.session.ask.answering import answer
from mira_cli.session.conversation_store import open_conversation
from mira_cli.session.opening import budget_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.session.ask.options import AskOptions
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams


def ask_in_file(
    path: str, options: AskOptions, settings: Settings, streams: Streams, env: Mapping[str, str]
) -> None:
    """Read the file, ask, and write it, all under one lock. Any failure leaves the file as it was.

    Raises:
        UsageError: The file is something else, or in use for too long.
        MiraError: The turn failed.
        ReaderGone: Nobody reads the answer any more.
    """

    def waiting() -> None:
        streams.note(f"Waiting for another mira to finish with {path}…")

    with open_conversation(path, longest=settings.timeout, waiting=waiting) as file:
        if settings.source("model") == "default" and file.stored.model:
            settings = settings.with_value("model", file.stored.model, source=path)
        if file.stored.skipped:
            streams.note(REPLIES_SKIPPED)
        system = _system(settings, file.stored)
        conversation = Conversation(system, budget=budget_from(settings), turns=file.stored.turns)
        said = answer(options, settings, conversation, streams, env, pending=file.stored.unanswered)
        if said is not None:
            conversation.remember(*said)
            file.write(StoredConversation.of(conversation, settings.model))


def _system(settings: Settings, stored: StoredConversation) -> str:
    """One typed for this turn, also an empty one; else the conversation's own; else the usual one."""
    if settings.from_flag("system"):
        return settings.system
    return stored.system or settings.system
