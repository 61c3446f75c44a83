"""Gathers the question of `mira ask`: words, files, standard input, an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.question import STDIN, compose
from mira_cli.errors import UsageError
from mira_cli.terminal.reading import is_stdin, read_stdin, read_text_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.session.ask.options import AskOptions
    from mira_cli.terminal.streams import Streams

_NOTHING = "No question. Usage: mira ask [OPTIONS] [QUESTION]..."
_EXAMPLES = "Try: mira ask \"What is machine learning?\"   or: git diff | mira ask 'Review this change'"


def check_for_question(options: AskOptions, streams: Streams) -> None:
    """Check, before anything is waited for, that a question can come from somewhere.

    Raises:
        UsageError: There is none.
    """
    if options.no_stdin and STDIN in (*options.words, *_names(options)):
        raise UsageError("- means standard input, but --no-stdin was given.", hint="Use only one.")
    silent = streams.stdin is None or options.no_stdin
    if silent and not options.edit and not options.files and not any(word.strip() for word in options.words):
        raise UsageError(_NOTHING, hint=_EXAMPLES)


def gather(options: AskOptions, streams: Streams, env: Mapping[str, str], pending: str) -> str:
    """The whole question as it is sent.

    Args:
        options: The options of the command.
        streams: Where standard input is read from.
        env: The environment, for an editor.
        pending: An unanswered question of the conversation, sent with this one; "" for none.

    Raises:
        UsageError: There is none, or an input cannot be read.
        TooLargeError: An input is beyond what is read.
    """
    piped, names = "", _names(options)
    if names.count(STDIN) > 1 or (STDIN in names and STDIN in options.words):
        raise UsageError(
            "Standard input can be read only once, but - is given more than once.", hint="Use only one."
        )
    if STDIN not in names and not options.no_stdin:
        piped = read_stdin(streams)
    files = [(name, read_text_file(name, streams)) for name in names]
    words = options.words
    if options.edit:
        from mira_cli.session.editing import write_in_editor

        words = (write_in_editor(" ".join(words), env),)
    question = compose(words, piped, files)
    if not question.strip():
        raise UsageError(_NOTHING, hint=_EXAMPLES)
    return f"{pending}\n\n{question}" if pending else question


def _names(options: AskOptions) -> list[str]:
    """The files' names; `-` for every name of standard input."""
    return [STDIN if is_stdin(name) else name for name in options.files]
