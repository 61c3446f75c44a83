"""`mira ask`: one question, one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.commands.call import Call, Surroundings


def run(call: Call, around: Surroundings) -> int:
    """Ask as the words and flags say."""
    from mira_cli.session.ask.options import AskOptions, form_of
    from mira_cli.session.ask.run import ask

    options = AskOptions(
        words=call.words["question"],
        files=call.texts("file"),
        conversation=call.text("conversation"),
        edit=call.has("edit"),
        code=call.has("code"),
        lang=call.text("lang"),
        code_all=call.has("code_all"),
        raw=call.has("raw"),
        form=form_of(json=call.has("json"), events=call.has("events")),
        json_reply=call.has("json_reply"),
        schema=call.text("schema"),
        reask=not call.has("no_reask"),
        dry_run=call.has("dry_run"),
        no_stdin=call.has("no_stdin"),
        quiet=call.has("quiet"),
        verbose=call.has("verbose"),
    )
    ask(options, call.settings, around.streams, around.env)
    return 0
