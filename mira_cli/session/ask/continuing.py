"""`mira ask -c FILE`: a question within the conversation that a file keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.history import Conversation
from mira_cli.conversation.talk import LEFT_OUT, Talk
from mira_cli.session.ask.answering import answer
from mira_cli.session.opening import budget_from
from mira_cli.session.talk_file import open_talk

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

    with open_talk(path, longest=settings.timeout, waiting=waiting) as file:
        if settings.source("model") == "default" and file.talk.model:
            settings = settings.with_value("model", file.talk.model, source=path)
        if file.talk.left_out:
            streams.note(LEFT_OUT)
        system = _system(settings, file.talk)
        conversation = Conversation(system, budget=budget_from(settings), turns=file.talk.turns)
        said = answer(options, settings, conversation, streams, env, pending=file.talk.pending)
        if said is not None:
            conversation.remember(*said)
            file.write(Talk.of(conversation, settings.model))


def _system(settings: Settings, talk: Talk) -> str:
    """One typed for this turn, also an empty one; else the conversation's own; else the usual one."""
    if settings.from_flag("system"):
        return settings.system
    return talk.system or settings.system
