"""`mira ask`: settles what is wanted, and has it answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.history import Conversation
from mira_cli.session.ask.answering import answer
from mira_cli.session.ask.options import check_options
from mira_cli.session.ask.questioning import check_for_question
from mira_cli.session.opening import budget_from
from mira_cli.session.settling import open_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.session.ask.options import AskOptions
    from mira_cli.terminal.streams import Streams


def ask(options: AskOptions, flags: Mapping[str, object], streams: Streams, env: Mapping[str, str]) -> None:
    """Ask one question and print the answer.

    Args:
        options: What is wanted.
        flags: The flags that are settings, by name.
        streams: The standard streams.
        env: The environment.

    Raises:
        MiraError: Whatever went wrong, with its exit code.
        ReaderGone: Nobody reads the answer any more.
    """
    check_options(options)
    settings = open_settings(streams, env, flags, quiet=options.quiet, verbose=options.verbose)
    check_for_question(options, streams)
    if options.conversation is not None:
        from mira_cli.session.ask.continuing import ask_in_file

        ask_in_file(options.conversation, options, settings, streams, env)
        return
    answer(options, settings, Conversation(settings.system, budget=budget_from(settings)), streams, env)
