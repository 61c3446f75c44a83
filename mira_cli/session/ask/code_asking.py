"""`mira ask --code`: of the reply only its code blocks, once it is known to be whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.errors import IncompleteError, MiraError
from mira_cli.session.reply_parts.code_blocks import WITHOUT_CODE_FLAGS, find_code
from mira_cli.session.turn import show_usage, take_turn
from mira_cli.terminal.writers import SilentWriter

if TYPE_CHECKING:
    from mira_cli.session.ask.options import AskOptions
    from mira_cli.session.state import Session
    from mira_cli.session.turn import Turn


def ask_for_code(session: Session, options: AskOptions, question: str) -> Turn:
    """Take the turn and print the first block, or all of them.

    Raises:
        MismatchError: The reply has no such block; nothing was printed.
        IncompleteError: The reply was cut, by the network or by max_tokens; nothing was printed.
        MiraError: The turn failed.
    """
    writer = SilentWriter(session.streams)
    writer.start(session.options.model)
    turn = take_turn(session, question, writer)
    try:
        code = _code_of(turn, options)
    except MiraError:
        show_usage(session, turn)  # it was paid for all the same
        raise
    session.show(code, turn.result)
    writer.done(turn.result)
    return turn


def _code_of(turn: Turn, options: AskOptions) -> str:
    if turn.result.truncated:
        raise IncompleteError(
            "The reply was cut off at its longest; its code may be half of a program.",
            hint=f"Raise --max-tokens. {WITHOUT_CODE_FLAGS}",
            partial=turn.reply.text,
        )
    return find_code(turn.reply.text, options.lang or "", every=options.code_all)
