"""`mira chat`: a conversation, typed or piped in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.commands.call import Call, Surroundings


def run(call: Call, around: Surroundings) -> int:
    """Talk as the words and flags say."""
    from mira_cli.session.chat.chat import chat
    from mira_cli.session.chat.options import ChatOptions

    options = ChatOptions(
        words=call.words["question"],
        files=call.texts("file"),
        load=call.text("load"),
        save=call.text("save"),
        raw=call.has("raw"),
        quiet=call.has("quiet"),
        verbose=call.has("verbose"),
    )
    return chat(options, call.settings, around.streams, around.env)
