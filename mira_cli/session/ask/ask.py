"""`mira ask`: settles what is wanted, and has it answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.history import Conversation
from mira_cli.session.ask.answering import answer
from mira_cli.session.ask.questioning import check_for_question
from mira_cli.session.ask.wish import check_wish
from mira_cli.session.opening import budget_from
from mira_cli.session.settling import open_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.session.ask.wish import AskWish
    from mira_cli.terminal.streams import Streams


def ask(wish: AskWish, flags: Mapping[str, object], streams: Streams, env: Mapping[str, str]) -> None:
    """Ask one question and print the answer.

    Args:
        wish: What is wanted.
        flags: The flags that are settings, by name.
        streams: The standard streams.
        env: The environment.

    Raises:
        MiraError: Whatever went wrong, with its exit code.
        ReaderGone: Nobody reads the answer any more.
    """
    check_wish(wish)
    settings = open_settings(streams, env, flags, quiet=wish.quiet, verbose=wish.verbose)
    check_for_question(wish, streams)
    if wish.conversation is not None:
        from mira_cli.session.ask.continuing import ask_in_file

        ask_in_file(wish.conversation, wish, settings, streams, env)
        return
    answer(wish, settings, Conversation(settings.system, budget=budget_from(settings)), streams, env)
